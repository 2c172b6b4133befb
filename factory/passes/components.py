"""Connected components of a graph whose edges arrive in batches, on NumPy arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]


class Components:
    """Union-find over the numbers 0 to `count` - 1.

    A component is named by its smallest member, so the result does not depend on the order in
    which edges came. Memory is 8 bytes a number; a batch of edges costs a few passes over it.
    """

    def __init__(self, count: int) -> None:
        self._parent: I64 = np.arange(count, dtype=np.int64)

    def roots(self, members: I64) -> I64:
        """The smallest member of each one's component."""
        found = members
        while True:
            above = self._parent[found]
            if np.array_equal(above, found):
                self._parent[members] = found
                return found
            found = above

    def join(self, left: I64, right: I64) -> None:
        """Adds the edges left[i] - right[i]."""
        while True:
            one, other = self.roots(left), self.roots(right)
            apart = one != other
            if not apart.any():
                return
            low = np.minimum(one[apart], other[apart])
            np.minimum.at(self._parent, np.maximum(one[apart], other[apart]), low)

    def all_roots(self) -> I64:
        """For every number, the smallest member of its component."""
        return self.roots(np.arange(len(self._parent), dtype=np.int64))
