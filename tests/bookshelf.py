"""A small book, written here, as a user may have it: an EPUB, a PDF and a folder of Markdown."""

from __future__ import annotations

from pathlib import Path

from markdown_it import MarkdownIt

from tests.sources.books.epubs import epub, links, page

FILE = "lending-processes.epub"

CHAPTERS = {
    "The pipe operator": """\
# The pipe operator

The pipe operator takes the value on its left and hands it to the function on its right as the
first argument. Code that would be read from the inside to the outside is then read from left to
right, in the order in which it happens.

```elixir
"  Grace Hopper "
|> String.trim()
|> String.split(" ")
|> Enum.map(&String.first/1)
|> Enum.join()
```

Each step gets what the step before it gave. The expression above trims the name, splits it into
words, takes the first letter of each, and joins these letters to `"GH"`.

## Exercises

1. Write a function `Names.initials/1` that gives the initials of a full name in upper case, so that
   `Names.initials("ada lovelace")` is `"AL"`.

## Solutions

1. Split the name, take the first letters, and join them:

   ```elixir
   defmodule Names do
     def initials(name) do
       name
       |> String.split()
       |> Enum.map(&String.first/1)
       |> Enum.join()
       |> String.upcase()
     end
   end
   ```
""",
    "Processes": """\
# Processes

A process is the unit of concurrency in Elixir. It has memory of its own and shares none of it:
processes talk to each other by sending messages, and each has a mailbox in which messages wait
until it asks for them.

```elixir
parent = self()

spawn(fn ->
  send(parent, {:answer, 6 * 7})
end)

receive do
  {:answer, number} -> number
after
  1_000 -> :nobody_answered
end
```

The function `spawn/1` starts a process that runs the given function and ends. Here it sends a tuple
to its parent, which waits for a message that matches the pattern `{:answer, number}` and gives up
after a second. Messages that match no pattern stay in the mailbox.

## Keeping state

A process keeps state by calling itself: each round of the loop gets the state as an argument, waits
for a message, and goes on with a new state. This is how a counter is kept without any variable that
changes.

```elixir
defmodule Counter do
  def start, do: spawn(fn -> loop(0) end)

  defp loop(count) do
    receive do
      :increment ->
        loop(count + 1)

      {:get, from} ->
        send(from, {:count, count})
        loop(count)
    end
  end
end
```

Since the call to `loop/1` is the last thing that happens in each branch, it needs no stack, and the
process can run for ever.
""",
}

NOTES = """\
# Pattern matching

The match operator compares the shape of the value on its right with the pattern on its left, and
binds the variables of the pattern to the parts that they stand for. When the shapes differ, it
raises a `MatchError`.

```elixir
{:ok, [first | rest]} = {:ok, [1, 2, 3]}
{first, rest}
```

The pattern above asks for a tuple of two elements: the first is the atom `:ok`, the second a list
that is not empty, so `first` is `1` and `rest` is `[2, 3]`. Matching the same pattern against
`{:error, :empty}` would raise.
"""

PRINTED = """\
# Guards

A guard narrows a clause further than its pattern can: the clause is chosen only if the pattern
matches and the expression after `when` is true. Only functions that cannot have side effects may
stand in a guard, such as comparisons and type checks.

```elixir
defmodule Temperature do
  def feel(degrees) when is_number(degrees) and degrees < 10, do: :cold
  def feel(degrees) when is_number(degrees) and degrees < 25, do: :pleasant
  def feel(degrees) when is_number(degrees), do: :hot
end
```

Clauses are tried from top to bottom, so the second one need not say that the temperature is at
least ten degrees. A call such as `Temperature.feel("warm")` matches no clause, because each guard
asks for a number, and raises a `FunctionClauseError`.
"""


def lay(folder: Path) -> Path:
    """The three books in `folder`."""
    render = MarkdownIt().render
    folder.mkdir(parents=True, exist_ok=True)
    files = {f"{number}.xhtml": page(render(text)) for number, text in enumerate(CHAPTERS.values())}
    epub(
        folder / FILE,
        files,
        links(*((title, f"{number}.xhtml") for number, title in enumerate(CHAPTERS))),
        metadata="<dc:title>Lending Processes</dc:title><dc:creator>A. Writer</dc:creator>",
    )
    notes = folder / "notes"
    notes.mkdir()
    (notes / "01-pattern-matching.md").write_text(NOTES)
    _pdf(folder / "printed.pdf", render(PRINTED))
    return folder


def _pdf(path: Path, html: str) -> None:
    """What a browser's print of the chapter would be, as PyMuPDF lays it out."""
    import pymupdf

    style = "pre, code { font-family: monospace; font-size: 9px } body { font-size: 11px }"
    story = pymupdf.Story(html=html, user_css=style)
    writer = pymupdf.DocumentWriter(str(path))
    paper = pymupdf.paper_rect("a5")
    inside = pymupdf.Rect(36, 36, paper.x1 - 36, paper.y1 - 36)
    more = True
    while more:
        device = writer.begin_page(paper)
        more, _ = story.place(inside)
        story.draw(device)
        writer.end_page()
    writer.close()
