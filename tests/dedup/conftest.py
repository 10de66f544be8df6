"""The way that dedup takes with large runs, for small ones."""

import pytest


@pytest.fixture
def stepwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the way of large runs for small ones: leaders one by one, no pass in memory, finer keys for buckets of eight."""
    monkeypatch.setattr("jobs.dedup.rounds.MEETINGS", 0)
    monkeypatch.setattr("jobs.dedup.rounds.GROWTH", 2)
    monkeypatch.setattr("jobs.dedup.rounds.TAIL", -1)
    monkeypatch.setattr("jobs.dedup.rounds.GIANT", 4)
    monkeypatch.setattr("jobs.dedup.giants.GIANT", 4)
