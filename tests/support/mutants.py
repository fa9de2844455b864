"""Random manifests that are almost valid, and random scalars that look like numbers."""

from __future__ import annotations

import random

from tests.support.manifests import FIRST, FORMATS, SMALL

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


# Manifests in plain block style, which together contain each of its constructs.
BLOCKS = (
    SMALL,
    f"{SMALL}x-map:\n  a: 1\n  b:\n    - c\n    - 'd'\nx-list:\n- one\n- k: v\n  l: w\nx-c:\n",
    f"{SMALL}x-t: |\n  a\n    b\n\n  c\nx-u: >-\n  a\n  b\n\n\n  c\n\nx-v: end # of all\n",
    SMALL.replace("name: Engine", "name: 'It''s'\n    depends_on: [\"I\", 'J', K]") + "  - id: I\n",
    "# License\n---\n" + SMALL.replace("  - id", "- id").replace("    ", "  ") + "...\n",
    SMALL.replace("  - id", "  # first\n\n  -   id").replace("    ", "      ").rstrip(),
)
VALUES = (
    *("{a: b, c: ['d', e]}", '{"a": b}', "{a: b, a: c}", "{a: b,c: d}", "{a: 1}", "{a:b}", "{a: }"),
    *("", "yes", "~", "null", "1.0", "0x1", "1_000", "12:30", "2020-01-01", ".5", "=", "<<", "-1"),
    *('""', "''", "'it''s'", '"a\\n\\"b\\\\"', '"\\x41"', '"a" b', "''a", '"a": b', '"open', "'"),
    *("[]", '["a"]', "[a, 'b']", "[ a,b ]", "[1, yes]", "[a,]", "[,a]", "[[a]]", "[a: b]", "[a b]"),
    *("[a #b]", "[a]b", "['a'b]", "{a: b}", "{}", "a, b]", ">-", "|", ">", "|-", ">+", "|2"),
    *("a: b", "a:b", "a #b", "a # b", "# c", "a #1", "a # 1", "a#b", "#", "a #", "a: # b"),
    *("!a b", "&a b", "*a", "?", "? a", "-", "- a", "--", "%x", "---", "...", "--- a", "@a", "`a"),
    *("x\"y'z", "é ü", "\u201ca\u201d", "\u2028", "a\tb", "a ", "a  b", "a:", "a\u00a0", "٣", "😀"),
    *("http://x.y/z?a=b#c", "C#", "/path", "(a)", "$a", "~a", "_", "a/b", "a & b * c", "O'Hara"),
)  # fmt: skip
LINE_ENDS = (" ", " # c", "# c", " #c", "\t", ":", " # 1", "  # c", " : x", " #", "\r", "\\")
LINES_BETWEEN = (
    *("# c", "#c", "", "- id: x", "x-a: 1", "x-b:", "x-c: >-", "text", "- t", "x-d: |", ".."),
    *("? a", "- - a", "-", "- ", "...", "x-m: 1", '"q"', "'q': 1", "}", "]", " ", "- |", "- []"),
)  # fmt: skip


def make_block_mutant(rng: random.Random) -> str:
    """Return a manifest in plain block style with one to three lines changed."""
    lines = rng.choice(BLOCKS).split("\n")
    for _ in range(rng.randint(1, 3)):
        at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        line, indent = lines[at], " " * rng.randrange(8)
        key, _, value = line.partition(":")
        lines[at : at + 1] = rng.choice(
            [
                [indent + line.lstrip()],
                [line.replace("- ", "", 1) if "- " in line else f"- {line.lstrip()}"],
                [lines[other]],
                [line, lines[other]],
                [],
                [f"{key}: {rng.choice(VALUES)}"],
                [f"{key}: {rng.choice(VALUES)}"],
                [f"{indent}{rng.choice(['- ', ''])}{rng.choice(VALUES)}"],
                [f"{indent}{rng.choice(LINES_BETWEEN)}", line],
                [line + rng.choice(LINE_ENDS)],
                [damage_character(rng, line)] if line else [],
                [f"{key}:", f"{indent}{value.lstrip()}"],
            ]
        )
    text = "\n".join(lines)
    return text if rng.random() < 0.9 else text.replace("\n", "\r\n")
