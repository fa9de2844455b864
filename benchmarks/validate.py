"""How fast `validate` is beside check-jsonschema: whole processes, CPU time, run in turn.

The machine's speed drifts, so both tools run one after the other, again and again, and the
median of the ratios is what counts. Usage: python benchmarks/validate.py [ROUNDS]
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
MANIFEST = ROOT / "manifest" / "system.yaml"
SCHEMA = ROOT / "schemas" / "system.schema.json"
# A user's Python writes and uses byte code; so must the measured one.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def cpu_seconds(command: list[str], folder: Path = MANIFEST.parent) -> float:
    """Return the user and system time of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT, cwd=folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(title: str, files: list[str], rounds: int) -> None:
    """Print both tools' medians and the median of the ratios."""
    ours = [str(BIN / "valhalla-manifest"), "validate", *files]
    theirs = [str(BIN / "check-jsonschema"), "--schemafile", str(SCHEMA), *files]
    cpu_seconds(ours)
    cpu_seconds(theirs)
    pairs = [(cpu_seconds(ours), cpu_seconds(theirs)) for _ in range(rounds)]
    ratio = statistics.median(one / other for one, other in pairs)
    one, other = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    print(f"{title:<24} ours {one:6.0f} ms   check-jsonschema {other:6.0f} ms   ratio {ratio:.2f}")


def main() -> None:
    """Compare on one manifest, and on 300 in one call."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    compare("one manifest, 16 packs", [str(MANIFEST)], rounds)
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder, f"{number}.yaml")) for number in range(300)]
        for file in files:
            Path(file).write_bytes(MANIFEST.read_bytes())
        compare("300 manifests, one call", files, max(rounds // 3, 3))


if __name__ == "__main__":
    main()
