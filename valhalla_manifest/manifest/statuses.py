"""The statuses that are planned, in use or leaving, by their stages in the model."""

from __future__ import annotations

from valhalla_manifest.manifest.compiled import STATUSES

PLANNED = tuple(name for name, stage in STATUSES.items() if stage <= STATUSES["pending"])
IN_USE = tuple(name for name, stage in STATUSES.items() if stage == STATUSES["installed"])
LEAVING = tuple(name for name, stage in STATUSES.items() if stage > STATUSES["installed"])
