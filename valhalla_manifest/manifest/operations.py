"""Turns each editing command, its options and the current data into edits of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from valhalla_manifest.document.edit import Add, Edit, Remove, Replace
from valhalla_manifest.document.problems import ManifestError, NeedsForceError
from valhalla_manifest.manifest import compiled, formats, lookup
from valhalla_manifest.manifest.statuses import PLANNED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from semver import Version

    from valhalla_manifest.document.source import Path

Data = dict[str, Any]

COMPLETE_NOTES = "Backend marked as complete"
INCOMPLETE_NOTES = "Backend marked as incomplete (development mode)"
PARTS = ("major", "minor", "patch", "pre")
FIRST_NOTES = "System metadata initialized."
NAMED = {"packs": "name"}  # the key that identifies an item of each list to people
_DEFAULT_NOTES = {"", COMPLETE_NOTES, INCOMPLETE_NOTES, FIRST_NOTES}


def complete(
    data: Data, now: datetime, *, notes: str | None, version: str | None, force: bool
) -> list[Edit]:
    """Mark the backend as complete; if it is complete already, it keeps its time."""
    is_complete = data.get("backend_complete") is True
    pending = [pack["id"] for pack in data["packs"] if pack.get("status") in PLANNED]
    changes_nothing = is_complete and notes is version is None
    if pending and not force and not changes_nothing:
        are = "is" if len(pending) == 1 else "are"
        raise NeedsForceError(f"{', '.join(pending)} {are} pending; install first", pending)
    first_time = data.get("completed_at") if is_complete else None
    edits: list[Edit] = [
        Replace(("backend_complete",), True),
        Replace(("completed_at",), first_time or formats.format_time(now)),
    ]
    return [*edits, *set_notes(notes), *set_version(data, version, force=force)]


def incomplete(data: Data, *, notes: str | None) -> list[Edit]:
    """Mark the backend as not complete, and clear its time."""
    edits: list[Edit] = [Replace(("backend_complete",), False)]
    if data.get("completed_at") is not None:
        edits.append(Replace(("completed_at",), None))
    return [*edits, *set_notes(notes)]


def new_notes(data: Data, given: str | None, default: str, *, is_news: bool) -> str | None:
    """Return the new notes, or None to keep them.

    The default is used if the state changes and the current notes are also a default.
    """
    current = str(data.get("notes") or "")
    return given if given is not None or not is_news or current not in _DEFAULT_NOTES else default


def set_notes(notes: str | None) -> list[Edit]:
    """Replace the notes; None keeps them."""
    return [] if notes is None else [Replace(("notes",), notes)]


def set_version(data: Data, version: str | None, *, force: bool) -> list[Edit]:
    """Set the version; None keeps it. A lower version needs ``force``."""
    if version is None:
        return []
    wanted, present = parse_version(version), data.get("version")
    if not force and _is_version(present) and wanted < parse_version(present):
        raise NeedsForceError(f"{version} is lower than {present}; choose a higher version")
    return [Replace(("version",), version)]


def _is_version(value: Any) -> TypeGuard[str]:
    from semver import Version

    is_short = isinstance(value, str) and len(value) <= formats.LONGEST_VERSION
    return is_short and Version.is_valid(value)


def parse_version(text: str) -> Version:
    """Parse a Semantic Versioning 2.0.0 version, or raise ManifestError if it is invalid."""
    from semver import Version

    if len(text) > formats.LONGEST_VERSION:
        limit = formats.LONGEST_VERSION
        raise ManifestError(f"the version has more than {limit} characters; shorten it")
    try:
        return Version.parse(text)
    except ValueError:
        raise ManifestError(
            f"{text!r} is not a version; write three numbers, such as 1.2.0"
        ) from None


def bump_version(version: str, part: str) -> str:
    """Return the next version for the part ``major``, ``minor``, ``patch`` or ``pre``.

    ``pre`` increments a pre-release (``1.2.0-rc.1`` → ``1.2.0-rc.2``), or starts one for the next
    patch (``1.2.0`` → ``1.2.1-rc.1``). Any other part ends a matching pre-release
    (``minor``: ``1.2.0-rc.2`` → ``1.2.0``).

    Raises:
        ManifestError: If there is no such part.
    """
    if part not in PARTS:
        raise ManifestError(f"{part!r} is not a part of a version; write one of {', '.join(PARTS)}")
    present = parse_version(version)
    if part != "pre":
        return str(present.next_version(part))
    if present.prerelease:
        return str(present.replace(build=None).bump_prerelease())
    return str(present.bump_patch().replace(prerelease="rc.1"))


def _index_of(packs: Iterable[Data], pack_id: str) -> int:
    return lookup.require(pack_id, ((_id(pack), at) for at, pack in enumerate(packs)))


def _id(pack: Data) -> str:
    return str(pack.get("id"))


def add_pack(data: Data, pack: Data) -> list[Edit]:
    """Add a pack after the last one of its category, or at the end if it is the first."""
    packs = data["packs"]
    _require_free(packs, pack["id"])
    pack = _with_canonical_ids(pack, packs)
    category = pack.get("category")
    same = [at for at, present in enumerate(packs) if present.get("category") == category]
    return [Add(("packs",), (same[-1] if same and category else len(packs) - 1) + 1, pack)]


def set_pack(data: Data, pack_id: str, fields: Data, clear: Iterable[str]) -> list[Edit]:
    """Set some fields of a pack and remove others."""
    index = _index_of(data["packs"], pack_id)
    fields = _with_canonical_ids(fields, data["packs"])
    edits: list[Edit] = [Replace(("packs", index, field), value) for field, value in fields.items()]
    return [*edits, *(Remove(("packs", index, field)) for field in clear)]


def rename_pack(data: Data, pack_id: str, new_id: str) -> list[Edit]:
    """Change the id of a pack, and all references to it."""
    packs = data["packs"]
    index = _index_of(packs, pack_id)
    name = packs[index]["id"]
    if not lookup.is_same(new_id, name):
        _require_free(packs, new_id)
    return [Replace(path, new_id) for path in (("packs", index, "id"), *_references(packs, name))]


def _references(packs: list[Data], name: str) -> Iterator[Path]:
    """Yield the paths of all references to a pack."""
    for at, pack in enumerate(packs):
        for key in filter(_is_reference, pack):
            for path, value in _split_list(("packs", at, key), pack[key]):
                if isinstance(value, str) and lookup.is_same(value, name):
                    yield path


def _split_list(path: Path, value: Any) -> list[tuple[Path, Any]]:
    """Return (path, value) pairs: one for each item of a list, or one for any other value."""
    if isinstance(value, list):
        return [((*path, at), item) for at, item in enumerate(value)]
    return [(path, value)]


def set_values(values: Mapping[str, Any], clear: Iterable[str]) -> list[Edit]:
    """Set some top-level keys and remove others."""
    edits: list[Edit] = [Replace((key,), value) for key, value in values.items()]
    return [*edits, *(Remove((key,)) for key in clear)]


def _require_free(packs: Iterable[Data], pack_id: str) -> None:
    present = lookup.find(pack_id, ((_id(pack), pack) for pack in packs))
    if present is not None:
        raise ManifestError(
            f"pack {present['id']} already exists: {present.get('name')}; use another id"
        )


def _is_reference(key: str) -> bool:
    of_packs = compiled.FIELDS["packs"]
    return key in of_packs and of_packs[key].reference


def _with_canonical_ids(fields: Data, packs: Iterable[Data]) -> Data:
    """Return fields in which references are spelled like the ids in the registry."""
    known = [(_id(pack), _id(pack)) for pack in packs]

    def correct(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [correct(item) for item in value]
        return lookup.find(value, known) or value if isinstance(value, str) else value

    return {
        name: correct(value) if _is_reference(name) else value for name, value in fields.items()
    }


def remove_pack(data: Data, pack_id: str) -> list[Edit]:
    """Remove a pack that no other pack refers to."""
    packs = data["packs"]
    index = _index_of(packs, pack_id)
    name = packs[index]["id"]
    places = [int(path[1]) for path in _references(packs, name)]
    users = [packs[at]["id"] for at in dict.fromkeys(places) if at != index]
    if users:
        verb = "refers" if len(users) == 1 else "refer"
        raise ManifestError(
            f"{', '.join(users)} {verb} to {name}; remove the reference first", refused=True
        )
    return [Remove(("packs", index))]
