"""`commit`: from what a commit says and the code before it to the code after it."""

from transforms.commit.transform import Commit

__all__ = ["Commit"]
