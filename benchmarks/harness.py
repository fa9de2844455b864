"""How a whole process is measured: its CPU time and its memory, in turn with a peer.

The machine's speed drifts, so both run one after the other, again and again, and the median of
the ratios is what counts.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PEERS = ROOT / ".venv-bench" / "bin"
OURS = str(BIN / "valhalla-manifest")
# A user's Python writes and uses byte code; so must the measured one.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


class Cost(NamedTuple):
    """What a process took: user and system time in seconds, and its largest size in MiB."""

    seconds: float
    memory: float


@dataclass(frozen=True)
class Compared:
    """The medians of two processes, and of the ratios of their times and memories."""

    ours: Cost
    peer: Cost
    ratio: float
    memory_ratio: float


# In a small process between, for a child counts the size of what it was forked from.
_WAIT = """
import os, sys
pid = os.fork()
if not pid:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(pid, 0)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status) != 0)
"""


def cost(command: list[str], folder: Path = ROOT) -> Cost:
    """Run a command, and return what it and its children took.

    Raises:
        RuntimeError: it failed.
    """
    waiting = [sys.executable, "-I", "-S", "-c", _WAIT, *command]
    ran = subprocess.run(
        waiting, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:4])} … failed: {ran.stderr}")
    seconds, kibibytes = ran.stdout.split()
    return Cost(float(seconds), int(kibibytes) / 1024)


def compared(ours: list[str], peer: list[str], rounds: int, folder: Path = ROOT) -> Compared:
    """Run two commands in turn, after once for each that does not count."""
    pairs = [(cost(ours, folder), cost(peer, folder)) for _ in range(rounds + 1)][1:]
    return summary(pairs)


def summary(pairs: list[tuple[Cost, Cost]]) -> Compared:
    """Return the medians of pairs."""
    one, other = (
        Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
        for costs in zip(*pairs, strict=True)
    )
    ratios = [(a.seconds / b.seconds, a.memory / b.memory) for a, b in pairs]
    times, memories = zip(*ratios, strict=True)
    return Compared(one, other, statistics.median(times), statistics.median(memories))
