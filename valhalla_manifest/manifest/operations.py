"""What each editing command means: the present data and a wish in, edits of the text out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from valhalla_manifest.document.edit import Add, Edit, Remove, Replace
from valhalla_manifest.document.problems import ManifestError, closest
from valhalla_manifest.manifest import formats

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from semver import Version

Data = dict[str, Any]

COMPLETE_NOTES = "Backend marked as complete"
INCOMPLETE_NOTES = "Backend marked as incomplete (development mode)"


def complete(
    data: Data, now: datetime, *, notes: str | None, version: str | None, force: bool
) -> list[Edit]:
    """Mark as complete; a backend that is complete already keeps its first time.

    Raises:
        ManifestError: packs are pending, and ``force`` is not given.
    """
    pending = [pack["id"] for pack in data["packs"] if pack.get("status") == "pending"]
    if pending and not force:
        are = "is" if len(pending) == 1 else "are"
        raise ManifestError(
            f"{', '.join(pending)} {are} pending; install first, or use --force", refused=True
        )
    first_time = data.get("completed_at") if data.get("backend_complete") is True else None
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
        raise ManifestError(
            f"{version} is lower than {present}; use --force to go down", refused=True
        )
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


def bumped(version: str, part: str) -> str:
    """Return the next version: of the part ``major``, ``minor``, ``patch`` or ``pre``.

    ``pre`` counts a pre-release up (``1.2.0-rc.1`` → ``1.2.0-rc.2``) and starts one at the next
    patch where there is none (``1.2.0`` → ``1.2.1-rc.1``). A pre-release is finished by the
    part that it prepares (``1.2.0-rc.2`` → ``minor`` → ``1.2.0``).
    """
    present = parse_version(version)
    if part != "pre":
        return str(present.next_version(part))
    if present.prerelease:
        return str(present.replace(build=None).bump_prerelease())
    return str(present.bump_patch().replace(prerelease="rc.1"))


def find_pack(packs: Iterable[Data], pack_id: str) -> int:
    """Return the index of a pack; ids in any case.

    Raises:
        ManifestError: there is no such pack; the message names the one that may be meant.
    """
    ids = [str(pack.get("id")) for pack in packs]
    if (name := formats.capitals(pack_id)) in ids:
        return ids.index(name)
    raise ManifestError(no_such_pack(pack_id, ids))


def no_such_pack(pack_id: str, ids: Iterable[str]) -> str:
    """Return the sentence for an id that is not in the registry."""
    guess = closest(pack_id, ids)
    hint = f'did you mean "{guess}"?' if guess else "see `valhalla-manifest packs list`"
    return f"there is no pack {pack_id!r}; {hint}"


def add_pack(data: Data, pack: Data) -> list[Edit]:
    """Add a pack after the last one of its category, at the end where there is none.

    Raises:
        ManifestError: a pack has this id already.
    """
    packs = data["packs"]
    taken = {str(present.get("id")): present.get("name") for present in packs}
    if pack["id"] in taken:
        raise ManifestError(f"pack {pack['id']} is there already: {taken[pack['id']]}")
    category = pack.get("category")
    same = [at for at, present in enumerate(packs) if present.get("category") == category]
    return [Add(("packs",), (same[-1] if same and category else len(packs) - 1) + 1, pack)]


def set_pack(data: Data, pack_id: str, fields: Data, clear: Iterable[str]) -> list[Edit]:
    """Set fields of a pack and remove others.

    Raises:
        ManifestError: there is no such pack.
    """
    index = find_pack(data["packs"], pack_id)
    edits: list[Edit] = [Replace(("packs", index, field), value) for field, value in fields.items()]
    return [*edits, *(Remove(("packs", index, field)) for field in clear)]


def remove_pack(data: Data, pack_id: str) -> list[Edit]:
    """Remove a pack that no other one depends on.

    Raises:
        ManifestError: there is no such pack, or another one needs it or is replaced by it.
    """
    index = find_pack(data["packs"], pack_id)
    name = data["packs"][index]["id"]
    users = [
        pack["id"]
        for pack in data["packs"]
        if name in (*(pack.get("depends_on") or ()), pack.get("replaced_by")) and pack["id"] != name
    ]
    if users:
        verb = "refers" if len(users) == 1 else "refer"
        raise ManifestError(f"{', '.join(users)} {verb} to {name}; change that first", refused=True)
    return [Remove(("packs", index))]
