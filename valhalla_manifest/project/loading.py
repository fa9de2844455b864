"""A file read and checked, as everyone takes it: as a model, as a record, or as its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest import formats
from valhalla_manifest.project import files
from valhalla_manifest.validation.check import Checked, check, unreadable
from valhalla_manifest.validation.rules import file

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from valhalla_manifest.manifest.model import Manifest
    from valhalla_manifest.manifest.record import PackRecord, Record
    from valhalla_manifest.validation.policy import Policy


def check_file(
    path: str | Path, policy: Policy | None = None, revision: str | None = None
) -> Checked:
    """Check one file, as it is or as of a revision.

    That it cannot be read is a problem too, not an exception.

    Raises:
        ManifestError: there is no such revision, or the file is not in it.
    """
    if revision is not None:
        return check(read_at(path, revision), policy=policy and policy.of_the_past)
    try:
        return check(files.read(path), policy=policy)
    except ManifestError as error:
        return unreadable(str(error))


def read_at(path: str | Path, revision: str) -> bytes:
    """Return the bytes of a file as of a revision.

    Raises:
        ManifestError: there is no such revision, or the file is not in it.
    """
    from valhalla_manifest import git

    place = git.locate(absolute(path))
    data = git.read(place, git.resolve(place, revision))
    if data is None:
        raise ManifestError(f"{place.path} is not in {revision}")
    return data


def absolute(path: str | Path) -> Path:
    """Return where a manifest really is; git knows no standard input.

    Raises:
        ManifestError: it is standard input.
    """
    if str(path) == files.STANDARD_INPUT:
        raise ManifestError("standard input has no history; name a file")
    return files.resolve(path)


def load(path: str | Path, policy: Policy | None = None, revision: str | None = None) -> Manifest:
    """Return the manifest of a file, as it is or as of a revision.

    Raises:
        ManifestError: it cannot be read, or is not valid; ``problems`` says where and why.
    """
    return valid_file(path, policy, revision).manifest


def record(path: str | Path, policy: Policy | None = None, revision: str | None = None) -> Record:
    """Return what the manifest of a file says, like ``load`` but for reports.

    Raises:
        ManifestError: as ``load``.
    """
    return valid_file(path, policy, revision).record


def valid_file(
    path: str | Path, policy: Policy | None = None, revision: str | None = None
) -> Checked:
    """Check one file like ``check_file``, and insist that it is valid.

    Raises:
        ManifestError: it cannot be read, or is not valid; ``problems`` says where and why.
    """
    checked = check_file(path, policy, revision)
    if checked.errors:
        raise invalid(f"{revision}:{path}" if revision else path, checked)
    return checked


def invalid(path: str | Path, checked: Checked) -> ManifestError:
    """Return the error for a manifest that is not valid, or that could not even be read."""
    if checked.problems[0].code == file.unreadable.code:
        return ManifestError(f"cannot read {path}: {checked.problems[0].message}")
    return ManifestError(f"{path} is not valid", problems=checked.problems)


def first_problem(checked: Checked) -> str:
    """Return the first error of what is not valid, with its place, on one line."""
    first = checked.errors[0]
    return f"{first.line}:{first.column}: {first.code} {first.message}"


class PathState(NamedTuple):
    """The state of one of several manifests: what it says and when it changed, or its problem."""

    path: str
    record: Record | None
    updated_at: datetime | None
    problem: str | None


def is_clean(path: str | Path) -> bool:
    """Return whether a file is as it was committed.

    Raises:
        ManifestError: it is in no repository.
    """
    from valhalla_manifest import git

    return not git.is_modified(git.locate(absolute(path)))


def tags(path: str | Path, revision: str | None = None) -> list[str]:
    """Return the tags of a commit, HEAD where none is given.

    Raises:
        ManifestError: there is no repository, or no such revision.
    """
    from valhalla_manifest import git

    place = git.locate(absolute(path))
    return git.tags(place, git.resolve(place, revision or "HEAD"))


def find_pack(manifest: Record, pack_id: str) -> PackRecord:
    """Return a pack by its id, in any case.

    Raises:
        ManifestError: there is no such pack; the message names the one that may be meant.
    """
    by_id = {formats.folded(pack.id): pack for pack in manifest.packs}
    if (name := formats.folded(pack_id)) not in by_id:
        from valhalla_manifest.manifest.operations import no_such_pack

        raise ManifestError(no_such_pack(pack_id, (pack.id for pack in manifest.packs)))
    return by_id[name]
