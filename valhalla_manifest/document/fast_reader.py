"""Reads the data of a document in plain block style, much faster than its tree.

It never diagnoses. A document that it accepts is valid YAML that every parser reads the same way
and that no rule about a tree reports. For any other document it returns None, and ``reader.py``
reads it. Tests check this; a new rule about a tree may need a narrower grammar here.
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
# A comment that no rule mistakes for a part of the value before it.
_COMMENT = r"\#(?:[ ]++[^\s0-9][^\n]*+|[ ]*+(?=\n))"
_ITEM = r"""(?:"[^"\\\n]*+"|'[^'\n]*+'|[^\W\d_][\w.-]*+(?:[ ]\w[\w.-]*+)*+)"""
_LIST = rf"(?:\[[ ]*+(?:{_ITEM}(?:[ ]*+,[ ]*+{_ITEM})*+[ ]*+)?+\])"
_PAIR = rf"[A-Za-z_][\w-]*+:[ ]++(?:{_ITEM}|{_LIST})"
_START = rf"{_BLANK_LINES}---[ ]*+\n"
# One key or item with its value, or the end of the document, or any other line.
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
# Every parser reads a plain scalar that begins differently as a string.
_MAY_BE_OTHER = frozenset("0123456789yYnNoOtTfF~")
_NO_VALUE: Any = object()


class _NotAccepted(Exception):  # noqa: N818  not an error: ``reader.py`` reads the document
    """The document contains something that the grammar lacks."""


def read_data(text: str) -> dict[str, Any] | None:
    """Return the mapping in a document in plain block style, or None for any other document."""
    text = text.removeprefix(BYTE_ORDER_MARK)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\t" in text or "\r" in text or has_forbidden(text) or text.count("\n") > NODE_LIMIT:
        return None
    start = re.match(_START, text, re.VERBOSE) if "---" in text else None
    try:
        data = _read_entries(text, start.end() if start else 0)
    except _NotAccepted:
        return None
    return data if len(text) < NODE_LIMIT or count_values(data) <= NODE_LIMIT else None


class UnreadSource(Source):
    """A document in plain block style, whose tree is read when it is first used."""

    __slots__ = ("_data",)

    def __init__(self, text: str, data: dict[str, Any]) -> None:
        # Do not set ``root`` and ``nodes``, so that Python calls ``__getattr__`` for them.
        self.text = text.removeprefix(BYTE_ORDER_MARK)
        self.bom = text.startswith(BYTE_ORDER_MARK)
        self.has_forbidden = False
        self.faults, self.directives = [], []
        self.more_documents = self.too_deep = self.too_many = self._lines = None
        self._data = data

    def __getattr__(self, name: str) -> Any:
        """Read the tree when one of its attributes is first used."""
        if name not in {"root", "nodes"}:
            raise AttributeError(name)
        from valhalla_manifest.document.reader import read

        tree = read(self.text)
        self.nodes, self.root = tree.nodes, tree.root
        return getattr(self, name)

    @property
    def is_empty(self) -> bool:
        """Whether the document is empty or has only comments."""
        return False

    @property
    def data(self) -> dict[str, Any]:
        """The data as plain lists, dicts and values."""
        return self._data


def read_lazily(text: str) -> Source:
    """Return a document; the tree of one in plain block style is read when it is first used."""
    data = read_data(text)
    if data is not None:
        return UnreadSource(text, data)
    from valhalla_manifest.document.reader import read

    return read(text)


def _read_entries(text: str, start: int) -> dict[str, Any]:  # noqa: C901, PLR0912  calls are slow
    root: dict[str, Any] = {}
    current: Any = root  # the mapping or list that contains the next entry
    margin = ""  # the spaces before its entries
    outer: list[tuple[Any, str]] = []  # the collections around it, with their margins
    waiting: str | None = None  # the key whose value may be in the next lines
    keys: set[str] = set()
    is_open = not text.endswith("\n")
    entries = _ENTRY.findall(f"{text}\n" if is_open else text, start)
    if is_open and any(block for *_, block, _, _ in entries[-3:]):
        raise _NotAccepted  # a block scalar may end without a line break
    for indent, dash, key, quoted, flow, plain, block, body, other in entries:
        if not key and not dash:
            if indent or quoted or flow or plain or block or other:
                raise _NotAccepted
            break  # the end
        if waiting is not None and (indent >= margin if dash else indent > margin):
            outer.append((current, margin))
            inner: Any = [] if dash else {}
            current[waiting] = inner
            if len(outer) > _DEPTH:
                raise _NotAccepted
            current, margin = inner, indent
        elif margin != indent or type(current) is not (list if dash else dict):
            current, margin = _find_holder(outer, list if dash else dict, indent)
        if dash and key:
            outer.append((current, margin))
            inner = {}
            current.append(inner)
            current, margin = inner, indent + " " * len(dash)
        if plain:
            value = _read_plain(plain) if plain[0] in _MAY_BE_OTHER else plain
        else:
            value = _read_value(quoted, flow, block, body, margin)
        waiting = None
        if not key:
            if value is _NO_VALUE:
                raise _NotAccepted
            current.append(value)
            continue
        if key not in keys:
            if not _is_safe_key(key):
                raise _NotAccepted
            keys.add(key)
        if key in current:
            raise _NotAccepted
        if value is _NO_VALUE:
            waiting, value = key, None
        current[key] = value
    if not root:
        raise _NotAccepted
    return root


def _find_holder(outer: list[tuple[Any, str]], kind: type, indent: str) -> tuple[Any, str]:
    """Return the list or mapping that an entry continues, and drop the collections inside it."""
    while outer:
        holder, margin = outer.pop()
        if margin == indent and type(holder) is kind:
            return holder, margin
    raise _NotAccepted


def _read_value(quoted: str, flow: str, block: str, body: str, margin: str) -> Any:
    if quoted:
        inner = quoted[1:-1]
        if quoted[0] == "'":
            return inner.replace("''", "'")
        if "\\" in inner:
            return re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), inner)
        return inner
    if flow.startswith("{"):
        return _read_pairs(flow)
    if flow:
        return [_read_item(item) for item in re.findall(_ITEM, flow)]
    return _read_block(block, body, margin) if block else _NO_VALUE


_is_safe_key = lru_cache(maxsize=1024)(scalars.is_safe_plain)


def _read_plain(text: str) -> Any:
    value = scalars.resolve(text)
    if scalars.disagreement(text):
        raise _NotAccepted
    if isinstance(value, (int, float)) and not scalars.is_exact(value):
        raise _NotAccepted
    return value


def _read_pairs(flow: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in re.findall(_PAIR, flow):
        key, _, text = pair.partition(":")
        text = text.lstrip(" ")
        if key in found or not _is_safe_key(key):
            raise _NotAccepted
        found[key] = _read_value("", text, "", "", "") if text[0] == "[" else _read_item(text)
    return found


def _read_item(text: str) -> Any:
    if text[0] in "'\"":
        return text[1:-1]
    return _read_plain(text) if text[0] in _MAY_BE_OTHER else text


def _read_block(header: str, body: str, margin: str) -> str:
    """Return the value of a block scalar whose key has a margin."""
    lines = body.rstrip("\n").split("\n")
    width = len(lines[0]) - len(lines[0].lstrip(" "))
    inner = " " * width
    is_folded = header[0] == ">"
    if width <= len(margin):
        raise _NotAccepted
    for line in lines:
        # Only ``reader.py`` reads lines of spaces, and indented lines of a folded scalar.
        if line and (
            not line.startswith(inner) or line[-1] == " " or (is_folded and line[width] == " ")
        ):
            raise _NotAccepted
    value = "\n".join([line[width:] for line in lines])
    if is_folded:
        value = re.sub(r"\n+", lambda found: found[0][1:] or " ", value)
    return value if header.endswith("-") else f"{value}\n"


def count_values(value: object) -> int:
    """Return the number of keys and values in a value, including the value itself."""
    if isinstance(value, dict):
        return 1 + len(value) + sum(map(count_values, value.values()))
    return 1 + sum(map(count_values, value)) if isinstance(value, list) else 1
