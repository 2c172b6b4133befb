"""`hex`: releases of packages from Hex.pm, a mirror of it, or a repository of one's own."""
