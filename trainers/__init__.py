"""Training backends, techniques and recipes: none yet, they arrive with a later issue."""
