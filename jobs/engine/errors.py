"""The driver's part of the tree of foreseen errors, with the exit code of each (docs/commands.md)."""

from udfs.errors import GristmillError as GristmillError
from udfs.errors import RefusedError as RefusedError


class RecipeError(RefusedError):
    """Say everything that is wrong with a recipe, or with how it is used, and what to do about it."""


class LeaseError(RefusedError):
    """Say that another run has the root: who, since when, and how to go on."""


class LostLeaseError(GristmillError):
    """Say that another run has taken the root over while this one did not answer; this one wrote nothing more."""

    exit_code = 2


class LedgerError(GristmillError):
    """Say that a stage lost or invented records, and where."""

    exit_code = 4


class AlarmError(GristmillError):
    """Say which limits a stage's decisions pass, where, and how to look and go on."""

    exit_code = 5
