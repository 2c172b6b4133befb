"""`idiom`: the same function written another way, by rules that keep its meaning."""

from transforms.idiom.transform import Idiom, IdiomOptions

__all__ = ["Idiom", "IdiomOptions"]
