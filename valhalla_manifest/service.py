"""What the command line, the HTTP router and Python callers share: load, report, edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from valhalla_manifest import store
from valhalla_manifest.check import Checked, Policy, as_problem, check
from valhalla_manifest.problems import ManifestError, no_such_pack
from valhalla_manifest.rules.file import unreadable
from valhalla_manifest.source import Source

if TYPE_CHECKING:
    from valhalla_manifest.git import Commit
    from valhalla_manifest.model import Manifest, Pack


def check_file(path: str | Path, policy: Policy | None = None) -> Checked:
    """Check one file; that it cannot be read is a problem too, not an exception."""
    try:
        return check(store.read(path), policy=policy)
    except ManifestError as error:
        source = Source("")
        return Checked(source, (as_problem(source, unreadable, None, unreadable(str(error))),))


def load(path: str | Path, policy: Policy | None = None) -> Manifest:
    """Return the manifest of a file.

    Raises:
        ManifestError: it cannot be read, or is not valid; ``problems`` says where and why.
    """
    checked = check_file(path, policy)
    if checked.errors:
        raise invalid(path, checked)
    return checked.manifest


def invalid(path: str | Path, checked: Checked) -> ManifestError:
    """Return the error for a manifest that is not valid, or that could not even be read."""
    if checked.problems[0].code == unreadable.code:
        return ManifestError(f"cannot read {path}: {checked.problems[0].message}")
    return ManifestError(f"{path} is not valid", problems=checked.problems)


@dataclass(frozen=True, slots=True)
class LastChange:
    """When a manifest changed last: the commit, or for what is not committed the file's time."""

    time: datetime | None
    commit: Commit | None
    modified: bool


def last_change(path: str | Path) -> LastChange:
    """Return when a file changed last.

    The time is the last commit's that touched it; the file's own while it has edits that are
    not committed, or where there is no git. Standard input has none.
    """
    from valhalla_manifest import git

    if str(path) == store.STANDARD_INPUT:
        return LastChange(None, None, modified=False)
    real = Path(path).resolve()
    commit, modified = git.last_commit(real), git.is_modified(real)
    if commit and not modified:
        return LastChange(datetime.fromisoformat(commit.date).astimezone(UTC), commit, modified)
    time = datetime.fromtimestamp(int(real.stat().st_mtime), UTC)
    return LastChange(time, commit, modified)


def find_pack(manifest: Manifest, pack_id: str) -> Pack:
    """Return a pack by its id, in any case.

    Raises:
        ManifestError: there is no such pack; the message names the one that may be meant.
    """
    by_id = {pack.id: pack for pack in manifest.packs}
    if pack_id.upper() not in by_id:
        raise ManifestError(no_such_pack(pack_id, by_id), refused=True)
    return by_id[pack_id.upper()]
