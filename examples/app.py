"""Serve the six endpoints for a manifest.

Run it with ``uvicorn examples.app:app``.

Set VALHALLA_MANIFEST to serve another file, and VALHALLA_EDITS=1 to allow edits by POST. This
example does no authentication: add it in a proxy, or with `dependencies` in `include_router`.
"""

import os

from fastapi import FastAPI

from valhalla_manifest.http import create_router

app = FastAPI(title="System status")
app.include_router(
    create_router(
        os.environ.get("VALHALLA_MANIFEST", "manifest/system.yaml"),
        allow_edits=os.environ.get("VALHALLA_EDITS") == "1",
    )
)
