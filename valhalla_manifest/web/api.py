"""The origin's six endpoints over a manifest file, as a FastAPI router (extra ``http``).

>>> from fastapi import FastAPI
>>> from valhalla_manifest.http import create_router
>>> app = FastAPI()
>>> app.include_router(create_router("manifest/system.yaml"))
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Request, Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from valhalla_manifest.document.characters import FORBIDDEN, named
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest import formats
from valhalla_manifest.manifest.operations import COMPLETE_NOTES, INCOMPLETE_NOTES
from valhalla_manifest.project import config, loading
from valhalla_manifest.project.editor import open_manifest
from valhalla_manifest.report import json as as_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from valhalla_manifest.project.editor import Editor

_UNCHANGED, _CONFLICT, _INVALID, _UNAVAILABLE = 304, 409, 422, 503


class PackResponse(BaseModel, extra="allow"):
    """One pack of the registry."""

    id: str = Field(examples=["H"])
    name: str
    status: str = Field(description="installed, pending, deprecated or experimental")
    category: str | None = None


class Extra(BaseModel, extra="allow"):
    """What the state has beside the packs."""

    notes: str | None = None
    updated_at: str | None = Field(description="When the manifest changed last (RFC 3339).")
    completed_at: str | None = Field(description="When the backend became complete (RFC 3339).")


class StatusResponse(BaseModel):
    """The whole state."""

    version: str = Field(description="Semantic Versioning 2.0.0.", examples=["1.0.0"])
    backend_complete: bool
    packs: list[PackResponse]
    summary: str
    extra: Extra


class SummaryResponse(BaseModel):
    """How many packs there are of each status."""

    total_packs: int
    installed_packs: int
    pending_packs: int
    deprecated_packs: int
    experimental_packs: int
    summary: str
    version: str
    backend_complete: bool


class PacksResponse(BaseModel):
    """The registry."""

    packs: list[PackResponse]
    total: int
    installed: int
    pending: int
    deprecated: int
    experimental: int


class Detail(BaseModel):
    """Why something could not be done."""

    detail: str


def _allowed(notes: str) -> str:
    found = FORBIDDEN.search(notes)
    if found:
        raise ValueError(f"{named(found[0])} is not allowed in a manifest")
    return notes


Notes = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_allowed)]


class Incomplete(BaseModel):
    """What may be said when the backend is marked."""

    notes: Notes | None = None


class Complete(Incomplete):
    """What may be said when the backend is marked as complete."""

    version: Annotated[str, StringConstraints(pattern=formats.SEMVER)] | None = None


@dataclass(frozen=True, slots=True)
class _Document:
    data: bytes
    etag: str


@dataclass(slots=True)
class _Live:
    """The documents of a manifest, made again when the file changed, and only then."""

    path: Path
    _lock: threading.Lock
    _stamp: tuple[int, ...] | None = None
    _documents: dict[str, _Document] | None = None
    _problem: str = ""

    def document(self, name: str) -> _Document | None:
        """Return a document by its path below the prefix.

        Raises:
            HTTPException: 503, the manifest cannot be read or is not valid.
        """
        with self._lock:
            stamp = self._stamp_now()
            if stamp is None or stamp != self._stamp:
                self._stamp = stamp  # from before the reading: a later change is seen next time
                self._read()
            documents, problem = self._documents, self._problem
        if documents is None:
            raise HTTPException(_UNAVAILABLE, problem)
        return documents.get(name)

    def _stamp_now(self) -> tuple[int, ...] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev

    def _read(self) -> None:
        try:
            manifest = loading.load(self.path, config.load(self.path.resolve().parent).policy)
            made = as_json.documents(manifest, loading.last_change(self.path).time)
        except (ManifestError, OSError) as error:
            self._documents, self._problem = None, _first_problem(error)
        else:
            self._documents = {
                name: _Document(data, f'"{hashlib.sha256(data).hexdigest()[:32]}"')
                for name, data in made.items()
            }


def _first_problem(error: Exception) -> str:
    if isinstance(error, ManifestError) and error.problems:
        first = error.problems[0]
        return f"{error}: line {first.line}, {first.code}: {first.message}"
    return str(error)


def create_router(
    path: str | Path, *, allow_edits: bool = False, prefix: str = "/system/status"
) -> APIRouter:
    """Return a router with the origin's endpoints over a manifest file.

    GET reads the file again when it changed. The two POSTs are there with ``allow_edits`` alone;
    they edit the file as the command line does. Who may call them is for the application to say.
    """
    live = _Live(Path(path), threading.Lock())
    router = APIRouter(prefix=prefix, tags=["system status"])
    _add_reading(router, live)
    if allow_edits:
        _add_editing(router, live)
    return router


_UNAVAILABLE_RESPONSE: dict[int | str, dict[str, Any]] = {
    _UNAVAILABLE: {"model": Detail, "description": "The manifest cannot be read or is not valid."}
}
_READING: dict[int | str, dict[str, Any]] = _UNAVAILABLE_RESPONSE | {
    _UNCHANGED: {"description": "As before (the request's If-None-Match still holds)."}
}


def _add_reading(router: APIRouter, live: _Live) -> None:
    @router.get("/", response_model=StatusResponse, responses=_READING)
    def status(request: Request) -> Response:
        """Return the whole state: version, completion, packs, summary and notes."""
        return _served(live, "", request)

    @router.get("/summary", response_model=SummaryResponse, responses=_READING)
    def summary(request: Request) -> Response:
        """Return how many packs there are of each status."""
        return _served(live, "summary", request)

    @router.get("/packs", response_model=PacksResponse, responses=_READING)
    def packs(request: Request) -> Response:
        """Return the registry."""
        return _served(live, "packs", request)

    missing: dict[int | str, dict[str, Any]] = {404: {"model": Detail}}

    @router.get("/packs/{pack_id}", response_model=PackResponse, responses=_READING | missing)
    def pack(pack_id: str, request: Request) -> Response:
        """Return one pack; its id in any case."""
        return _served(live, f"packs/{pack_id.upper()}", request, f"Pack {pack_id} not found")


def _served(live: _Live, name: str, request: Request, missing: str = "") -> Response:
    document = live.document(name)
    if document is None:
        raise HTTPException(404, missing)
    headers = {"ETag": document.etag, "Cache-Control": "no-cache"}
    known = request.headers.get("if-none-match", "")
    if known.strip() == "*" or document.etag in (
        tag.strip().removeprefix("W/") for tag in known.split(",")
    ):
        return Response(status_code=_UNCHANGED, headers=headers)
    return Response(document.data, media_type="application/json", headers=headers)


def _add_editing(router: APIRouter, live: _Live) -> None:
    refused: dict[int | str, dict[str, Any]] = _UNAVAILABLE_RESPONSE | {
        _CONFLICT: {"model": Detail, "description": "Packs are pending, or the version goes down."}
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


def _edited(live: _Live, act: Callable[[Editor], None]) -> Response:
    live.document("")  # a bad file is not edited, and says why
    try:
        policy = config.load(live.path.resolve().parent).policy
        with open_manifest(live.path, policy=policy) as editor:
            act(editor)
    except ManifestError as error:
        code = _INVALID if error.problems else _CONFLICT if error.refused else _UNAVAILABLE
        raise HTTPException(code, _first_problem(error)) from None
    document = live.document("")
    return Response(document.data if document else b"", media_type="application/json")
