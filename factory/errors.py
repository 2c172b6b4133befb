"""The ground floor's exceptions. Each message says what went wrong, where, and what to do next."""


class FactoryError(Exception):
    """Something failed although it was asked rightly: the command ends with exit code 1."""

    exit_code = 1


class RequestError(FactoryError):
    """The request itself is wrong (a name, an option, a registry entry): exit code 2."""

    exit_code = 2


class SourceError(FactoryError):
    """A source could not list or read a release. The build goes on without it unless `--strict`."""


class ArchiveRefusedError(SourceError):
    """An archive holds something that is not safe to unpack; the message names the member."""
