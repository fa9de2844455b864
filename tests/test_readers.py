"""What is accepted reads alike in every reader: texts that one of them reads otherwise."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Annotated, NamedTuple

import pytest
import ruamel.yaml
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from pydantic.types import StringConstraints

from tests.conftest import NOW, examples
from tests.support.checking import check
from tests.support.manifests import FORMATS, REPOSITORY, SMALL
from tests.support.mutants import NUMERIC, make_mutant
from tests.support.readers import HERE, Readers
from valhalla_manifest.document.edit import Replace, apply
from valhalla_manifest.manifest import compiled, formats
from valhalla_manifest.validation.fix import fix_text


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    started = Readers()
    yield started
    started.close()


@pytest.mark.slow
@given(st.integers(0, 2**32))
@examples(1_500)
def test_a_damaged_manifest_is_refused_or_the_same_to_every_reader(
    readers: Readers, seed: int
) -> None:
    data = make_mutant(random.Random(seed)).encode()
    checked = check(data, now=NOW)
    assert checked.errors or readers.disagreement(data, checked.data) is None


@pytest.mark.slow
@given(st.text(NUMERIC, min_size=1, max_size=8))
@examples(1_000)
def test_what_looks_like_a_number_is_refused_or_the_same_to_every_reader(
    readers: Readers, scalar: str
) -> None:
    data = f"{SMALL}x-a: {scalar}\n".encode()
    checked = check(data, now=NOW)
    assert checked.errors or readers.disagreement(data, checked.data) is None


def test_the_documentation_lists_the_readers_that_ran(readers: Readers) -> None:
    page = (REPOSITORY / "docs" / "format.md").read_text(encoding="utf-8")
    section = page.partition("## Compatible parsers")[2]
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", section, re.M)
    listed = {name: version for name, _, version in rows[2:]}
    assert set(readers.read(b"a")) <= set(listed)
    packages = json.loads((HERE / "package.json").read_text())["dependencies"]
    assert listed["yaml"] == packages["yaml"]
    assert listed["js-yaml"] == packages["js-yaml"]
    assert listed["js-yaml 4"] == packages["js-yaml-4"].rpartition("@")[2]
    assert listed["PyYAML"] == listed["PyYAML with libyaml"] == yaml.__version__
    assert listed["ruamel.yaml"] == ruamel.yaml.__version__


class Case(NamedTuple):
    """A text that is put at the end of a good manifest, the problem in it, and its repair."""

    text: str
    problem: tuple[str, int, int]
    repaired: str | None = None


CASES = {
    "a block text without a final line break": Case(
        "notes: |\n  a", ("VM119", 9, 8), "notes: |\n  a\n"
    ),
    "a folded text without a final line break": Case(
        "notes: >\n  a", ("VM119", 9, 8), "notes: >\n  a\n"
    ),
    "a block text that keeps line breaks, without the last": Case(
        "notes: |+\n  a", ("VM119", 9, 8), "notes: |+\n  a\n"
    ),
    "an empty block text without a final line break": Case("x-a: |+\n  ", ("VM119", 9, 6)),
    "a block text whose last line is spaces": Case("x-a: |\n  a\n   ", ("VM119", 9, 6)),
    "a last line of spaces under an indentation indicator": Case(
        "x-a: |1-\n  a\n  \n", ("VM119", 9, 6)
    ),
    "an escaped slash": Case('x-a: "a\\/b"\n', ("VM120", 9, 8), 'x-a: "a/b"\n'),
    "an empty item at the end of a nested list": Case(
        "x-a:\n- -\n- b\n", ("VM118", 10, 3), "x-a:\n- - null\n- b\n"
    ),
    "an empty item behind a comment": Case(
        "x-a:\n- - # none\n- b\n", ("VM118", 10, 3), "x-a:\n- - null # none\n- b\n"
    ),
    "an empty item of a list in a list in a list": Case(
        "x-a:\n- - -\n- b\n", ("VM118", 10, 5), "x-a:\n- - - null\n- b\n"
    ),
    "an empty item of a list in a mapping in a list": Case(
        "x-a:\n- k:\n  -\n- b\n", ("VM118", 11, 3), "x-a:\n- k:\n  - null\n- b\n"
    ),
    "a quoted line that a no-break space begins": Case(
        'x-a: "a\n\u00a0b"\n', ("VM113", 10, 1), 'x-a: "a\n \u00a0b"\n'
    ),
    "a line between brackets that a thin space begins": Case(
        "x-a: [a,\n\u2009b]\n", ("VM113", 10, 1), "x-a: [a,\n \u2009b]\n"
    ),
    "a quoted merge key": Case('x-a: {"<<": {b: 1}}\n', ("VM108", 9, 7)),
    "a merge key with a list": Case('x-a: {"<<": [{b: 1}]}\n', ("VM108", 9, 7)),
    "a comment at the margin between braces": Case(
        "x-a: {b: 1\n# c\n }\n", ("VM113", 10, 1), "x-a: {b: 1\n # c\n }\n"
    ),
    "an end that is marked twice": Case("...\n...\n", ("VM007", 10, 1)),
    **{
        f"plain {text}": Case(f"x-a: {text}\n", ("VM104", 9, 6))
        for text in (
            *("+_1.", "-_.8", "-_1.5e+3", "0_o5", "0b-1", "0o+5"),  # numbers to Go
            *("0b,1", "0x1F,", "0xf,10Bb1", "0b,", "0x,", "-0x,", "0b_,"),  # to Ruby, or an error
        )
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_a_reader_takes_for_something_else_is_refused_at_its_place(case: Case) -> None:
    problems = check((SMALL + case.text).encode(), now=NOW).problems
    assert [(found.code, found.line, found.column) for found in problems] == [case.problem]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_fix_repairs_it_where_one_thing_can_be_meant(case: Case) -> None:
    expected = case.text if case.repaired is None else case.repaired
    assert fix_text(SMALL + case.text) == SMALL + expected
    assert case.repaired is None or not check((SMALL + expected).encode(), now=NOW).problems


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize("value", ["one\ntwo", "one\ntwo\n", "one\n\n", "\n", "a ", " a\nb"])
def test_an_edit_of_the_last_value_of_a_file_without_a_final_line_break(
    style: str, value: str
) -> None:
    text = FORMATS[style].text().rstrip().removesuffix("...").rstrip()
    edited = apply(text, [Replace(("notes",), value)], compiled.FIELDS)
    edited = apply(edited, [Replace(("x-last",), value)], compiled.FIELDS)
    assert not check(edited.encode(), now=NOW).errors


@pytest.mark.parametrize("char", [*map(chr, range(0x1C, 0x20)), "\x85", "\ufeff", "\u2003", "\n"])
def test_a_text_of_blanks_alone_is_blank_to_every_dialect_of_patterns(char: str) -> None:
    """Python, Rust and ECMAScript differ in what ``\\s`` is; the pattern names what they leave."""
    in_rust = TypeAdapter(Annotated[str, StringConstraints(pattern=formats.NOT_BLANK)])
    assert not re.search(formats.NOT_BLANK, char)
    with pytest.raises(ValueError, match="pattern"):
        in_rust.validate_python(char)
