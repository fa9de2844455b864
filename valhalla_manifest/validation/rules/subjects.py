"""The subjects of rules: a file, an invalid value, the parsed manifest, and a change of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document.problems import Finding, Span, pointer
from valhalla_manifest.document.source import (
    BYTE_ORDER_MARK,
    MappingNode,
    Node,
    Path,
    SequenceNode,
    Source,
)
from valhalla_manifest.manifest import formats
from valhalla_manifest.manifest.compiled import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

_REFERENCES = {name: field for name, field in FIELDS["packs"].items() if field.reference}
_PACK_ID = re.compile(formats.PACK_ID)


class Unreadable(NamedTuple):
    """The reason why a file cannot be read."""

    reason: str


class Overflow(NamedTuple):
    """The place of the first problem beyond the limit, and the limit."""

    span: Span
    limit: int


class SettingRelaxation(NamedTuple):
    """A description of a setting that became less strict, and its place in the settings."""

    span: Span
    what: str


class RemovedManifest(NamedTuple):
    """A manifest of the branch point that was removed without a successor."""


class File:
    """The bytes of a file, before they are parsed."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def undecodable(self) -> int | None:
        """The offset of the first byte that is not UTF-8."""
        try:
            self.data.decode()
        except UnicodeDecodeError as error:
            return error.start
        return None

    @cached_property
    def text(self) -> str:
        """The content up to the first byte that is not UTF-8."""
        return self.data[: self.undecodable].decode()

    @cached_property
    def unread(self) -> Source:
        """The content without its byte-order mark, for positions only."""
        return Source(self.text.removeprefix(BYTE_ORDER_MARK))


def name_of(path: Path) -> str:
    """Return the name of a value for messages: its key, or its place in a list."""
    last = path[-1] if path else "the manifest"
    return last if isinstance(last, str) else f"item {last + 1} of {path[-2]}"


class Case(NamedTuple):
    """One of Pydantic's errors, and the affected node."""

    source: Source
    path: Path
    node: Node  # the value, or the mapping that lacks it
    error: Any

    @property
    def key(self) -> str:
        """The name of the value for messages."""
        return name_of(self.path)

    def finding(self, message: str, hint: str | None = None) -> Finding:
        """Return a finding at the value."""
        return Finding(self.node.span, pointer(self.path), message, hint)


def at_mapping(case: Case, message: str, hint: str) -> Finding:
    """Return a finding at the first key of a mapping in which a key is missing."""
    node, mapping = case.node, case.node
    if isinstance(mapping, MappingNode) and mapping.entries:
        node = mapping.entries[0][0]
    return Finding(node.span, pointer(mapping.path), message, hint)


class Reference(NamedTuple):
    """A well-formed id of another pack, and the key and the path of the reference."""

    source: Source
    key: str
    value: str
    path: Path

    @property
    def span(self) -> Span:
        """The span of the id."""
        return span_at(self.source, self.path)


def span_at(source: Source, path: Path) -> Span:
    """Return the span of the value at a path; this reads the tree, which only a problem needs."""
    node = source.nearest(path)
    return node.span if node else Span(0, 0)


class KnownPack(NamedTuple):
    """The well-formed part of one item of ``packs``."""

    source: Source
    place: int  # in the list, from 0
    data: dict[str, Any]
    id: str | None
    status: str | None

    @property
    def references(self) -> Iterator[Reference]:
        """The well-formed ids of other packs, each with the key that refers to it."""
        for key, field in _REFERENCES.items():
            value = self.data.get(key)
            if value is None or isinstance(value, list) != (field.type == "array"):
                continue
            path = ("packs", self.place, key)
            if not isinstance(value, list):
                found: list[tuple[Path, Any]] = [(path, value)]
            else:
                found = [((*path, place), item) for place, item in enumerate(value)]
            for at, item in found:
                if _id_of(item):
                    yield Reference(self.source, key, item, at)

    @property
    def dependencies(self) -> list[Reference]:
        """The well-formed ids of the packs that this pack needs."""
        return [found for found in self.references if _REFERENCES[found.key].dependency]


def _id_of(value: object) -> str | None:
    return value if isinstance(value, str) and _is_well_formed(value) else None


@lru_cache(maxsize=1024)  # many revisions of one manifest have the same ids
def _is_well_formed(pack_id: str) -> bool:
    return _PACK_ID.match(pack_id) is not None


def _text_of(value: object) -> str | None:
    return value if isinstance(value, str) else None


class ParsedManifest:
    """The well-formed part of a manifest, and the latest time that ``completed_at`` may have.

    This part comes from the data, which may be known without a tree; ``source`` only gives
    positions.
    """

    def __init__(self, source: Source, now: datetime, tolerance: timedelta) -> None:
        self.source = source
        data: Any = source.data
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        self.latest = now + tolerance

    @cached_property
    def _items(self) -> list[Any]:
        listed = self.data.get("packs")
        return listed if isinstance(listed, list) else []

    @cached_property
    def packs(self) -> list[KnownPack]:
        """The packs, in the order of the file."""
        return [
            KnownPack(self.source, at, pack, _id_of(pack.get("id")), _text_of(pack.get("status")))
            for at, pack in enumerate(self._items)
            if isinstance(pack, dict)
        ]

    @cached_property
    def linked(self) -> list[KnownPack]:
        """The packs that refer to others; most manifests have none."""
        return [pack for pack in self.packs if not pack.data.keys().isdisjoint(_REFERENCES)]

    @cached_property
    def by_id(self) -> dict[str, KnownPack]:
        """The packs by normalized id; of duplicates, the first."""
        first: dict[str, KnownPack] = {}
        for pack in self.packs:
            if pack.id:
                first.setdefault(formats.normalize_id(pack.id), pack)
        return first

    @property
    def all_ids_known(self) -> bool:
        """Whether ``by_id`` contains every id of the file."""
        complete = isinstance(self.data.get("packs"), list) and len(self._items) == len(self.packs)
        return complete and not self.source.damaged and all(pack.id for pack in self.packs)

    def span(self, *path: str | int) -> Span:
        """Return the span of the value at a path."""
        return span_at(self.source, path)


@dataclass(frozen=True, slots=True)
class Transition:
    """Two valid revisions of a manifest; the older one may have a newer format."""

    old: Source
    new: Source

    def both(self, key: str) -> tuple[Node, Node] | None:
        """Return both values of a top-level key, or None if one of them is missing."""
        old, new = self.old.find((key,)), self.new.find((key,))
        return (old, new) if old is not None and new is not None else None

    def packs(self) -> Iterator[tuple[str, MappingNode, MappingNode]]:
        """Yield each pack that is in both revisions: its id, and the old and the new node."""
        before = packs_by_id(self.old)
        for name, pack in packs_by_id(self.new).items():
            if name in before:
                yield pack.value["id"], before[name], pack


class RemovalTransition(Transition):
    """A transition whose problems are reported at their place in the old revision."""


def packs_by_id(source: Source) -> dict[str, MappingNode]:
    """Return the packs of a valid manifest by normalized id."""
    listed = source.find(("packs",))
    items = listed.items if isinstance(listed, SequenceNode) else ()
    packs = (item for item in items if isinstance(item, MappingNode))
    return {formats.normalize_id(pack.value["id"]): pack for pack in packs}
