"""One module (or package) per place that source comes from; each is a plugin of its own."""
