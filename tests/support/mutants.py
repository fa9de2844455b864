"""Random manifests that are almost valid, and random scalars that look like numbers."""

from __future__ import annotations

import random

from tests.support.manifests import FIRST, FORMATS

# Characters of typing mistakes, indicators of YAML, and characters that look like a space.
CHARACTERS = [
    *"\"':-#[]{},|>&*!%@`?\\ \n\t/\r\u00a0\u3000\u2009\u2028\ufeff",
    *"abcdef0189nNyYxeE.~=<_+",
]
LINES = ["...", "---", "# c", "... # c", "--- # c", "", "  ", "%YAML 1.2", "-", "x-b:", "? a"]
# Characters of numbers in all parsers: bases, exponents, separators, infinities.
NUMERIC = "0123456789" * 2 + "+-._,:eExXoObBaAfFdD" + "iInNfF"
# Constructs that FORMATS lacks, to append to a manifest.
ENDINGS = (
    "x-a: |\n  some\n\n  text\n",
    "x-a: |\n  no end",
    "x-a: >2-\n    deep\n   text\n  end\n",
    "x-a:\n- - a\n  - b\n- c\n",
    "x-a:\n  b: {c: d}\n  e:\n  - f: g\n    h: |-\n      i\n      j\n  - k\n",
    "x-a: {a: [1, 'two', \"three\"], b: null}\n",
    "x-a: [\n    one,\n    two # c\n  ]\n",
    "x-a: 'it''s\n  folded'\n",
    'x-a: "esc \\" \\n\n  line"\n',
)


def make_mutant(rng: random.Random) -> str:
    """Return a manifest with one to three places damaged."""
    text: str = rng.choice([FIRST, *(layout.text() for layout in FORMATS.values())])
    if rng.random() < 0.5:
        text = text.rstrip("\n") + "\n" + rng.choice(ENDINGS)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        damaged = damage_line if rng.random() < 0.3 else damage_character
        text = damaged(rng, text) or "a"
    return text


def damage_character(rng: random.Random, text: str) -> str:
    """Delete, insert, double, replace a character, or swap two."""
    at, char = rng.randrange(len(text)), rng.choice(CHARACTERS)
    before, here, after = text[:at], text[at], text[at + 1 :]
    damaged: str = rng.choice(
        [
            before + after,
            before + char + here + after,
            before + here + here + after,
            before + char + after,
            before + after[:1] + here + after[1:],
        ]
    )
    return damaged


def damage_line(rng: random.Random, text: str) -> str:
    """Double, shift, empty or insert a line."""
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    line = lines[at]
    lines[at : at + 1] = rng.choice(
        [[line, line], [f" {line}"], [line[1:]], [line.lstrip()], [f"{line} "],
         [rng.choice(LINES), line]]
    )  # fmt: skip
    return "\n".join(lines)


def make_number_like(rng: random.Random) -> str:
    """Return a random plain scalar made of the characters of numbers."""
    return "".join(rng.choice(NUMERIC) for _ in range(rng.randint(1, 8)))
