"""One tree of foreseen errors, each with an exit code; what stands outside it is caught inside, or a bug."""

import importlib
import pkgutil
from types import ModuleType

import jobs
import udfs
from jobs.engine.run_report import MEANINGS
from udfs.errors import GristmillError

CODES = {
    "RefusedError": 2,
    "RecipeError": 2,
    "LeaseError": 2,
    "LostLeaseError": 2,
    "WorkerError": 2,
    "NoJavaError": 2,
    "NoSparkError": 2,
    "DiskError": 2,
    "SparkFailedError": 1,
    "ModelError": 2,
    "LocationError": 2,
    "TrainError": 2,
    "PerplexityTrainError": 2,
    "TokenizerTrainError": 2,
    "VectorsTrainError": 2,
    "TextFileError": 2,
    "ArmError": 2,
    "TaskError": 2,
    "DivergedError": 2,
    "KilledError": 1,
    "OutcomeError": 2,
    "ResultsError": 2,
    "ExportError": 2,
    "LedgerError": 4,
    "AlarmError": 5,
}
# Caught where they are raised or one level up: they become a failed row, a retry or one of the above. DedupError and SandboxError are
# bugs if they come through.
INSIDE = {
    "AddressError",
    "BackendError",
    "BatchError",
    "Broken",
    "ChildDied",
    "CorpusError",
    "DedupError",
    "Interrupted",
    "KeyMissing",
    "Late",
    "Lost",
    "MissingColumn",
    "PromptError",
    "SandboxError",
    "TooLarge",
    "Undecodable",
    "UnknownFormat",
    "Unreachable",
}


def every_module(package: ModuleType) -> list[ModuleType]:
    """Import every module of a package, at any depth."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(module.name) for module in found]


def below(kind: type[BaseException]) -> set[type[BaseException]]:
    """Give all classes that derive from one."""
    return {found for child in kind.__subclasses__() for found in (child, *below(child))}


def ours() -> set[type[BaseException]]:
    """Give every exception that jobs and udfs define."""
    modules = {module.__name__: module for package in (jobs, udfs) for module in every_module(package)}
    return {
        kind
        for module in modules.values()
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, BaseException) and kind.__module__ in modules
    }


def test_every_foreseen_error_has_the_exit_code_of_its_branch() -> None:
    found = {kind for kind in ours() if issubclass(kind, GristmillError)} - {GristmillError}
    assert {kind.__name__: kind.exit_code for kind in found if issubclass(kind, GristmillError)} == CODES
    assert set(CODES.values()) < set(MEANINGS)


def test_no_other_error_is_one_that_a_user_could_meet() -> None:
    assert {kind.__name__ for kind in ours() if not issubclass(kind, GristmillError)} == INSIDE
