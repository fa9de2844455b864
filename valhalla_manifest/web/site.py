"""The static site: a page, and the JSON of the endpoints as files for any web server."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest.compiled import STATUSES
from valhalla_manifest.project import files, history, last_change, selection
from valhalla_manifest.report import json as as_json
from valhalla_manifest.report.chart import Point
from valhalla_manifest.report.page import Past, page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from valhalla_manifest.git import Commit
    from valhalla_manifest.project.manifest_file import ManifestFile
    from valhalla_manifest.versioning.diff import Data

_JSON = "system/status/"


def tree(
    file: ManifestFile,
    revision: str | None = None,
    progress: history.ProgressCallback = history.no_progress,
) -> dict[str, bytes]:
    """Return the files of the site by path; without a history, the page shows the state alone."""
    manifest = file.require_valid(revision).view
    last = last_change.find_last_change(file, revision)
    past = _past(file, revision, progress)
    html = page(manifest, last, past, json=f"{_JSON}index.json")
    documents = as_json.documents(manifest, last.time)
    json = {f"{_JSON}{name or 'index'}.json": data for name, data in documents.items()}
    return {"index.html": html.encode(), **json}


def _past(
    file: ManifestFile, revision: str | None, progress: history.ProgressCallback
) -> Past | None:
    try:
        found = history.read_history(file, revision, progress=progress)
    except git.NoHistoryError:
        return None
    points = _points(found.mainline())
    if not points:
        return None
    end = max(
        [points[-1].time, *(datetime.fromisoformat(entry.commit.date) for entry in found.entries)]
    )
    return Past(selection.select(found), points, end)


def _points(states: Iterable[tuple[Commit, Data]]) -> list[Point]:
    """Return the states that differ in the chart; a time is never before the one before it."""
    points: list[Point] = []
    for commit, data in states:
        counts = Counter(pack["status"] for pack in data.get("packs") or [])
        time = datetime.fromisoformat(commit.date)
        point = Point(
            max(time, points[-1].time) if points else time,
            str(data.get("version", "none")),
            data.get("backend_complete") is True,
            {name: counts[name] for name in STATUSES},
        )
        if not points or point != replace(points[-1], time=point.time):
            points.append(point)
    return points


def write(site: Mapping[str, bytes], folder: Path) -> list[str]:
    """Write the files into a folder, remove those of removed packs, and return what changed."""
    changed = [name for name, data in site.items() if files.write(folder / name, data)]
    packs = folder / _JSON / "packs"
    try:
        present = sorted(packs.glob("*.json"))
    except OSError as error:
        raise ManifestError(f"cannot read {packs}: {files.os_error_text(error)}") from None
    for old in present:
        name = old.relative_to(folder).as_posix()
        if name not in site:
            files.remove(old)
            changed.append(name)
    return changed
