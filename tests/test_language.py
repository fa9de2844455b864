"""Docs, messages, docstrings and comments avoid phrases that readers find hard to understand.

CONTRIBUTING.md has the glossary. Each pattern has an example and a better wording.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.manifests import REPOSITORY


class Pattern(NamedTuple):
    """A phrase to avoid, a sentence that has it, and a sentence that says the same without it."""

    regex: str
    bad: str
    good: str


START = r"(?:^|(?<=[.!?:;] ))"  # of a sentence
PATTERNS = [
    Pattern(r"(?i)\bown keys?\b", "Own keys have types.", "Extension keys have types."),
    Pattern(r"of (one's|its|your|their) own\b", "A lock of its own.", "A separate lock."),
    Pattern(r"(key|field)s? of the top\b(?! level)", "Set keys of the top.", "Set top-level keys."),
    Pattern(r"\b(is|are) told\b(?! apart)", "The error is told.", "The error is reported."),
    Pattern(
        r"(?<![Tt]here )\b(is|are) (no|none)\b(?! longer)",
        "It is no mapping.",
        "There is no mapping, and it is no longer a list.",
    ),
    Pattern(r"\bthat (is|are|was|were) there\b", "Keep the lock that is there.", "Keep the lock."),
    Pattern(r"\banswers? (otherwise|as)\b", "It answers otherwise.", "It does not match."),
    Pattern(r"(?i)\bmend", "Mend the file.", "Amend or fix the file."),
    Pattern(
        r"(?i)\b(hold|holds|held) (\S+ ){0,2}to\b",
        "It is held to the schema.",
        "It is checked against the schema.",
    ),
    Pattern(r"(?i)\ba text\b(?! merge)|\btexts\b", "Return a text.", "Return a string."),
    Pattern(r"\bway out\b", "A code and a way out.", "A code and a hint."),
    Pattern(r"(?i)\bmeanwhile\b", "Who asks meanwhile waits.", "Concurrent callers wait."),
    Pattern(r"(?i)\b(take|takes|taken|taking) over\b", "Take over a file.", "Import a file."),
    Pattern(r"(?i)\b(let|lets) pass\b", "It lets pass a typo.", "It allows a typo."),
    Pattern(
        rf"{START}(What|Who|That|Whoever|Whatever)\b(?![^.]*\?)",
        "Done. What is not so is a problem.",
        "What is it? The value that you set.",
    ),
    Pattern(
        rf"{START}Where\b(?![^.]*\?)",
        "Where it changed, it is read.",
        "If it changed, it is read.",
    ),
]
FILES = [
    *REPOSITORY.glob("*.md"),
    *REPOSITORY.glob("docs/*.md"),
    *REPOSITORY.glob("valhalla_manifest/**/*.py"),
    *REPOSITORY.glob("examples/*.py"),
    *REPOSITORY.glob("templates/*.yml"),
    *REPOSITORY.glob(".github/**/*.yml"),
    *(REPOSITORY / name for name in ("action.yml", ".pre-commit-hooks.yaml", "Makefile")),
]
# Their sentences are those of docstrings and help, which are checked at their source.
GENERATED = {
    REPOSITORY / "docs" / "rules.md",
    REPOSITORY / "valhalla_manifest" / "manifest" / "compiled.py",
}
NOT_PROSE = re.compile(r"```.*?```|<!-- commands.*?<!-- end", re.DOTALL)


def read_prose(file: Path) -> Iterator[str]:
    """Yield the parts of a file that people read."""
    content = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        yield NOT_PROSE.sub("", content)
        return
    yield from read_strings(ast.parse(content))
    yield from read_comments(content)


def read_strings(tree: ast.AST) -> Iterator[str]:
    """Yield docstrings and messages; a value in an f-string is written as braces."""
    if isinstance(tree, ast.JoinedStr):
        parts = (each.value if isinstance(each, ast.Constant) else "{}" for each in tree.values)
        yield "".join(map(str, parts))
    elif isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
    else:
        for child in ast.iter_child_nodes(tree):
            yield from read_strings(child)


def read_comments(source: str) -> Iterator[str]:
    """Yield comments; lines of one comment are joined."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [each for each in tokens if each.type == tokenize.COMMENT]
    for _, lines in groupby(enumerate(comments), lambda pair: pair[1].start[0] - pair[0]):
        yield " ".join(each.string.lstrip("# ") for _, each in lines)


def read_sentences(text: str) -> Iterator[str]:
    """Yield paragraphs, list items and table cells on one line each, without code."""
    text = re.sub(r"``.+?``|`[^`\n]*`", "CODE", re.sub(r"(?m)^\s*# ?", "", text), flags=re.DOTALL)
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-|#]|\d+\.) ?)| \| ", text):
        yield " ".join(block.split()).lstrip("-|#*0123456789. ").rstrip("| ")


def find_phrases(text: str) -> list[str]:
    """Return the phrases to avoid, each with its surroundings."""
    return [
        sentence[max(0, match.start() - 30) : match.end() + 30]
        for sentence in read_sentences(text)
        for pattern in PATTERNS
        for match in re.finditer(pattern.regex, sentence)
    ]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.bad)
def test_each_pattern_finds_its_example_only(pattern: Pattern) -> None:
    assert re.search(pattern.regex, pattern.bad)
    assert find_phrases(pattern.good) == []


def test_prose_is_found_in_all_its_forms(tmp_path: Path) -> None:
    python, page = tmp_path / "a.py", tmp_path / "a.md"
    python.write_text('"""Return a\n    text."""\n# It is\n# told.\nraise E(f"{x} is no {y}")\n')
    page.write_text(
        "```\na text\n```\n`a text`\n\n| Good. | What is bad |\n\n- Who asks\n  waits.\n"
    )
    found = [
        phrase
        for file in (python, page)
        for each in read_prose(file)
        for phrase in find_phrases(each)
    ]
    assert found == [
        "Return a text.",
        "{} is no {}",
        "It is told.",
        "What is bad",
        "Who asks waits.",
    ]


def test_the_worst_phrases_do_not_come_back() -> None:
    found = {
        str(file.relative_to(REPOSITORY)): [
            phrase for text in read_prose(file) for phrase in find_phrases(text)
        ]
        for file in sorted(FILES)
        if file not in GENERATED
    }
    report = [f"{path}: …{phrase}…" for path, phrases in found.items() for phrase in phrases]
    assert not report, "\n".join(report)
