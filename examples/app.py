"""Serve the six endpoints for a manifest; edits require a bearer token.

Run it with ``uvicorn examples.app:app``.

Set VALHALLA_MANIFEST to serve another file. Set VALHALLA_TOKEN to a secret to allow edits by POST
for callers that send it. Each edit is a commit in the repository of the manifest.
"""

import os
import secrets
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from valhalla_manifest.http import create_router

TOKEN = os.environ.get("VALHALLA_TOKEN", "")
bearer = HTTPBearer(auto_error=False)


def authorize(sent: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
    """Return the author of the commit if the request has the token."""
    if sent is None:
        raise HTTPException(401, "a bearer token is required", {"WWW-Authenticate": "Bearer"})
    if not secrets.compare_digest(sent.credentials.encode(), TOKEN.encode()):
        raise HTTPException(403, "the bearer token is wrong")
    return "Release job <release@example.com>"


app = FastAPI(title="System status")
app.include_router(
    create_router(
        os.environ.get("VALHALLA_MANIFEST", "manifest/system.yaml"),
        allow_edits=bool(TOKEN),
        authorize=authorize,
    )
)
