"""The only module that uses the YAML library: it turns text to events, and one scalar to text.

Every tree is read from libyaml's events, by way of ruamel.yaml.clib. ``fast_reader.py`` reads the
data of plain documents without them. Tests check that both give the same data, because no rule is
reliable if two parsers disagree about a file. If this dependency ever has to be replaced, PyYAML's
``parse(text, CSafeLoader)`` gives the same events from the same libyaml.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]  # an import error here means: no C parser, no tool
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "AliasEvent",
    "DocumentStartEvent",
    "MappingEndEvent",
    "MappingStartEvent",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "SyntaxFault",
    "emit_scalar",
    "events",
]

UNLIMITED = 1 << 30


class SyntaxFault(Exception):  # noqa: N818  a value for the reader, never shown as an exception
    """The place where libyaml stopped, in characters from 0, and its message."""

    def __init__(self, context: Mark | None, problem: Mark, reason: str) -> None:
        super().__init__(reason)
        self.context = context
        self.problem = problem
        self.reason = reason


class Mark(NamedTuple):
    """A place in a libyaml message: its offset in characters, and what libyaml did there."""

    doing: str
    offset: int


def events(text: str) -> Iterator[Any]:
    """Yield libyaml's events for YAML text, and raise SyntaxFault at the first syntax error."""
    try:
        yield from iter(CParser(text).get_event, None)  # get_event returns None at the end
    except MarkedYAMLError as error:
        context = (
            Mark(error.context or "", error.context_mark.index) if error.context_mark else None
        )
        offset = error.problem_mark.index if error.problem_mark else len(text)
        raise SyntaxFault(context, Mark("", offset), error.problem or "not YAML") from None
    except YAMLError as error:
        raise SyntaxFault(None, Mark("", getattr(error, "position", 0)), str(error)) from None


def emit_scalar(value: str, style: str, *, flow: bool = False, width: int = UNLIMITED) -> str:
    r"""Return a string as one YAML scalar in a style ("" is plain), without a final newline.

    The emitter uses a safer style if the value does not fit the style, in flow context or at
    all. Lines are joined by ``\n``; the content of a block scalar is indented by 2.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.events import DocumentEndEvent, StreamStartEvent
    from ruamel.yaml.tag import Tag

    # Use the emitter in Python, because that of libyaml writes every emoji as an escape.
    yaml = YAML(typ="safe", pure=True)
    yaml.width = width
    string = Tag(suffix="tag:yaml.org,2002:str")
    out = io.StringIO()
    stream = (
        StreamStartEvent(),
        DocumentStartEvent(explicit=False),
        # Emit the value inside a mapping: the emitter quotes differently at the root.
        MappingStartEvent(None, None, implicit=True, flow_style=flow),
        ScalarEvent(None, string, (True, True), "k"),
        ScalarEvent(None, string, (True, True), value, style=style or None),
        MappingEndEvent(),
        DocumentEndEvent(explicit=False),
        StreamEndEvent(),
    )
    yaml.emit(stream, out)
    written = out.getvalue().removesuffix("...\n").removesuffix("\n")
    written = written.removeprefix("{").removesuffix("}") if flow else written
    return written.removeprefix("k:").lstrip(" ")
