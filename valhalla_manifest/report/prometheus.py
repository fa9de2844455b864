"""The state as metrics, for the textfile collector of Prometheus' node exporter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.manifest.compiled import FIELDS, STATUSES
from valhalla_manifest.manifest.formats import parse_time
from valhalla_manifest.report.json import count

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from valhalla_manifest.manifest.views import ManifestView

_NO_LIMIT = 1_000
_LABELS = ("id", "name", "status", *(key for key, it in FIELDS["packs"].items() if it.label))
Sample = tuple[dict[str, str], float]


def metrics(manifest: ManifestView, updated_at: datetime | None) -> str:
    """Return the metrics of a manifest."""
    return "".join(_all(manifest, updated_at))


def _all(manifest: ManifestView, updated_at: datetime | None) -> Iterator[str]:
    labels = {"name": manifest.name or "", "version": manifest.version}
    yield _metric("info", "The backend's name and version.", [(labels, 1)])
    yield _metric(
        "complete", "Whether the backend is complete.", [({}, int(manifest.backend_complete))]
    )
    if manifest.completed_at:
        completed = parse_time(manifest.completed_at).timestamp()
        yield _metric(
            "completed_timestamp_seconds", "When the backend became complete.", [({}, completed)]
        )
    if updated_at:
        yield _metric(
            "updated_timestamp_seconds",
            "When the manifest last changed.",
            [({}, updated_at.timestamp())],
        )
    counts = count(manifest.packs)
    by_status = [({"status": name}, float(counts[name])) for name in STATUSES]
    yield _metric("packs", "Number of packs by status.", by_status)
    known = [({key: pack.fields[key] or "" for key in _LABELS}, 1.0) for pack in manifest.packs]
    yield _metric("pack_info", "Each pack of the registry.", known)


def _metric(name: str, meaning: str, samples: list[Sample]) -> str:
    full = f"valhalla_manifest_{name}"
    lines = [f"# HELP {full} {meaning}", f"# TYPE {full} gauge"]
    for labels, value in samples:
        written = ",".join(f'{key}="{_label(text)}"' for key, text in labels.items())
        lines.append(f"{full}{f'{{{written}}}' if written else ''} {value:.15g}")
    return "\n".join([*lines, ""])


def _label(text: str) -> str:
    safe = escape_for_display(text, _NO_LIMIT)
    return safe.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
