"""Reads the data of a text in plain block style, at a fraction of what its tree takes.

It accepts, and never diagnoses: what it takes is valid YAML that every parser reads the same way
and that no rule about a tree reports. For any other text it returns None, and ``reader.py`` reads
the text. Tests hold it to that; a new rule about a tree may need a narrower grammar here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from valhalla_manifest.document import scalars
from valhalla_manifest.document.characters import has_forbidden
from valhalla_manifest.document.source import BYTE_ORDER_MARK, NODE_LIMIT, Source

_DEPTH = 16  # far below the limit of the tree, and deeper than any manifest
_BLANK_LINES = r"(?:[ ]*+(?:\#[^\n]*+)?+\n)*+"
# A comment that no rule takes for a part of the value before it.
_COMMENT = r"\#(?:[ ]++[^\s0-9][^\n]*+|[ ]*+(?=\n))"
_ITEM = r"""(?:"[^"\\\n]*+"|'[^'\n]*+'|[^\W\d_][\w.-]*+(?:[ ]\w[\w.-]*+)*+)"""
_LIST = rf"(?:\[[ ]*+(?:{_ITEM}(?:[ ]*+,[ ]*+{_ITEM})*+[ ]*+)?+\])"
_PAIR = rf"[A-Za-z_][\w-]*+:[ ]++(?:{_ITEM}|{_LIST})"
_START = rf"{_BLANK_LINES}---[ ]*+\n"
# One key or item with its value; the empty match at the end of the text; anything else.
_ENTRY = re.compile(
    rf"""{_BLANK_LINES}
    (?:
      ([ ]*+)(-[ ]++)?+(?:([A-Za-z_][\w-]*+):(?=[ \n]))?+[ ]*+
      (?:
        (?:
          ("(?:[^"\\\n]|\\["\\nt])*+"|'(?:[^'\n]|'')*+')
        | ({_LIST}|\{{[ ]*+{_PAIR}(?:[ ]*+,[ ]++{_PAIR})*+[ ]*+\}})
        | ([\w(/$~\u2190-\u2bff\U0001f300-\U0001faff](?:[^\n:\ ]++|[ ]++(?=[^\n\#\ ])|:(?=\S))*+)
        )?+
        (?:[ ]++{_COMMENT})?+[ ]*+\n
      | ([|>]-?+)[ ]*+\n((?:\1[ ][^\n]*+\n|\n)*+)
      )
    | (?:\.\.\.[ ]*+\n)?+\Z
    | ([^\n]*+\n)
    )
    """,
    re.VERBOSE,
)
_ESCAPED = {"n": "\n", "t": "\t"}
# A plain scalar that begins differently is a string to every parser.
_MAY_BE_OTHER = frozenset("0123456789yYnNoOtTfF~")
_NO_VALUE: Any = object()


class _Other(Exception):  # noqa: N818  not an error: the text is for the full reader
    """Something that the grammar lacks."""


def read_data(text: str) -> dict[str, Any] | None:
    """Return the data of a text in plain block style, a mapping; None for any other text."""
    text = text.removeprefix(BYTE_ORDER_MARK)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\t" in text or "\r" in text or has_forbidden(text) or text.count("\n") > NODE_LIMIT:
        return None
    start = re.match(_START, text, re.VERBOSE) if "---" in text else None
    try:
        data = _read(text, start.end() if start else 0)
    except _Other:
        return None
    return data if len(text) < NODE_LIMIT or size(data) <= NODE_LIMIT else None


class UnreadSource(Source):
    """A text in plain block style: its data, and a tree that is read when somebody needs it."""

    __slots__ = ("_data",)

    def __init__(self, text: str, data: dict[str, Any]) -> None:
        # ``root`` and ``nodes`` stay without a value, so that ``__getattr__`` is asked for them.
        self.text = text.removeprefix(BYTE_ORDER_MARK)
        self.bom = text.startswith(BYTE_ORDER_MARK)
        self.has_forbidden = False
        self.faults, self.directives = [], []
        self.more_documents = self.too_deep = self.too_many = self._lines = None
        self._data = data

    def __getattr__(self, name: str) -> Any:
        """Read the tree, at the first question for it."""
        if name not in {"root", "nodes"}:
            raise AttributeError(name)
        from valhalla_manifest.document.reader import read

        tree = read(self.text)
        self.nodes, self.root = tree.nodes, tree.root
        return getattr(self, name)

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a key nor a value."""
        return False

    @property
    def data(self) -> dict[str, Any]:
        """The data as plain lists, dicts and values."""
        return self._data


def read_lazily(text: str) -> Source:
    """Read a text; in plain block style its data alone, and the tree when somebody needs it."""
    data = read_data(text)
    if data is not None:
        return UnreadSource(text, data)
    from valhalla_manifest.document.reader import read

    return read(text)


def _read(text: str, start: int) -> dict[str, Any]:  # noqa: C901, PLR0912  calls cost too much
    root: dict[str, Any] = {}
    current: Any = root  # the mapping or list that the next entry is a part of
    margin = ""  # the spaces before its entries
    outer: list[tuple[Any, str]] = []  # what it is in, with their margins
    waiting: str | None = None  # the key whose value may be in the next lines
    keys: set[str] = set()
    is_open = not text.endswith("\n")
    entries = _ENTRY.findall(f"{text}\n" if is_open else text, start)
    if is_open and any(block for *_, block, _, _ in entries[-3:]):
        raise _Other  # a block scalar may end in the middle of its last line
    for indent, dash, key, quoted, flow, plain, block, body, other in entries:
        if not key and not dash:
            if indent or quoted or flow or plain or block or other:
                raise _Other
            break  # the end
        if waiting is not None and (indent >= margin if dash else indent > margin):
            outer.append((current, margin))
            inner: Any = [] if dash else {}
            current[waiting] = inner
            if len(outer) > _DEPTH:
                raise _Other
            current, margin = inner, indent
        elif margin != indent or type(current) is not (list if dash else dict):
            current, margin = _holder(outer, list if dash else dict, indent)
        if dash and key:
            outer.append((current, margin))
            inner = {}
            current.append(inner)
            current, margin = inner, indent + " " * len(dash)
        if plain:
            value = _plain(plain) if plain[0] in _MAY_BE_OTHER else plain
        else:
            value = _value(quoted, flow, block, body, margin)
        waiting = None
        if not key:
            if value is _NO_VALUE:
                raise _Other
            current.append(value)
            continue
        if key not in keys:
            if not _is_safe_key(key):
                raise _Other
            keys.add(key)
        if key in current:
            raise _Other
        if value is _NO_VALUE:
            waiting, value = key, None
        current[key] = value
    if not root:
        raise _Other
    return root


def _holder(outer: list[tuple[Any, str]], kind: type, indent: str) -> tuple[Any, str]:
    """Return the list or mapping that an entry goes on with, and leave what is inside it."""
    while outer:
        holder, margin = outer.pop()
        if margin == indent and type(holder) is kind:
            return holder, margin
    raise _Other


def _value(quoted: str, flow: str, block: str, body: str, margin: str) -> Any:
    if quoted:
        inner = quoted[1:-1]
        if quoted[0] == "'":
            return inner.replace("''", "'")
        if "\\" in inner:
            return re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), inner)
        return inner
    if flow:
        return _pairs(flow) if flow[0] == "{" else [_item(item) for item in re.findall(_ITEM, flow)]
    return _block(block, body, margin) if block else _NO_VALUE


_is_safe_key = lru_cache(maxsize=1024)(scalars.is_safe_plain)


def _plain(text: str) -> Any:
    value = scalars.resolve(text)
    if scalars.disagreement(text):
        raise _Other
    if isinstance(value, (int, float)) and not scalars.is_exact(value):
        raise _Other
    return value


def _pairs(flow: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in re.findall(_PAIR, flow):
        key, _, text = pair.partition(":")
        text = text.lstrip(" ")
        if key in found or not _is_safe_key(key):
            raise _Other
        found[key] = _value("", text, "", "", "") if text[0] == "[" else _item(text)
    return found


def _item(text: str) -> Any:
    if text[0] in "'\"":
        return text[1:-1]
    return _plain(text) if text[0] in _MAY_BE_OTHER else text


def _block(header: str, body: str, margin: str) -> str:
    """Return the value of a block scalar whose key has a margin."""
    lines = body.rstrip("\n").split("\n")
    width = len(lines[0]) - len(lines[0].lstrip(" "))
    inner = " " * width
    is_folded = header[0] == ">"
    if width <= len(margin):
        raise _Other
    for line in lines:
        # Lines of spaces, and lines that keep their breaks in a folded text, are for the tree.
        if line and (
            not line.startswith(inner) or line[-1] == " " or (is_folded and line[width] == " ")
        ):
            raise _Other
    value = "\n".join([line[width:] for line in lines])
    if is_folded:
        value = re.sub(r"\n+", lambda found: found[0][1:] or " ", value)
    return value if header.endswith("-") else f"{value}\n"


def size(value: object) -> int:
    """Return how many keys and values a value is, itself included."""
    if isinstance(value, dict):
        return 1 + len(value) + sum(map(size, value.values()))
    return 1 + sum(map(size, value)) if isinstance(value, list) else 1
