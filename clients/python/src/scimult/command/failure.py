"""Failures of the command: one line that says what to do."""

from __future__ import annotations

from ..errors import ScimultError, UnauthenticatedError, UnavailableError


class CommandFailed(Exception):
    """The work failed, with this reason: exit code 1."""


class WrongUse(Exception):
    """The command line is invalid: exit code 2."""


def reason_of(error: Exception) -> str:
    """Returns why one document cannot be used, without the document's position."""
    if not isinstance(error, ScimultError):
        # The client's own messages begin with the position.
        return str(error).partition(": ")[2]
    reasons = [violation.description for violation in error.violations]
    return " ".join((reasons[0] if reasons else error.message).split())


def in_one_line(error: Exception, servers: list[str]) -> str:
    """Returns the message for an error, with what the user can do."""
    if isinstance(error, UnavailableError):
        return (
            f"no server answers at {', '.join(servers)} ({error.message}): "
            "start one (scimult serve), or name it with --server"
        )
    if isinstance(error, UnauthenticatedError):
        return f"{error.message}: give a token of the server with --token-file"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    text = error.message if isinstance(error, ScimultError) else str(error)
    return " ".join(text.split())
