"""The six endpoints over a manifest file.

Run it with ``uvicorn examples.app:app``.

Set VALHALLA_MANIFEST to serve another file, and VALHALLA_EDITS=1 to let POST change it. Who may
call it is not checked here: put that in front, or into `dependencies`.
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
