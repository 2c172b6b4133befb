"""Training backends, techniques and recipes. They arrive with a later issue; nothing is registered yet."""
