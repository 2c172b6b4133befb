# check: Pair.palindrome?("Level") == true
# check: Pair.palindrome?("ab") == false

# idiomatic
defmodule Pair do
  def palindrome?(text) do
    letters = String.downcase(text)
    letters == String.reverse(letters)
  end
end

# plain
defmodule Pair do
  def palindrome?(text) do
    graphemes = String.graphemes(String.downcase(text))

    if graphemes == Enum.reverse(graphemes) do
      true
    else
      false
    end
  end
end
