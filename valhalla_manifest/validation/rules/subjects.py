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
    """A manifest of the branch point that no present manifest follows."""


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
    """One of Pydantic's errors, and the node that it is about."""

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


class KnownPack(NamedTuple):
    """The well-formed part of one item of ``packs``."""

    node: MappingNode
    id: str | None
    status: str | None

    @property
    def references(self) -> Iterator[tuple[str, Node]]:
        """The well-formed ids of other packs, each with the key that refers to it."""
        for key, field in _REFERENCES.items():
            node = self.node.get(key)
            is_list = isinstance(node, SequenceNode)
            if node is None or is_list != (field.type == "array"):
                continue
            items = node.items if isinstance(node, SequenceNode) else [node]
            yield from ((key, item) for item in items if _id_of(item.value))

    @property
    def dependencies(self) -> list[Node]:
        """The well-formed ids of the packs that this pack needs."""
        return [node for key, node in self.references if _REFERENCES[key].dependency]


def _id_of(value: object) -> str | None:
    return value if isinstance(value, str) and _is_well_formed(value) else None


@lru_cache(maxsize=1024)  # many revisions of one manifest have the same ids
def _is_well_formed(pack_id: str) -> bool:
    return _PACK_ID.match(pack_id) is not None


def _text_of(value: object) -> str | None:
    return value if isinstance(value, str) else None


class ParsedManifest:
    """The well-formed part of a manifest, and the latest time that ``completed_at`` may have."""

    def __init__(self, source: Source, now: datetime, tolerance: timedelta) -> None:
        self.source = source
        self.latest = now + tolerance

    @cached_property
    def packs(self) -> list[KnownPack]:
        """The packs, in the order of the file."""
        listed = self.source.find(("packs",))
        return [
            KnownPack(node, _id_of(node.value.get("id")), _text_of(node.value.get("status")))
            for node in (listed.items if isinstance(listed, SequenceNode) else ())
            if isinstance(node, MappingNode)
        ]

    @cached_property
    def linked(self) -> list[KnownPack]:
        """The packs, if any of them refers to another one; most manifests have no references."""
        signs = (*_REFERENCES, "\\")  # a key may be written with escapes
        return self.packs if any(sign in self.source.text for sign in signs) else []

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
        listed = self.source.find(("packs",))
        complete = isinstance(listed, SequenceNode) and len(listed.items) == len(self.packs)
        return complete and not self.source.damaged and all(pack.id for pack in self.packs)


@dataclass(frozen=True, slots=True)
class Transition:
    """Two valid revisions of a manifest; the older one may have a newer format."""

    old: Source
    new: Source

    def both(self, key: str) -> tuple[Node, Node] | None:
        """Return both values of a top-level key; None if one of them is missing."""
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
