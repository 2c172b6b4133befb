defmodule TextWrapTest do
  use ExUnit.Case, async: true

  test "fills lines greedily" do
    assert TextWrap.wrap("the quick brown fox", width: 10) == ["the quick", "brown fox"]
    assert TextWrap.wrap("a b c d e", width: 3) == ["a b", "c d", "e"]
    assert TextWrap.wrap("aaa bbb", width: 7) == ["aaa bbb"]
    assert TextWrap.wrap("aaa bbb", width: 6) == ["aaa", "bbb"]
  end

  test "takes any blank space between words as one space" do
    assert TextWrap.wrap("  one\t two\nthree   four ", width: 80) == ["one two three four"]
  end

  test "indents the first line and hangs the others" do
    assert TextWrap.wrap("one two three", width: 8, indent: 2) == ["  one", "two", "three"]

    assert TextWrap.wrap("one two three four", width: 10, hanging: 3) ==
             ["one two", "   three", "   four"]

    assert TextWrap.wrap("one two\n\none two", width: 9, indent: 1, hanging: 4) ==
             [" one two", "", " one two"]
  end

  test "cuts words that are wider than a line" do
    assert TextWrap.wrap("abcdefghij", width: 4) == ["abcd", "efgh", "ij"]
    assert TextWrap.wrap("ab cdefgh i", width: 4) == ["ab", "cdef", "gh i"]
    assert TextWrap.wrap("abcdef", width: 4, indent: 1, hanging: 2) == [" abc", "  de", "  f"]
    assert TextWrap.wrap("abcd efgh", width: 4) == ["abcd", "efgh"]
  end

  test "a word that fits on a line of its own is not cut because of the margins before it" do
    assert TextWrap.wrap("abc defg", width: 6, hanging: 2) == ["abc", "  defg"]
    assert TextWrap.wrap("abc defgh", width: 6, hanging: 2) == ["abc", "  defg", "  h"]
  end

  test "counts graphemes, not code points or bytes" do
    assert TextWrap.wrap("äöü ßß é", width: 6) == ["äöü ßß", "é"]
    decomposed = "e\u0301"

    assert TextWrap.wrap("#{decomposed}#{decomposed} ab", width: 5) == [
             "#{decomposed}#{decomposed} ab"
           ]

    assert TextWrap.wrap("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", width: 2) == ["👨‍👩‍👧👨‍👩‍👧", "👨‍👩‍👧"]
  end

  test "keeps paragraphs apart by one empty line" do
    text = "\n \none two\nthree\n\n  \t\n\nfour\n\nfive\n\n"
    assert TextWrap.wrap(text, width: 20) == ["one two three", "", "four", "", "five"]
  end

  test "text without words has no lines" do
    assert TextWrap.wrap("", width: 5) == []
    assert TextWrap.wrap(" \n\n\t ", width: 5, indent: 2) == []
  end
end
