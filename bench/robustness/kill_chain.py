"""What a chain of kills of one root cost: the jobs and the work that were done once more."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.robustness.job_log import Job, work


@dataclass(frozen=True)
class Process:
    """Say how far one run of a chain came: jobs begun and ended, and the jobs of an undisturbed run that had ended when it was killed.

    `alike`: of its last jobs, how many are in order those of the undisturbed run there; None for a run that ended. `worked` and
    `worked_behind` are the work of the jobs that ended, its own and those behind, in milliseconds; `ran` is what its tasks really ran.
    """

    begun: int
    ended: int
    behind: int
    alike: int | None
    worked: float
    worked_behind: float
    ran: int


@dataclass(frozen=True)
class Chain:
    """Say what became of one root: the runs, the last of which ended, and whether the rows are the same."""

    number: int
    processes: tuple[Process, ...]
    same: bool

    @property
    def again(self) -> list[int]:
        """Return for each kill the jobs that ended once more: those of the next run, less what of the whole run lay between."""
        return [after.ended - (after.behind - before.behind) for before, after in pairwise(self.processes)]

    @property
    def worked_again(self) -> list[float]:
        """Return for each kill the work that was done once more, in milliseconds."""
        pairs = pairwise(self.processes)
        return [after.worked - (after.worked_behind - before.worked_behind) for before, after in pairs]


def line(chain: Chain, kill: int, undisturbed: Sequence[Job]) -> str:
    """Return the line of a kill."""
    killed, after, again, worked = chain.processes[kill], chain.processes[kill + 1], chain.again[kill], chain.worked_again[kill]
    jobs = f"{killed.behind} | {after.ended} | {again} | {again / len(undisturbed):.1%}"
    return f"| {chain.number} | {jobs} | {worked:.0f} | {worked / work(undisturbed, {}):.1%} | {killed.alike} |"


def report(out: Path, undisturbed: Sequence[Job]) -> None:
    """Print what all chains found together."""
    jobs, all_work = len(undisturbed), work(undisturbed, {})
    chains = []
    for path in sorted(out.glob("chain-*.json")):
        stored = json.loads(path.read_text())
        chains.append(Chain(stored["number"], tuple(Process(**one) for one in stored["processes"]), stored["same"]))
    again = sorted(count for chain in chains for count in chain.again)
    worked = sorted(done for chain in chains for done in chain.worked_again)
    ran = sum(process.ran for chain in chains for process in chain.processes)
    beyond = (ran - len(chains) * all_work) / len(again)
    print(f"\n{len(again)} kills in {len(chains)} chains, again of {jobs} jobs: {of(again, jobs)}")
    print(
        f"of {all_work / 1000:.1f} s of work: {of(worked, all_work)}; as tasks really ran, with each process's start, {beyond / all_work:.1%}"
    )
    if not all(chain.same for chain in chains):
        raise SystemExit("a chain ended at other rows")


def of(again: Sequence[float], all_: float) -> str:
    """Say of sorted numbers which share of all they are on average and at most, and how many are above a twentieth."""
    beyond = sum(one > all_ / 20 for one in again)
    return f"{sum(again) / len(again) / all_:.1%} on average, {again[-1] / all_:.1%} at most, {beyond} above 5 %"
