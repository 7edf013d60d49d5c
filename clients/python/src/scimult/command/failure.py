"""How the command fails: in one line, that says what to do."""

from __future__ import annotations

from ..errors import ScimultError, UnauthenticatedError, UnavailableError


class CommandFailed(Exception):
    """The work failed, for this reason: exit code 1."""


class WrongUse(Exception):
    """The command line asks for what makes no sense: exit code 2."""


def reason_of(error: Exception) -> str:
    """Why one document cannot be used, without its place among those that were passed."""
    if not isinstance(error, ScimultError):
        # The client's own words begin with the place.
        return str(error).partition(": ")[2]
    reasons = [violation.description for violation in error.violations]
    return " ".join((reasons[0] if reasons else error.message).split())


def in_one_line(error: Exception, servers: list[str]) -> str:
    """What to tell of an error, and what the caller can do."""
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
