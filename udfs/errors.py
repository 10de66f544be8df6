"""The tree of foreseen errors: each ends a run with one message and an exit code; anything else is a bug and a traceback."""

from typing import ClassVar


class GristmillError(Exception):
    """End a run in a way that is foreseen; the message says what was wrong, what it means for the run, and what to do next."""

    exit_code: ClassVar[int] = 1


class RefusedError(GristmillError):
    """Refuse to run: the usage, the recipe, the input or the machine is not right."""

    exit_code = 2
