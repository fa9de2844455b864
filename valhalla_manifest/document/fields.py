"""Describes the keys of a manifest, in order, for code that is independent of manifests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from valhalla_manifest.document.source import Path


class Field(NamedTuple):
    """The description of one key.

    ``type`` is a JSON Schema type: string, integer, number, boolean, array or object. Edits
    write ``quoted`` strings, and strings in a ``quoted`` list, in quotes. ``choices`` are the
    allowed values, if there are few. A ``reference`` holds the identity of another item; a
    ``dependency`` is a reference to an item that this item needs. Reports show a ``column`` as a
    column with a filter, and a ``label`` as a label of a metric. An item counts as another item
    if its name changes together with all keys that ``describes`` marks.
    """

    type: str
    quoted: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    reference: bool = False
    dependency: bool = False
    column: bool = False
    label: bool = False
    describes: bool = False
    description: str = ""


# Path of keys, joined by "/" → key → its description, in the order of the keys.
Fields = Mapping[str, Mapping[str, Field]]


def fields_at(fields: Fields, path: Path) -> Mapping[str, Field]:
    """Return the fields of the mapping at a path, or of the items of the list there."""
    return fields.get("/".join(step for step in path if isinstance(step, str)), {})


def field_at(fields: Fields, path: Path) -> Field | None:
    """Return the field of the key at a path, or of the list that holds the item there."""
    names = [step for step in path if isinstance(step, str)]
    return fields.get("/".join(names[:-1]), {}).get(names[-1]) if names else None
