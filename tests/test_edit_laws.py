"""Laws that every edit keeps, in layouts that nobody would write on purpose.

The expected result never comes from the tool: data are read by PyYAML, and each comment is one
word that says what it belongs to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples
from valhalla_manifest.document.edit import Add, Remove, Replace, apply

INDENTATIONS = (0, 1, 2, 3, 4, 6, 8)


@dataclass
class Part:
    """One item or entry, and the comments that stand around it."""

    word: str
    above: list[str] = field(default_factory=list)
    behind: str = ""
    own_line: bool = True
    blank_above: bool = False


@st.composite
def part_lists(draw: st.DrawFn, *, flow: bool) -> list[Part]:
    """Draw parts; in flow style, several may share a line."""
    result: list[Part] = []
    for at in range(draw(st.integers(1, 5))):
        above = draw(st.integers(0, 2)) if draw(st.booleans()) else 0
        part = Part(
            f"t{at}",
            [f"# above-t{at}-{number}" for number in range(above)],
            f"# behind-t{at}" if draw(st.booleans()) else "",
            draw(st.booleans()) or not flow,
            draw(st.booleans()) and at > 0,
        )
        if above or part.blank_above or (result and result[-1].behind):
            part.own_line = True
        result.append(part)
    return result


def in_flow(
    parts: list[Part], indent: int, comma: str, *, keys: bool, final: bool, end: str
) -> str:
    """Write parts between brackets; ``comma`` is where commas stand."""
    pad, out = " " * (indent + 1), "{" if keys else "["
    for at, part in enumerate(parts):
        is_last = at + 1 == len(parts)
        if part.own_line:
            out += "\n" * part.blank_above + "".join(f"\n{pad}{one}" for one in part.above)
            out += f"\n{pad}"
        elif at:
            out += " "
        if comma == "leading" and at:
            out += ", "
        out += f"k{part.word}: {part.word}" if keys else part.word
        if comma != "leading" and (final or not is_last):
            out += " ," if comma == "spaced" else ","
        out += f"  {part.behind}" if part.behind else ""
    if parts[-1].behind or end:
        out += "\n" + pad
    return out + ("}" if keys else "]")


def in_block(parts: list[Part], indent: int, *, keys: bool, wide: int) -> str:
    """Write parts line by line."""
    pad, out = " " * indent, ""
    for part in parts:
        out += "\n" * part.blank_above + "".join(f"{pad}{one}\n" for one in part.above)
        head = f"k{part.word}:" if keys else "-"
        out += pad + head + " " * wide + part.word
        out += (f"  {part.behind}" if part.behind else "") + "\n"
    return out


@st.composite
def collections(draw: st.DrawFn) -> tuple[str, list[Part], bool]:
    """Draw a text with a list or a mapping under ``x``, its parts, and whether it has keys."""
    flow, keys = draw(st.booleans()), draw(st.booleans())
    parts = draw(part_lists(flow=flow))
    indent = draw(st.sampled_from(INDENTATIONS))
    opening = draw(st.sampled_from(["", "  # of-x"]))
    if flow:
        body = in_flow(
            parts,
            indent,
            draw(st.sampled_from(["tight", "spaced", "leading"])),
            keys=keys,
            final=draw(st.booleans()),
            end=draw(st.sampled_from(["", "line"])),
        )
        if opening and parts[0].own_line:
            body = body[0] + opening + body[1:]
        text = f"a: 1\nx: {body}  # behind-x\nz: last # behind-z\n"
    else:
        indent = indent or int(keys)
        body = in_block(parts, indent, keys=keys, wide=draw(st.sampled_from([1, 3])))
        text = f"a: 1\nx:{opening}\n{body}z: last # behind-z\n"
    text = draw(st.sampled_from([text, text.replace("\n", "\r\n"), f"# head\n{text}"]))
    return text, parts, keys


def words(text: str) -> list[str]:
    """Return the comments of a text."""
    return sorted(re.findall(r"# (?:head|above|behind|in|of)[\w-]*", text))


def goes_with(parts: list[Part], at: int, *, keys: bool) -> list[str]:
    """Return the comments that a part takes along, after the rule of docs/format.md."""
    part, following = parts[at], parts[at + 1] if at + 1 < len(parts) else None
    shares_start = not part.own_line and at > 0
    shares_end = following is not None and not following.own_line
    gone = []
    touches = following and following.own_line and not (following.above or following.blank_above)
    is_heading = not keys and (at == 0 or part.blank_above) and touches
    if part.own_line and not shares_end and not is_heading:
        gone += part.above
    if part.behind and not shares_start:
        gone.append(part.behind)
    return gone


@pytest.mark.slow
@given(collections(), st.data())
@examples(600)
def test_removing_leaves_the_others_comments(
    drawn: tuple[str, list[Part], bool], data: st.DataObject
) -> None:
    text, parts, keys = drawn
    before = yaml.safe_load(text)
    at = data.draw(st.integers(0, len(parts) - 1))
    word = parts[at].word
    edited = apply(text, [Remove(("x", f"k{word}" if keys else at))], {})
    del before["x"][f"k{word}" if keys else at]
    assert yaml.safe_load(edited) == before
    expected = words(text)
    for gone in goes_with(parts, at, keys=keys):
        expected.remove(gone)
    assert words(edited) == expected
    for part in parts:
        if part.word == word:
            continue
        lines = edited.splitlines()
        (line,) = [n for n, row in enumerate(lines) if re.search(rf"\b{part.word}\b(?!-)", row)]
        if part.behind:
            assert part.behind in lines[line]
        above = [row.strip() for row in lines[max(line - len(part.above), 0) : line]]
        assert above == part.above


@pytest.mark.slow
@given(collections(), st.data())
@examples(600)
def test_an_edit_and_its_inverse_give_the_first_bytes_back(
    drawn: tuple[str, list[Part], bool], data: st.DataObject
) -> None:
    text, parts, keys = drawn
    before = yaml.safe_load(text)
    value = data.draw(st.sampled_from(["new", 7, True, {"m": "n"}, ["p", "q"]]))
    if keys:
        edited = apply(text, [Replace(("x", "new"), value)], {})
        before["x"]["new"] = value
        undo = Remove(("x", "new"))
    else:
        at = data.draw(st.integers(0, len(parts)))
        edited = apply(text, [Add(("x",), at, value)], {})
        before["x"].insert(at, value)
        undo = Remove(("x", at))
    assert yaml.safe_load(edited) == before
    assert words(edited) == words(text)
    for part in parts:
        if part.behind:
            assert re.search(rf"\b{part.word}\b[^\n]*{part.behind}", edited)
    assert apply(edited, [undo], {}) == text


EMPTY = (
    "x: []\n",
    "x: []   # none yet\n",
    "x:   []  # wide\n",
    "x: [ ] # spaced\n",
    "x:\n  []\n",
    "x: [\n  ]  # behind\n",
    "x: [  # inside\n  ]\n",
    "x: [\n    # inside\n  ]\n",
    "x: []\n      # deeper\n",
    "x: []\n# below\n",
    "x: []",
    "y: 1\r\nx: []  # none yet\r\nz: 2\r\n",
)


@pytest.mark.parametrize("text", EMPTY)
@pytest.mark.parametrize("item", ["new", {"k": "v", "l": "w"}, ["p"]])
def test_the_first_item_of_an_empty_list_leaves_no_trace(text: str, item: Any) -> None:
    edited = apply(text, [Add(("x",), 0, item)], {})
    assert yaml.safe_load(edited) == yaml.safe_load(text) | {"x": [item]}
    assert words(edited) == words(text)
    assert apply(edited, [Remove(("x", 0))], {}) == text


numbers = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([5e-324, 1e-05, 1e16, 1.7976931348623157e308, 2.2250738585072014e-308, -0.0]),
)
strings = st.sampled_from(
    [
        "a",
        "b c",
        "",
        "yes",
        "012",
        "x: y",
        "- z",
        "? q",
        "two\nlines",
        "end\n",
        "end\n\n",
        " in\nout",
    ]
) | st.text("ab \n#:-?'\"{}[],", max_size=8)
scalars = st.one_of(st.none(), st.booleans(), numbers, strings)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["k", "m", "n"]), inner, max_size=3)
    ),
    max_leaves=6,
)
KINDS = {
    "nothing": ["", "null", "~"],
    "a boolean": ["true"],
    "a number": ["12", "1.5", "1.0e-05"],
    "a plain string": ["word", "two words", "over\n{pad}lines"],
    "a quoted string": ["'it'", '"it"', '"over\n{pad}lines"'],
    "a block string": ["|\n{pad}one\n{pad}two", ">-\n{pad}one\n{pad}two", "|+\n{pad}one\n\n"],
    "a list": [
        "[]",
        "[a, b]",
        "[\n{pad}a,  # in-a\n{pad}b\n{pad}]",
        "\n{pad}- a  # in-a\n{pad}# in-b\n{pad}- b",
        "\n{pad}-\n{pad}  - a\n{pad}  # in-b\n{pad}  - b",
    ],
    "a mapping": [
        "{{}}",
        "{{a: 1, b: c}}",
        "{{\n{pad}a: 1,  # in-a\n{pad}b: 2 }}",
        "\n{pad}a: 1  # in-a\n{pad}# in-b\n{pad}b:\n{pad}  - c",
    ],
}


@st.composite
def texts_with_a_value(draw: st.DrawFn) -> tuple[str, tuple[str | int, ...]]:
    """Draw a text, and the path to a value in it that may be of any kind."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    form = draw(st.sampled_from(KINDS[kind]))
    place = draw(st.sampled_from(["top", "map", "item", "flow"]))
    if place == "flow":
        form = draw(st.sampled_from(["1", "word", "'it'", "[a, b]", "{{a: 1}}", "[]", "null"]))
    indent = draw(st.sampled_from(INDENTATIONS[1:]))
    pad = " " * indent
    behind = ""
    if not form.startswith(("\n", "|", ">")):
        behind = draw(st.sampled_from(["", "  # behind-x"]))
    elif form.startswith("\n"):
        form = draw(st.sampled_from(["", " # behind-x"])) + form
    if place == "top":
        unindented = form.lstrip().startswith("-") and draw(st.booleans())
        value = form.format(pad="" if unindented else pad)
        body = f"x: {value}{behind}\n".replace("x: \n", "x:\n").replace("x:  #", "x: #")
        return f"# head\na: 1\n{body}z: 2\n", ("x",)
    if place == "map":
        value = form.format(pad=" " * (2 * indent))
        body = f"{pad}x: {value}{behind}\n".replace("x: \n", "x:\n").replace("x:  #", "x: #")
        return f"m:\n{pad}# above-a\n{pad}a: 1\n{body}{pad}c: 3 # behind-c\nz: 2\n", ("m", "x")
    if place == "item":
        value = form.format(pad=" " * (2 * indent + 1))
        body = f"{pad}- {value}{behind}\n".replace("- \n", "-\n").replace("-  #", "- #")
        return f"l:\n{pad}- 1 # behind-1\n{body}{pad}- 3\nz: 2\n", ("l", 1)
    value = form.format(pad=pad)
    return f"f: {{a: 1, # behind-a\n{pad}x: {value}, # behind-x\n{pad}c: 3 }}\nz: 2\n", ("f", "x")


def value_at(data: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at a path."""
    for step in path:
        data = data[step]
    return data


def outside(text: str) -> list[str]:
    """Return the comments that are not inside of the value that changes."""
    return [comment for comment in words(text) if not comment.startswith("# in-")]


def with_value(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return data in which another value stands at a path."""
    value_at(data, path[:-1])[path[-1]] = value
    return data


@pytest.mark.slow
@given(texts_with_a_value(), values, st.sampled_from([False, True]))
@examples(1500)
def test_any_value_can_become_any_other(
    drawn: tuple[str, tuple[str | int, ...]], value: Any, crlf: bool
) -> None:
    text, path = drawn
    text = text.replace("\n", "\r\n") if crlf else text
    edited = apply(text, [Replace(path, value)], {})
    first = yaml.safe_load(text)
    assert repr(yaml.safe_load(edited)) == repr(with_value(yaml.safe_load(text), path, value))
    again = apply(edited, [Replace(path, value_at(first, path))], {})
    assert repr(yaml.safe_load(again)) == repr(first)
    for result in (edited, again):
        assert outside(result) == outside(text)


@pytest.mark.slow
@given(st.lists(values, max_size=6), st.lists(values, max_size=6), st.booleans())
@examples(300)
def test_a_list_can_become_any_other(old: list[Any], new: list[Any], flow: bool) -> None:
    text = yaml.dump({"x": old, "z": 1}, default_flow_style=flow, sort_keys=False)
    assert yaml.safe_load(apply(text, [Replace(("x",), new)], {})) == {"x": new, "z": 1}
