defmodule WorkingDays do
  @moduledoc "Working days, and other dates that follow rules."

  @doc "The date `n` working days away."
  def add(date, n, holidays) do
    holidays = MapSet.new(holidays)

    case n do
      0 -> date |> days(1) |> Enum.find(&working?(&1, holidays))
      n when n > 0 -> date |> Date.add(1) |> nth(1, n, holidays)
      n -> date |> Date.add(-1) |> nth(-1, -n, holidays)
    end
  end

  defp nth(date, step, n, holidays) do
    date |> days(step) |> Stream.filter(&working?(&1, holidays)) |> Enum.at(n - 1)
  end

  defp days(date, step), do: Stream.iterate(date, &Date.add(&1, step))

  @doc "How many working days there are from one date to another."
  def count(from, to, holidays) do
    if Date.after?(from, to), do: 0, else: weekdays(from, to) - lost(from, to, holidays)
  end

  # Whole weeks have five, the days that are left are counted.
  defp weekdays(from, to) do
    days = Date.diff(to, from) + 1
    first = Date.day_of_week(from)
    left = for offset <- 0..(rem(days, 7) - 1)//1, rem(first - 1 + offset, 7) < 5, do: offset
    5 * div(days, 7) + length(left)
  end

  defp lost(from, to, holidays) do
    holidays
    |> Enum.uniq()
    |> Enum.count(fn day ->
      weekday?(day) and not Date.before?(day, from) and not Date.after?(day, to)
    end)
  end

  @doc "The `n`th weekday of a month, from its end for a negative `n`."
  def nth_weekday(year, month, weekday, n) do
    first = Date.new!(year, month, 1)
    last = Date.end_of_month(first)

    date =
      if n > 0 do
        Date.add(first, Integer.mod(weekday - Date.day_of_week(first), 7) + 7 * (n - 1))
      else
        Date.add(last, 7 * (n + 1) - Integer.mod(Date.day_of_week(last) - weekday, 7))
      end

    if n != 0 and date.month == month and date.year == year, do: {:ok, date}, else: :error
  end

  @doc "Easter Sunday, by Butcher's rule."
  def easter(year) do
    a = rem(year, 19)
    {b, c} = {div(year, 100), rem(year, 100)}
    g = div(b - div(b + 8, 25) + 1, 3)
    h = rem(19 * a + b - div(b, 4) - g + 15, 30)
    l = rem(32 + 2 * rem(b, 4) + 2 * div(c, 4) - h - rem(c, 4), 7)
    m = div(a + 11 * h + 22 * l, 451)
    days = h + l - 7 * m + 114
    Date.new!(year, div(days, 31), rem(days, 31) + 1)
  end

  @doc "The number of ISO weeks of a year."
  def weeks(year) do
    first = Date.new!(year, 1, 1)

    case {Date.day_of_week(first), Date.leap_year?(first)} do
      {4, _leap} -> 53
      {3, true} -> 53
      _other -> 52
    end
  end

  defp working?(date, holidays), do: weekday?(date) and date not in holidays

  defp weekday?(date), do: Date.day_of_week(date) < 6
end
