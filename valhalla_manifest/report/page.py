"""The state as one self-contained HTML page, without scripts or external resources."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest.compiled import STATUSES
from valhalla_manifest.manifest.views import COLUMNS
from valhalla_manifest.manifest.wording import describe_value
from valhalla_manifest.report import chart
from valhalla_manifest.report.history import describe_revision
from valhalla_manifest.report.text import completion, last_change

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from valhalla_manifest.manifest.views import ManifestView
    from valhalla_manifest.project.history import ManifestRevision
    from valhalla_manifest.project.last_change import LastChange

_RECENT = 10
_MAX_ROWS = 50


class Past(NamedTuple):
    """The history: revisions, newest first, and points of the chart, oldest first."""

    recent: Sequence[ManifestRevision]
    points: Sequence[chart.Point]
    end: datetime


def page(
    manifest: ManifestView, last: LastChange, past: Past | None = None, json: str | None = None
) -> str:
    """Return the page, with the history if given; ``json`` is the URL of the same state as JSON."""
    counts = Counter(pack.status for pack in manifest.packs)
    recent, points = (past.recent, past.points) if past else ((), ())
    html: str = _template().render(
        manifest=manifest,
        title=manifest.name or "Backend",
        state=completion(manifest),
        extension_keys={
            key: describe_value(content) for key, content in manifest.extension_keys.items()
        },
        last_change=list(last_change(last)),
        columns=COLUMNS,
        statuses=STATUSES,
        counts={name: counts[name] for name in STATUSES if counts[name]},
        recent=[_revision(entry) for entry in recent[:_RECENT]],
        points=points,
        json=json,
        table=points[: -_MAX_ROWS - 1 : -1],
        chart=chart.svg(points, past.end) if past else "",
    )
    return html


def _revision(entry: ManifestRevision) -> dict[str, Any]:
    commit = entry.commit
    return {
        "subject": commit.subject,
        "author": commit.author_name,
        "date": commit.date,
        "commit": commit.short,
        "lines": list(describe_revision(entry)),
    }


def _template() -> Any:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise ManifestError(
            "HTML needs Jinja2; run `pip install 'valhalla-manifest[site]'`"
        ) from None
    environment = Environment(
        loader=PackageLoader("valhalla_manifest.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")
