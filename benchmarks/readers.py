"""How many damaged manifests are accepted, and read otherwise by any reader that is here.

Usage: python benchmarks/readers.py [MUTANTS [SCALARS [SEED]]]
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.manifests import SMALL
from tests.support.mutants import make_mutant, make_number_like
from tests.support.readers import Readers
from valhalla_manifest.validation.check import check
from valhalla_manifest.validation.rule_settings import RuleSettings


def main() -> None:
    """Print each disagreement, and how many texts there were."""
    mutants, scalars, seed = [*map(int, sys.argv[1:]), 100_000, 40_000, 1][:3]
    rng, readers = random.Random(seed), Readers()
    now = datetime.now(UTC)
    for kind, number in ("mutants", mutants), ("plain scalars", scalars):
        accepted = differing = 0
        for _ in range(number):
            text = (
                make_mutant(rng) if kind == "mutants" else f"{SMALL}x-a: {make_number_like(rng)}\n"
            )
            checked = check(text.encode(), RuleSettings(), now=now)
            if not checked.errors:
                accepted += 1
                told = readers.disagreement(text.encode(), checked.data)
                if told:
                    differing += 1
                    print(f"{text!r}\n  {told}")
        print(f"{number} {kind}, {accepted} accepted, {differing} read otherwise")
    print(f"readers: {', '.join(readers.read(b'a'))}")
    readers.close()


if __name__ == "__main__":
    main()
