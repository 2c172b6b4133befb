"""Books: what readers of PDF and EPUB share, and the source made of them."""

from sources.books.source import Books

__all__ = ["Books"]
