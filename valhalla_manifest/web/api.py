"""The origin's six endpoints over a manifest file, as a FastAPI router (extra ``http``).

>>> from fastapi import FastAPI
>>> from valhalla_manifest.http import create_router
>>> app = FastAPI()
>>> app.include_router(create_router("manifest/system.yaml"))
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, create_model

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest import formats
from valhalla_manifest.manifest.compiled import STATUSES
from valhalla_manifest.manifest.operations import COMPLETE_NOTES, INCOMPLETE_NOTES
from valhalla_manifest.manifest.views import COLUMNS
from valhalla_manifest.project.editor import open_manifest
from valhalla_manifest.web.body import TOO_LARGE, Complete, Fault, GuardedRoute, Incomplete
from valhalla_manifest.web.document_cache import DocumentCache, UnavailableError, describe_failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from valhalla_manifest.project.editor import Editor
    from valhalla_manifest.web.document_cache import Documents

_UNCHANGED, _MISSING, _CONFLICT, _INVALID, _UNAVAILABLE = 304, 404, 409, 422, 503


class _Pack(BaseModel, extra="allow"):
    id: str = Field(examples=["H"])
    name: str
    status: str = Field(description=f"one of: {', '.join(STATUSES)}")


_COLUMNS: dict[str, Any] = dict.fromkeys(COLUMNS, (str | None, None))
PackResponse = create_model(
    "PackResponse", __base__=_Pack, __doc__="One pack of the registry.", **_COLUMNS
)


class Extra(BaseModel, extra="allow"):
    """What the state has beside the packs."""

    notes: str | None = None
    updated_at: str | None = Field(description="When the manifest changed last (RFC 3339).")
    completed_at: str | None = Field(description="When the backend became complete (RFC 3339).")


class StatusResponse(BaseModel):
    """The whole state."""

    version: str = Field(description="Semantic Versioning 2.0.0.", examples=["1.0.0"])
    backend_complete: bool
    packs: list[PackResponse]  # type: ignore[valid-type]
    summary: str
    extra: Extra


_SUMMARY: dict[str, Any] = {
    "total_packs": int,
    **{f"{status}_packs": int for status in STATUSES},
    "summary": str,
    "version": str,
    "backend_complete": bool,
}
SummaryResponse = create_model(
    "SummaryResponse", __doc__="How many packs there are of each status.", **_SUMMARY
)

_PACKS: dict[str, Any] = {
    "packs": list[PackResponse],  # type: ignore[valid-type]
    "total": int,
    **dict.fromkeys(STATUSES, int),
}
PacksResponse = create_model("PacksResponse", __doc__="The registry.", **_PACKS)


class Detail(BaseModel):
    """Why something could not be done."""

    detail: str


class Refusal(BaseModel):
    """Why a body is refused, or what the manifest would be with it."""

    detail: str | list[Fault]


def create_router(
    path: str | Path, *, allow_edits: bool = False, prefix: str = "/system/status"
) -> APIRouter:
    """Return a router with the origin's endpoints over a manifest file.

    GET and HEAD give the state as it is now; it is read again when the file, the settings or the
    repository changed. The two POSTs are there with ``allow_edits`` alone; they edit the file as
    the command line does. Who may call them is for the application to say.
    """
    live = DocumentCache(Path(path))
    router = APIRouter(prefix=prefix, tags=["system status"])
    _add_reading(router, live)
    if allow_edits:
        editing = APIRouter(route_class=GuardedRoute)
        _add_editing(editing, live)
        router.include_router(editing)
    return router


_UNAVAILABLE_RESPONSE: dict[int | str, dict[str, Any]] = {
    _UNAVAILABLE: {"model": Detail, "description": "The manifest cannot be read or is not valid."}
}
_READING: dict[int | str, dict[str, Any]] = _UNAVAILABLE_RESPONSE | {
    _UNCHANGED: {"description": "As before (the request's If-None-Match still holds)."}
}


def _add_reading(router: APIRouter, live: DocumentCache) -> None:
    @router.head("/", include_in_schema=False)
    @router.get("/", response_model=StatusResponse, responses=_READING)
    async def status(request: Request) -> Response:
        """Return the whole state: version, completion, packs, summary and notes."""
        return await _served(live, "", request)

    @router.head("/summary", include_in_schema=False)
    @router.get("/summary", response_model=SummaryResponse, responses=_READING)
    async def summary(request: Request) -> Response:
        """Return how many packs there are of each status."""
        return await _served(live, "summary", request)

    @router.head("/packs", include_in_schema=False)
    @router.get("/packs", response_model=PacksResponse, responses=_READING)
    async def packs(request: Request) -> Response:
        """Return the registry."""
        return await _served(live, "packs", request)

    missing: dict[int | str, dict[str, Any]] = {
        _MISSING: {"model": Detail, "description": "There is no such pack."}
    }

    @router.head("/packs/{pack_id}", include_in_schema=False)
    @router.get("/packs/{pack_id}", response_model=PackResponse, responses=_READING | missing)
    async def pack(pack_id: str, request: Request) -> Response:
        """Return one pack; its id in any case."""
        name = formats.normalize_id(f"packs/{pack_id}")
        return await _served(live, name, request, f"Pack {pack_id} not found")


async def _served(live: DocumentCache, name: str, request: Request, missing: str = "") -> Response:
    documents = live.cached()
    if documents is None:
        documents = await run_in_threadpool(_documents, live)
    if name not in documents:
        raise HTTPException(_MISSING, missing)
    data, etag = documents[name]
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    known = {
        tag.strip().removeprefix("W/")
        for line in request.headers.getlist("if-none-match")
        for tag in line.split(",")
    }
    if known & {etag, "*"}:
        return Response(status_code=_UNCHANGED, headers=headers)
    if request.method == "HEAD":
        headers["Content-Length"] = str(len(data))
        data = b""
    return Response(data, media_type="application/json", headers=headers)


def _documents(live: DocumentCache) -> Documents:
    try:
        return live.documents()
    except UnavailableError as error:
        raise HTTPException(_UNAVAILABLE, str(error)) from error


def _add_editing(router: APIRouter, live: DocumentCache) -> None:
    refused: dict[int | str, dict[str, Any]] = {
        _CONFLICT: {"model": Detail, "description": "Packs are pending, or the version goes down."},
        TOO_LARGE: {"model": Detail, "description": "The body is larger than 64 KiB."},
        _INVALID: {"model": Refusal, "description": "A key or value is not of its form."},
        _UNAVAILABLE: {
            "model": Detail,
            "description": "The manifest cannot be read, is not valid or cannot be written. "
            "An edit that took effect nevertheless is told.",
        },
    }

    @router.post("/complete", response_model=StatusResponse, responses=refused)
    def complete(body: Annotated[Complete | None, Body()] = None) -> Response:
        """Mark the backend as complete; the first time of completion is kept."""
        said = body or Complete()
        notes = COMPLETE_NOTES if said.notes is None else said.notes
        return _edited(live, lambda editor: editor.complete(notes, said.version))

    @router.post("/incomplete", response_model=StatusResponse, responses=refused)
    def incomplete(body: Annotated[Incomplete | None, Body()] = None) -> Response:
        """Mark the backend as not complete, and clear the time of completion."""
        said = body or Incomplete()
        notes = INCOMPLETE_NOTES if said.notes is None else said.notes
        return _edited(live, lambda editor: editor.incomplete(notes))


def _edited(live: DocumentCache, act: Callable[[Editor], None]) -> Response:
    _documents(live)  # a bad file is not edited, and says why
    _edit(live.path, act)
    try:
        return Response(live.documents()[""].data, media_type="application/json")
    except UnavailableError as error:
        raise _took_effect(str(error)) from error


def _edit(path: Path, act: Callable[[Editor], None]) -> None:
    editor: Editor | None = None
    try:
        with open_manifest(path) as editor:
            act(editor)
    except Exception as error:
        message = describe_failure(error, path)
        if editor and _is_written(editor):
            raise _took_effect(message) from error
        raise HTTPException(_code(error) if editor else _UNAVAILABLE, message) from error


def _took_effect(but: str) -> HTTPException:
    return HTTPException(_UNAVAILABLE, f"the edit took effect; {but}")


def _is_written(editor: Editor) -> bool:
    try:
        return editor.changed and editor.file.read() == editor.text.encode()
    except ManifestError:
        return False


def _code(error: Exception) -> int:
    """Return the status for what an edit itself was refused for."""
    match error:
        case ManifestError(problems=(_, *_)):
            return _INVALID
        case ManifestError(refused=True):
            return _CONFLICT
    return _UNAVAILABLE
