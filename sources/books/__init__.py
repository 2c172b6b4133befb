"""Books: what readers of PDF and EPUB share, and the source made of them."""
