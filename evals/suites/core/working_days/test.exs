defmodule WorkingDaysTest do
  use ExUnit.Case, async: true

  @easter [~D[2024-03-29], ~D[2024-04-01]]

  test "goes forward over weekends and holidays" do
    assert WorkingDays.add(~D[2024-03-28], 1, @easter) == ~D[2024-04-02]
    assert WorkingDays.add(~D[2024-03-28], 1, []) == ~D[2024-03-29]
    assert WorkingDays.add(~D[2024-03-29], 1, []) == ~D[2024-04-01]
    assert WorkingDays.add(~D[2024-03-27], 2, @easter) == ~D[2024-04-02]
    assert WorkingDays.add(~D[2024-03-30], 5, @easter) == ~D[2024-04-08]
    assert WorkingDays.add(~D[2024-02-26], 10, []) == ~D[2024-03-11]
  end

  test "goes back over weekends and holidays" do
    assert WorkingDays.add(~D[2024-04-02], -1, @easter) == ~D[2024-03-28]
    assert WorkingDays.add(~D[2024-04-01], -1, []) == ~D[2024-03-29]
    assert WorkingDays.add(~D[2024-03-31], -2, []) == ~D[2024-03-28]
    assert WorkingDays.add(~D[2024-01-02], -3, [~D[2024-01-01]]) == ~D[2023-12-27]
  end

  test "no days lead to the next working day, or stay" do
    assert WorkingDays.add(~D[2024-03-28], 0, @easter) == ~D[2024-03-28]
    assert WorkingDays.add(~D[2024-03-29], 0, @easter) == ~D[2024-04-02]
    assert WorkingDays.add(~D[2024-03-30], 0, []) == ~D[2024-04-01]
    assert WorkingDays.add(~D[2024-03-31], 0, []) == ~D[2024-04-01]
  end

  test "counts both ends" do
    assert WorkingDays.count(~D[2024-01-01], ~D[2024-01-07], [~D[2024-01-01]]) == 4
    assert WorkingDays.count(~D[2024-01-05], ~D[2024-01-05], []) == 1
    assert WorkingDays.count(~D[2024-01-06], ~D[2024-01-07], []) == 0
    assert WorkingDays.count(~D[2024-01-05], ~D[2024-01-04], []) == 0
    assert WorkingDays.count(~D[2024-01-05], ~D[2023-01-04], [~D[2023-05-05]]) == 0
    assert WorkingDays.count(~D[2024-01-06], ~D[2024-01-15], []) == 6
  end

  test "counts every span as one day after the other" do
    for first <- 1..7, length <- 0..15 do
      from = Date.new!(2024, 1, first)
      to = Date.add(from, length)
      expected = Enum.count(Date.range(from, to), &(Date.day_of_week(&1) in 1..5))
      assert WorkingDays.count(from, to, []) == expected
    end
  end

  test "a holiday counts once, only within the span and on weekdays" do
    holidays = [
      ~D[2024-05-01],
      ~D[2024-05-09],
      ~D[2024-05-01],
      ~D[2024-05-05],
      ~D[2024-04-30],
      ~D[2024-05-11],
      ~D[2024-05-13]
    ]

    assert WorkingDays.count(~D[2024-05-01], ~D[2024-05-12], holidays) == 6
    assert WorkingDays.count(~D[2024-04-30], ~D[2024-05-13], holidays) == 6
  end

  test "counts centuries" do
    assert WorkingDays.count(~D[0001-01-01], ~D[9999-12-31], []) == 2_608_615
    assert WorkingDays.count(~D[1600-01-01], ~D[1999-12-31], [~D[1700-01-01]]) == 104_354
  end

  test "finds weekdays of a month from both ends" do
    assert WorkingDays.nth_weekday(2024, 11, 4, 4) == {:ok, ~D[2024-11-28]}
    assert WorkingDays.nth_weekday(2024, 9, 7, 1) == {:ok, ~D[2024-09-01]}
    assert WorkingDays.nth_weekday(2024, 9, 6, 1) == {:ok, ~D[2024-09-07]}
    assert WorkingDays.nth_weekday(2024, 5, 1, -1) == {:ok, ~D[2024-05-27]}
    assert WorkingDays.nth_weekday(2024, 3, 7, -1) == {:ok, ~D[2024-03-31]}
    assert WorkingDays.nth_weekday(2024, 3, 1, -4) == {:ok, ~D[2024-03-04]}
    assert WorkingDays.nth_weekday(2024, 2, 4, 5) == {:ok, ~D[2024-02-29]}
    assert WorkingDays.nth_weekday(2024, 2, 4, -5) == {:ok, ~D[2024-02-01]}
  end

  test "there may be no such weekday" do
    assert WorkingDays.nth_weekday(2023, 2, 4, 5) == :error
    assert WorkingDays.nth_weekday(2024, 2, 5, -5) == :error
    assert WorkingDays.nth_weekday(2024, 2, 4, 0) == :error
    assert WorkingDays.nth_weekday(2024, 2, 4, 54) == :error
    assert WorkingDays.nth_weekday(2024, 12, 2, 6) == :error
  end

  test "knows Easter and the number of weeks" do
    years = [1818, 1943, 1954, 1981, 2000, 2008, 2011, 2024, 2025, 2038, 2049, 2076, 2100]

    assert Enum.map(years, &WorkingDays.easter/1) == [
             ~D[1818-03-22],
             ~D[1943-04-25],
             ~D[1954-04-18],
             ~D[1981-04-19],
             ~D[2000-04-23],
             ~D[2008-03-23],
             ~D[2011-04-24],
             ~D[2024-03-31],
             ~D[2025-04-20],
             ~D[2038-04-25],
             ~D[2049-04-18],
             ~D[2076-04-19],
             ~D[2100-03-28]
           ]

    assert Enum.filter(2000..2040, &(WorkingDays.weeks(&1) == 53)) ==
             [2004, 2009, 2015, 2020, 2026, 2032, 2037]

    assert Enum.all?([2003, 2014, 2021, 2025], &(WorkingDays.weeks(&1) == 52))
  end
end
