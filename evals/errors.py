"""The harness's exceptions; the base decides the exit code, as in all of our commands."""

from __future__ import annotations

from factory.errors import FactoryError, RequestError


class EvalError(FactoryError):
    """A run failed although it was asked rightly: exit code 1."""


class SuiteError(RequestError):
    """A suite, a problem or a file of candidates is not what it should be: exit code 2. The
    message names the file and, where there is one, the line and key."""


class SandboxError(EvalError):
    """No sandbox can be had, or it broke. The message says what to install or to try."""
