"""What each editing command means: the present data and a wish in, edits of the text out."""

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
NAMED = {"packs": "name"}  # what people know an item of a list by
_NOBODYS_NOTES = {"", COMPLETE_NOTES, INCOMPLETE_NOTES, FIRST_NOTES}


def complete(
    data: Data, now: datetime, *, notes: str | None, version: str | None, force: bool
) -> list[Edit]:
    """Mark as complete; a backend that is complete already keeps its first time.

    Raises:
        ManifestError: packs are pending, and ``force`` is not given.
    """
    is_complete = data.get("backend_complete") is True
    pending = [pack["id"] for pack in data["packs"] if pack.get("status") in PLANNED]
    changes_nothing = is_complete and notes is version is None
    if pending and not force and not changes_nothing:
        are = "is" if len(pending) == 1 else "are"
        raise NeedsForceError(f"{', '.join(pending)} {are} pending; install first")
    first_time = data.get("completed_at") if is_complete else None
    edits: list[Edit] = [
        Replace(("backend_complete",), True),
        Replace(("completed_at",), first_time or formats.format_time(now)),
    ]
    return [*edits, *set_notes(notes), *set_version(data, version, force=force)]


def incomplete(data: Data, *, notes: str | None) -> list[Edit]:
    """Mark as not complete, without a time."""
    edits: list[Edit] = [Replace(("backend_complete",), False)]
    if data.get("completed_at") is not None:
        edits.append(Replace(("completed_at",), None))
    return [*edits, *set_notes(notes)]


def new_notes(data: Data, given: str | None, usual: str, *, is_news: bool) -> str | None:
    """Return the notes of a backend that is marked, None where they stay.

    The ``usual`` text, of what is news, takes the place of notes that nobody wrote.
    """
    written = str(data.get("notes") or "")
    return given if given is not None or not is_news or written not in _NOBODYS_NOTES else usual


def set_notes(notes: str | None) -> list[Edit]:
    """Replace the notes; None leaves them."""
    return [] if notes is None else [Replace(("notes",), notes)]


def set_version(data: Data, version: str | None, *, force: bool) -> list[Edit]:
    """Set the version; None leaves it.

    Raises:
        ManifestError: the text is not a version of SemVer 2.0.0, or it is lower than the
            present one and ``force`` is not given.
    """
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
    """Return a version of Semantic Versioning 2.0.0.

    Raises:
        ManifestError: the text is not one.
    """
    from semver import Version

    if len(text) > formats.LONGEST_VERSION:
        raise ManifestError(f"a version has at most {formats.LONGEST_VERSION} characters")
    try:
        return Version.parse(text)
    except ValueError:
        raise ManifestError(
            f"{text!r} is not a version; write three numbers, such as 1.2.0"
        ) from None


def bump_version(version: str, part: str) -> str:
    """Return the next version: of the part ``major``, ``minor``, ``patch`` or ``pre``.

    ``pre`` counts a pre-release up (``1.2.0-rc.1`` → ``1.2.0-rc.2``) and starts one at the next
    patch where there is none (``1.2.0`` → ``1.2.1-rc.1``). A pre-release is finished by the
    part that it prepares (``1.2.0-rc.2`` → ``minor`` → ``1.2.0``).

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
    """Add a pack after the last one of its category, at the end where there is none.

    Raises:
        ManifestError: a pack has this id already.
    """
    packs = data["packs"]
    _require_free(packs, pack["id"])
    pack = _as_spelled(pack, packs)
    category = pack.get("category")
    same = [at for at, present in enumerate(packs) if present.get("category") == category]
    return [Add(("packs",), (same[-1] if same and category else len(packs) - 1) + 1, pack)]


def set_pack(data: Data, pack_id: str, fields: Data, clear: Iterable[str]) -> list[Edit]:
    """Set fields of a pack and remove others.

    Raises:
        ManifestError: there is no such pack.
    """
    index = _index_of(data["packs"], pack_id)
    fields = _as_spelled(fields, data["packs"])
    edits: list[Edit] = [Replace(("packs", index, field), value) for field, value in fields.items()]
    return [*edits, *(Remove(("packs", index, field)) for field in clear)]


def rename_pack(data: Data, pack_id: str, new_id: str) -> list[Edit]:
    """Give a pack another id, and name it so wherever others name it.

    Raises:
        ManifestError: there is no such pack, or another one has the new id.
    """
    packs = data["packs"]
    index = _index_of(packs, pack_id)
    name = packs[index]["id"]
    if not lookup.is_same(new_id, name):
        _require_free(packs, new_id)
    return [Replace(path, new_id) for path in (("packs", index, "id"), *_references(packs, name))]


def _references(packs: list[Data], name: str) -> Iterator[Path]:
    """Yield the paths at which packs name one by its id."""
    for at, pack in enumerate(packs):
        for key in filter(_is_reference, pack):
            for path, value in _parts(("packs", at, key), pack[key]):
                if isinstance(value, str) and lookup.is_same(value, name):
                    yield path


def _parts(path: Path, value: Any) -> list[tuple[Path, Any]]:
    """Return a value, or the items of a list, each with its path: so that their comments stay."""
    if isinstance(value, list):
        return [((*path, at), item) for at, item in enumerate(value)]
    return [(path, value)]


def set_values(values: Mapping[str, Any], clear: Iterable[str]) -> list[Edit]:
    """Set keys of the top, and remove others."""
    edits: list[Edit] = [Replace((key,), value) for key, value in values.items()]
    return [*edits, *(Remove((key,)) for key in clear)]


def _require_free(packs: Iterable[Data], pack_id: str) -> None:
    present = lookup.find(pack_id, ((_id(pack), pack) for pack in packs))
    if present is not None:
        raise ManifestError(f"pack {present['id']} is there already: {present.get('name')}")


def _is_reference(key: str) -> bool:
    of_packs = compiled.FIELDS["packs"]
    return key in of_packs and of_packs[key].reference


def _as_spelled(fields: Data, packs: Iterable[Data]) -> Data:
    """Return fields in which other packs are named as the registry spells them."""
    known = [(_id(pack), _id(pack)) for pack in packs]

    def spelled(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [spelled(item) for item in value]
        return lookup.find(value, known) or value if isinstance(value, str) else value

    return {
        name: spelled(value) if _is_reference(name) else value for name, value in fields.items()
    }


def remove_pack(data: Data, pack_id: str) -> list[Edit]:
    """Remove a pack that no other one refers to.

    Raises:
        ManifestError: there is no such pack, or another one refers to it.
    """
    packs = data["packs"]
    index = _index_of(packs, pack_id)
    name = packs[index]["id"]
    places = [int(path[1]) for path in _references(packs, name)]
    users = [packs[at]["id"] for at in dict.fromkeys(places) if at != index]
    if users:
        verb = "refers" if len(users) == 1 else "refer"
        raise ManifestError(f"{', '.join(users)} {verb} to {name}; change that first", refused=True)
    return [Remove(("packs", index))]
