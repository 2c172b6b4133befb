"""Elixir Factory: from Elixir source as it stands in the world to versioned training datasets.

The ground floor. It knows what a dataset is (two records, a registry, a build, a store) and meets
sources, transforms, trainers and suites only through plugins.
"""

from importlib import metadata

try:
    __version__ = metadata.version("elixir-factory")
except metadata.PackageNotFoundError:  # running from a checkout that was never installed
    __version__ = "0.0.0"
