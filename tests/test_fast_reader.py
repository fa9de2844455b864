"""The fast reader accepts only documents that the tree and all parsers read in the same way."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW, examples
from tests.support.checking import DEFAULTS
from tests.support.checking import check as check_by
from tests.support.corpus import CORPUS, as_bytes
from tests.support.manifests import FIRST, FORMATS, SMALL
from tests.support.mutants import BLOCKS, make_block_mutant, make_mutant, make_number_like
from tests.support.readers import Readers
from tests.test_extensions import SCHEMA
from valhalla_manifest.document.fast_reader import UnreadSource, read_data, read_lazily
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import NODE_LIMIT, Source
from valhalla_manifest.manifest import extensions
from valhalla_manifest.validation.check import OF_MEANING, Checked, check, check_source
from valhalla_manifest.validation.revisions import RevisionChecker
from valhalla_manifest.validation.rule_settings import RuleSettings
from valhalla_manifest.validation.rules.registry import RULES, rules_for
from valhalla_manifest.validation.rules.schema import newer_format
from valhalla_manifest.validation.rules.subjects import ParsedManifest

SETTINGS = [
    DEFAULTS,
    RuleSettings(ignore=frozenset(rule.code for rule in RULES if rule.adjustable)),
    RuleSettings(warn=frozenset({"VM104", "VM302"}), error=frozenset({"VM131", "VM306"})),
    RuleSettings(extensions=extensions.parse(SCHEMA)),
]
PLAIN_STYLES = [
    *("plain", "double quotes", "single quotes", "plain version", "CRLF", "BOM", "BOM and CRLF"),
    *("no final newline", "document start", "document start and end"),
]


def make_damaged(seed: int) -> str:
    """Return a damaged manifest in plain block style or any style, or one with an odd number."""
    rng = random.Random(seed)
    kind = rng.random()
    if kind < 0.7:
        return make_block_mutant(rng)
    return make_mutant(rng) if kind < 0.9 else f"{SMALL}x-a: {make_number_like(rng)}\n"


def check_fully(text: str, settings: RuleSettings) -> Checked:
    """Check a manifest whose tree was read first."""
    return check_source(read(text), settings, now=NOW)


@pytest.mark.parametrize("text", [FIRST, *BLOCKS, *(FORMATS[name].text() for name in PLAIN_STYLES)])
def test_plain_block_style_is_read_without_a_tree(text: str) -> None:
    assert read_data(text) == read(text).data


@pytest.mark.parametrize(
    "end",
    [
        *(
            "x-a: b\r\r\n",
            "x-a: |\n  b",
            "x-a: [-]\n",
            "x-a: Fixed #12\n",
            "x-a:\n- - b\n",
            "x-a: yes\n",
        ),
        *(
            "x-a: b\n...\nx-b: c\n",
            "x-a: b\n---\n",
            "x-a: b\nx-a: c\n",
            "x-a: 'b'# c\n",
            "x-a: b: c\n",
        ),
    ],
)
def test_text_that_parsers_or_rules_dispute_is_declined(end: str) -> None:
    assert read_data(SMALL + end) is None


@given(st.integers(0, 2**32))
@examples(6_000)
def test_accepted_data_equals_the_tree_and_has_no_problem_of_a_tree(
    seed: int,
) -> None:
    text = make_damaged(seed)
    data = read_data(text)
    if data is None:
        return
    source = read(text)
    assert not source.damaged
    assert repr(source.data) == repr(data)  # 1, 1.0 and true differ, and so does another order
    found = [r.code for r in rules_for(Source) if r is not newer_format and any(r(source))]
    assert found == []


@given(st.integers(0, 2**32), st.sampled_from(SETTINGS))
@examples(3_000)
def test_the_problems_do_not_depend_on_the_reader(seed: int, settings: RuleSettings) -> None:
    text = make_damaged(seed)
    quick, full = check(text.encode(), settings, now=NOW), check_fully(text, settings)
    assert quick.problems == full.problems
    assert repr(quick.data) == repr(full.data)


@pytest.mark.parametrize("name", CORPUS)
def test_hostile_text_gets_the_same_problems(name: str) -> None:
    data = as_bytes(CORPUS[name])
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    assert check_by(data, now=NOW).problems == check_fully(text, DEFAULTS).problems


@given(st.lists(st.integers(0, 2**32), min_size=2, max_size=3), st.sampled_from(SETTINGS[:3]))
@examples(500)
def test_a_history_gives_each_revision_the_errors_that_it_has_alone(
    seeds: list[int], settings: RuleSettings
) -> None:
    checker = RevisionChecker(settings)
    for seed in seeds:
        data = make_damaged(seed).encode()
        alone, together = check(data, settings, now=NOW), checker.check(data)
        assert together.errors == alone.errors
        assert alone.errors or repr(together.data) == repr(alone.data)


@pytest.fixture(scope="module")
def parsers() -> Iterator[Readers]:
    started = Readers()
    yield started
    started.close()


@pytest.mark.slow
@given(st.integers(0, 2**32))
@examples(1_000)
def test_every_parser_reads_accepted_text_in_the_same_way(parsers: Readers, seed: int) -> None:
    text = make_block_mutant(random.Random(seed))
    data = read_data(text)
    assert data is None or parsers.disagreement(text.encode(), data) is None


def test_the_tree_is_read_when_a_position_is_needed() -> None:
    source = read_lazily(f"\ufeff{SMALL}")
    assert isinstance(source, UnreadSource)
    whole = read(f"\ufeff{SMALL}")
    (found, expected) = (each.find(("packs", 0, "name")) for each in (source, whole))
    assert found is not None
    assert expected is not None
    assert (found.span, source.whole) == (expected.span, whole.whole)
    assert [node.span for node in source.nodes.all] == [node.span for node in whole.nodes.all]


def test_too_many_values_or_levels_are_declined() -> None:
    numbers = "".join(f"x-{at}: a\n" for at in range(NODE_LIMIT // 2 + 1))
    assert read_data(numbers) is None
    assert read_data(numbers[: len(numbers) // 2]) is not None
    assert read_data("".join(f"{' ' * depth}a:\n" for depth in range(70))) is None


def test_data_alone_is_checked_by_all_rules_about_data() -> None:
    assert rules_for(ParsedManifest) == OF_MEANING
