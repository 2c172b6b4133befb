"""A Hex repository and its HTTP API on this machine, written from Hex's published specifications.

`world` is what there is and what happens to it, `registry`, `tarball` and `api` are how it is told
to the outside, `server` serves it on loopback with faults, `repack` makes packages of real source.
Nothing here knows the adapter under test: two readings of the specification meet in the tests.
"""
