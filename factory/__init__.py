"""Elixir Factory: from Elixir source as it stands in the world to versioned training datasets.

The ground floor. It knows what a dataset is (two records, a registry, a build, a store) and meets
sources, transforms, trainers and suites only through plugins.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("elixir-factory")
except PackageNotFoundError:  # running from a checkout that was never installed
    __version__ = "0.0.0"
