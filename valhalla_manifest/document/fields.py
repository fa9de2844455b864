"""What an engine that knows no manifest must be told of one: its keys, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from valhalla_manifest.document.source import Path


class Field(NamedTuple):
    """What is known of one key.

    ``type`` is that of JSON Schema: string, integer, number, boolean, array or object. Strings
    are written in quotes where they are ``quoted``, also those in a list. ``choices`` are the
    values that are allowed, where they can be listed. A ``reference`` names an item by its
    identity, a ``dependency`` one that the item needs. In reports of items, a ``column`` has a
    column and a filter, and a ``label`` is a label of a metric. An item whose name changes and
    everything that ``describes`` it is another item.
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


# Path of keys, joined by "/" → key → what is known of it, in the order of the keys.
Fields = Mapping[str, Mapping[str, Field]]


def fields_at(fields: Fields, path: Path) -> Mapping[str, Field]:
    """Return what is known of the keys of the mapping, or of the items, at a path."""
    return fields.get("/".join(step for step in path if isinstance(step, str)), {})


def field_at(fields: Fields, path: Path) -> Field | None:
    """Return what is known of the key at a path, and of the items of its list."""
    names = [step for step in path if isinstance(step, str)]
    return fields.get("/".join(names[:-1]), {}).get(names[-1]) if names else None
