# capabilities:
defmodule Days do
  @weekdays ~w(Mon Tue Wed Thu Fri Sat Sun)
  @leap ~D[2024-02-29]

  def name(%Date{} = date), do: Enum.at(@weekdays, Date.day_of_week(date) - 1)
  def add(date, n), do: Date.add(date, n)
  def range(a, b), do: a |> Date.range(b) |> Enum.reject(&(Date.day_of_week(&1) > 5))
  def parse(text), do: with({:ok, date} <- Date.from_iso8601(text), do: Calendar.strftime(date, "%d.%m.%Y"))
  def leap?, do: Date.leap_year?(@leap)
  def age(born, today \\ Date.utc_today()), do: div(Date.diff(today, born), 365)
  def stamp, do: DateTime.utc_now() |> DateTime.truncate(:second) |> DateTime.to_iso8601()
  def sort(dates), do: Enum.sort(dates, {:desc, Date})
  def first(dates), do: Enum.min(dates, Date)
end
