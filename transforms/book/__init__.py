"""Tasks from teaching text: chapters of books and guides in Markdown."""
