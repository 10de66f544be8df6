"""How hard fuzzing tries: "ci" makes the same few hundred examples every time, "long" (GRISTMILL_FUZZ=long) new ones.

All other properties take "unhurried": Hypothesis fails an example that takes a fifth of a second, which a busy machine may.
"""

import os

from hypothesis import HealthCheck, settings

_NO_CLOCK = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
settings.register_profile("unhurried", deadline=None, suppress_health_check=_NO_CLOCK)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, suppress_health_check=_NO_CLOCK)
settings.register_profile("long", deadline=None, derandomize=False, print_blob=True, suppress_health_check=_NO_CLOCK)

PROFILE = os.environ.get("GRISTMILL_FUZZ") or "ci"
LONGER = 5  # times as many examples in a long run, which is repeated until its time is up


def fuzzed(examples: int) -> settings:
    """Return the settings of a property that tries so many examples in CI."""
    return settings(settings.get_profile(PROFILE), max_examples=examples * (LONGER if PROFILE == "long" else 1))
