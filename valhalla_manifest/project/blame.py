"""The commit that last set each field; a field may also have an uncommitted edit."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document.problems import ManifestError, closest
from valhalla_manifest.manifest import compiled, lookup
from valhalla_manifest.project.history import (
    ManifestHistory,
    ProgressCallback,
    no_progress,
    read_history,
)
from valhalla_manifest.versioning.diff import items
from valhalla_manifest.versioning.provenance import Revision

if TYPE_CHECKING:
    from valhalla_manifest.git import Commit
    from valhalla_manifest.project.manifest_file import ManifestFile
    from valhalla_manifest.versioning.diff import Data, Item
    from valhalla_manifest.versioning.provenance import Snapshot


class Line(NamedTuple):
    """A field, the commit that last changed it, and the backend's version in that commit.

    The commit is missing if the field is not committed, or is older than a shallow clone.
    """

    item: str | None
    field: str
    value: Any
    commit: Commit | None
    version: str | None
    committed: bool


Select = Callable[[list[Line]], list[Line]]


def blame(
    file: ManifestFile,
    revision: str | None = None,
    *,
    select: Select = list,
    progress: ProgressCallback = no_progress,
) -> list[Line]:
    """Return the commit that last changed each field, or each field that ``select`` returns."""

    @cache
    def working_data() -> Data:
        return file.require_valid().data  # type: ignore[no-any-return]

    def lines(history: ManifestHistory) -> list[Line]:
        state = history.state
        if revision is None:
            state = state.after(Revision("", (history.tip,), working_data()), compiled.KEYED)
        values = _values(state.data)
        return select([_line(history, state, item, name, value) for item, name, value in values])

    def enough(history: ManifestHistory) -> bool:
        return history.older[0] not in [line.commit for line in lines(history)]

    return lines(read_history(file, revision, enough=enough, progress=progress))


def _line(
    history: ManifestHistory, state: Snapshot, item: Item | None, name: str, value: Any
) -> Line:
    origin = state.set_by((item, name)) or ""
    commit = history.commits.get(origin)
    version = str(history.states[origin].data.get("version")) if commit else None
    return Line(item and item.id, name, value, commit, version, origin != "")


def _values(data: Data) -> list[tuple[Item | None, str, Any]]:
    top = [(None, name, value) for name, value in data.items() if name not in compiled.KEYED]
    of_items = [
        (item, name, value)
        for item, fields in items(data, compiled.KEYED).items()
        for name, value in fields.items()
    ]
    return [(item, name, value) for item, name, value in [*top, *of_items] if value is not None]


def select_named(lines: list[Line], name: str) -> list[Line]:
    """Return the lines of a pack by its id, or of a field by its name, in upper or lower case."""
    one_pack = name.removeprefix("packs.")
    by_name = {_full_name(line): line for line in lines}
    if lookup.find(one_pack, _by_pack(lines).items()) is not None:
        return select_pack(lines, one_pack)
    if (line := lookup.find(name, by_name.items())) is not None:
        return [line]
    if guess := closest(name, by_name):
        raise ManifestError(f'there is no field {name!r}; did you mean "{guess}"?')
    return select_pack(lines, name)


def _full_name(line: Line) -> str:
    return f"packs.{line.item}.{line.field}" if line.item else line.field


def select_pack(lines: list[Line], pack_id: str) -> list[Line]:
    """Return the lines of a pack by its id in upper or lower case."""
    return lookup.require(pack_id, _by_pack(lines).items())


def _by_pack(lines: list[Line]) -> dict[str, list[Line]]:
    """Return the lines of each pack by its id."""
    packs: dict[str, list[Line]] = {}
    for line in lines:
        if line.item:
            packs.setdefault(line.item, []).append(line)
    return packs
