"""The suites that come with the harness, each a folder of problems beside this file.

Their entry points (group `evals.suites`) name the functions here, as a stranger's suite would name
one of its own.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def otp() -> Path:
    """Processes, supervision, ETS, state machines: what OTP is for."""
    return _HERE / "otp"


def core() -> Path:
    """The language and its standard library, without processes."""
    return _HERE / "core"
