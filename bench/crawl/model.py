"""A cluster as a discrete-event simulation: chunks of tasks of measured durations, a driver that starts them, executors that get lost."""

import heapq
from collections import deque
from dataclasses import dataclass, field
from random import Random


@dataclass(frozen=True)
class Driver:
    """What the driver costs: seconds to start a task, one after another, and seconds a chunk before its first task."""

    task_s: float
    chunk_s: float


@dataclass(frozen=True)
class Cluster:
    """Say what the tasks run on; `losses_per_hour` is the share of the executors lost, each replaced after `replaced_s`."""

    cores: int
    losses_per_hour: float = 0.0
    replaced_s: float = 180.0
    cores_per_executor: int = 4


@dataclass(frozen=True)
class Work:
    """Say what is to be done: one task a file, of `task_s` times one of the factors of `spread`, drawn at random."""

    files: int
    chunk_files: int
    at_once: int
    task_s: float
    spread: tuple[float, ...]


@dataclass(frozen=True)
class Outcome:
    """How long it took, which share of the cores' time was work that counted, and how many tasks were lost with their executor."""

    hours: float
    efficiency: float
    lost_tasks: int


@dataclass
class _Running:
    """The state of a simulation; events are (time, order, kind, which, epoch)."""

    events: list[tuple[float, int, str, int, int]] = field(default_factory=list)
    waiting: deque[int] = field(default_factory=deque)  # tasks to start, those of earlier chunks first
    free: list[int] = field(default_factory=list)
    epochs: list[int] = field(default_factory=list)  # of a core: what ran before it was lost does not count
    on: dict[int, int] = field(default_factory=dict)  # core to task
    driver_free: float = 0.0
    lost: int = 0
    pushed: int = 0

    def at(self, time: float, kind: str, which: int, epoch: int = 0) -> None:
        """Let something happen; what was put in first comes first of two at one time."""
        self.pushed += 1
        heapq.heappush(self.events, (time, self.pushed, kind, which, epoch))


def simulate(work: Work, cluster: Cluster, driver: Driver, *, seed: int) -> Outcome:
    """Run the work on the cluster and return when the last chunk is done; the same arguments give the same outcome.

    1. `at_once` chunks are under way. Each takes the driver `chunk_s` (the chunks side by side), then its tasks wait, first come first
       served, as in Spark's default scheduler.
    2. The driver starts waiting tasks on free cores, `task_s` after each other. A chunk ends with its last task; the next one begins.
    3. Executors are lost at random moments. Their tasks wait again, before all others, and their cores come back after `replaced_s`.
    No task is started twice for being slow, and no core is slower than another.
    """
    random = Random(seed)
    durations = [work.task_s * random.choice(work.spread) for _ in range(work.files)]
    chunks = [range(at, min(at + work.chunk_files, work.files)) for at in range(0, work.files, work.chunk_files)]
    left = [len(chunk) for chunk in chunks]
    state = _Running(free=list(range(cluster.cores)), epochs=[0] * cluster.cores)
    for number in range(min(work.at_once, len(chunks))):
        state.at(driver.chunk_s, "chunk", number)
    started, open_chunks, now = min(work.at_once, len(chunks)), len(chunks), 0.0
    losses = cluster.losses_per_hour * cluster.cores / cluster.cores_per_executor / 3600  # a second
    if losses:
        state.at(random.expovariate(losses), "loss", 0)
    while open_chunks:
        now, _, kind, which, epoch = heapq.heappop(state.events)
        if kind == "chunk":
            state.waiting.extend(chunks[which])
        elif kind == "back":
            state.free.append(which)
        elif kind == "loss":
            _lose(state, cluster, now=now, executor=random.randrange(cluster.cores // cluster.cores_per_executor))
            state.at(now + random.expovariate(losses), "loss", 0)
        elif epoch == state.epochs[which]:  # a task has ended
            number = state.on.pop(which) // work.chunk_files
            state.free.append(which)
            left[number] -= 1
            if not left[number]:
                open_chunks -= 1
                if started < len(chunks):
                    state.at(now + driver.chunk_s, "chunk", started)
                    started += 1
        _start(state, durations, now=now, task_s=driver.task_s)
    return Outcome(now / 3600, sum(durations) / (now * cluster.cores), state.lost)


def _start(state: _Running, durations: list[float], *, now: float, task_s: float) -> None:
    while state.waiting and state.free:
        task, core = state.waiting.popleft(), state.free.pop()
        state.driver_free = max(state.driver_free, now) + task_s
        state.on[core] = task
        state.at(state.driver_free + durations[task], "task", core, state.epochs[core])


def _lose(state: _Running, cluster: Cluster, *, now: float, executor: int) -> None:
    first = executor * cluster.cores_per_executor
    for core in range(first, first + cluster.cores_per_executor):
        if core in state.on:
            state.waiting.appendleft(state.on.pop(core))
            state.lost += 1
        elif core in state.free:
            state.free.remove(core)
        else:
            continue  # lost already, and not back yet
        state.epochs[core] += 1
        state.at(now + cluster.replaced_s, "back", core)
