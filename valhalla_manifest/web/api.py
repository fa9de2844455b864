"""The origin's six endpoints over a manifest file, as a FastAPI router (extra ``http``).

>>> from fastapi import FastAPI
>>> from valhalla_manifest.http import create_router
>>> app = FastAPI()
>>> app.include_router(create_router("manifest/system.yaml"))
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi import APIRouter, Body, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, create_model

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest import formats
from valhalla_manifest.manifest.compiled import STATUSES
from valhalla_manifest.manifest.operations import COMPLETE_NOTES, INCOMPLETE_NOTES
from valhalla_manifest.manifest.views import COLUMNS
from valhalla_manifest.project import editor as editing
from valhalla_manifest.project.manifest_file import ManifestFile
from valhalla_manifest.project.review import edit_and_commit
from valhalla_manifest.web.body import TOO_LARGE, Complete, Fault, GuardedRoute, Incomplete
from valhalla_manifest.web.document_cache import DocumentCache, UnavailableError, describe_failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from valhalla_manifest.project.editor import Editor
    from valhalla_manifest.web.document_cache import Documents

_UNCHANGED, _UNAUTHORIZED, _FORBIDDEN, _MISSING, _CONFLICT = 304, 401, 403, 404, 409
_INVALID, _UNAVAILABLE = 422, 503
_MOST_EDITS = 40  # that wait for the lock in a thread each; more edits wait for a thread
_AUTHOR = re.compile(r"[^<>\n]+ <[^<>\n]*>")


class _Pack(BaseModel, extra="allow"):
    id: str = Field(examples=["H"])
    name: str
    status: str = Field(description=f"one of: {', '.join(STATUSES)}")


_COLUMNS: dict[str, Any] = dict.fromkeys(COLUMNS, (str | None, None))
PackResponse = create_model(
    "PackResponse", __base__=_Pack, __doc__="One pack of the registry.", **_COLUMNS
)


class Extra(BaseModel, extra="allow"):
    """The part of the state that is not about the packs."""

    notes: str | None = None
    updated_at: str | None = Field(
        description="The time of the last change of the manifest (RFC 3339)."
    )
    completed_at: str | None = Field(
        description="The time at which the backend became complete (RFC 3339)."
    )


class StatusResponse(BaseModel):
    """The complete state of the backend."""

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
    "SummaryResponse", __doc__="The number of packs by status.", **_SUMMARY
)

_PACKS: dict[str, Any] = {
    "packs": list[PackResponse],  # type: ignore[valid-type]
    "total": int,
    **dict.fromkeys(STATUSES, int),
}
PacksResponse = create_model("PacksResponse", __doc__="The registry.", **_PACKS)


class Detail(BaseModel):
    """The reason of an error."""

    detail: str


class Refusal(BaseModel):
    """The reason why a body or its result is invalid."""

    detail: str | list[Fault]


def create_router(  # noqa: PLR0913  Each keyword is a decision of the application.
    path: str | Path,
    *,
    allow_edits: bool = False,
    authorize: Callable[..., Any] | None = None,
    unprotected: bool = False,
    commit: bool = True,
    prefix: str = "/system/status",
) -> APIRouter:
    """Return a router with the origin's endpoints over a manifest file.

    GET and HEAD return the current state; the manifest is read again if the file, the settings or
    the repository changed. With ``allow_edits``, two POST endpoints edit the file and commit it as
    the command line does with ``--commit``; with ``commit=False`` the edit stays uncommitted.

    ``authorize`` is a FastAPI dependency that raises ``HTTPException`` with 401 or 403 for a caller
    who may not edit. It returns the author of the commit as ``NAME <ADDRESS>``, or None for the
    identity that git is configured with. ``unprotected=True`` lets everyone edit.

    Raises:
        ValueError: If edits are allowed with neither or both of the two.
    """
    if allow_edits and (authorize is None) is not unprotected:
        raise ValueError(
            "allow_edits=True requires either authorize=DEPENDENCY, which rejects callers with 401 "
            "or 403, or unprotected=True, which lets everyone edit"
        )
    cache = DocumentCache(Path(path))
    router = APIRouter(prefix=prefix, tags=["system status"])
    _add_reading(router, cache)
    if allow_edits:
        guarded = APIRouter(route_class=GuardedRoute)
        _add_editing(guarded, _Editing(cache, commit), authorize)
        router.include_router(guarded)
    return router


_UNAVAILABLE_RESPONSE: dict[int | str, dict[str, Any]] = {
    _UNAVAILABLE: {"model": Detail, "description": "The manifest cannot be read or is not valid."}
}
_READING: dict[int | str, dict[str, Any]] = _UNAVAILABLE_RESPONSE | {
    _UNCHANGED: {"description": "Unchanged: the entity tag of the request is still current."}
}


def _add_reading(router: APIRouter, cache: DocumentCache) -> None:
    @router.head("/", include_in_schema=False)
    @router.get("/", response_model=StatusResponse, responses=_READING)
    async def status(request: Request) -> Response:
        """Return the complete state: version, completion, packs, summary and notes."""
        return await _respond(cache, "", request)

    @router.head("/summary", include_in_schema=False)
    @router.get("/summary", response_model=SummaryResponse, responses=_READING)
    async def summary(request: Request) -> Response:
        """Return the number of packs by status."""
        return await _respond(cache, "summary", request)

    @router.head("/packs", include_in_schema=False)
    @router.get("/packs", response_model=PacksResponse, responses=_READING)
    async def packs(request: Request) -> Response:
        """Return the registry."""
        return await _respond(cache, "packs", request)

    missing: dict[int | str, dict[str, Any]] = {
        _MISSING: {"model": Detail, "description": "The pack does not exist."}
    }

    @router.head("/packs/{pack_id}", include_in_schema=False)
    @router.get("/packs/{pack_id}", response_model=PackResponse, responses=_READING | missing)
    async def pack(pack_id: str, request: Request) -> Response:
        """Return one pack by its id in upper or lower case."""
        name = formats.normalize_id(f"packs/{pack_id}")
        return await _respond(cache, name, request, f"Pack {pack_id} not found")


async def _respond(
    cache: DocumentCache, name: str, request: Request, missing: str = ""
) -> Response:
    documents = cache.cached()
    if documents is None:
        documents = await run_in_threadpool(_documents, cache)
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


def _documents(cache: DocumentCache) -> Documents:
    try:
        return cache.documents()
    except UnavailableError as error:
        raise HTTPException(_UNAVAILABLE, str(error)) from error


async def _allow_everyone() -> None:
    """Authorize every caller."""


_REJECTED: dict[int | str, dict[str, Any]] = {
    _UNAUTHORIZED: {"model": Detail, "description": "The caller did not authenticate."},
    _FORBIDDEN: {"model": Detail, "description": "The caller may not edit the manifest."},
}


def _add_editing(router: APIRouter, edits: _Editing, authorize: Callable[..., Any] | None) -> None:
    refused: dict[int | str, dict[str, Any]] = {
        _CONFLICT: {
            "model": Detail,
            "description": "Packs are pending, or the version would be lower.",
        },
        TOO_LARGE: {"model": Detail, "description": "The body is larger than 64 KiB."},
        _INVALID: {"model": Refusal, "description": "A key or value is invalid."},
        _UNAVAILABLE: {
            "model": Detail,
            "description": "The manifest cannot be read, is not valid, or cannot be written or "
            "committed. If the edit took effect nevertheless, the message says so.",
        },
    }
    responses = refused | (_REJECTED if authorize else {})
    caller = Depends(authorize or _allow_everyone)

    @router.post("/complete", response_model=StatusResponse, responses=responses)
    async def complete(
        body: Annotated[Complete | None, Body()] = None, author: Any = caller
    ) -> Response:
        """Mark the backend as complete; an earlier completion time is kept."""
        wanted = body or Complete()
        notes = COMPLETE_NOTES if wanted.notes is None else wanted.notes
        edit = _Edit(lambda editor: editor.complete(notes, wanted.version), wanted.notes, author)
        return await edits.respond(edit)

    @router.post("/incomplete", response_model=StatusResponse, responses=responses)
    async def incomplete(
        body: Annotated[Incomplete | None, Body()] = None, author: Any = caller
    ) -> Response:
        """Mark the backend as not complete, and clear the completion time."""
        wanted = body or Incomplete()
        notes = INCOMPLETE_NOTES if wanted.notes is None else wanted.notes
        return await edits.respond(
            _Edit(lambda editor: editor.incomplete(notes), wanted.notes, author)
        )


@dataclass(slots=True)
class _Edit:
    """A requested edit, with the notes and the author for its commit."""

    apply: Callable[[Editor], None]
    notes: str | None
    author: Any
    editor: Editor | None = None  # set when the manifest is open

    def run(self, editor: Editor) -> None:
        self.editor = editor
        self.apply(editor)


@dataclass(slots=True)
class _Editing:
    """Makes the edits of one router, in threads that no GET request waits for."""

    cache: DocumentCache
    commit: bool
    # An event loop may only use the limiter that was created in it.
    _limiter: RunVar[CapacityLimiter] = field(default_factory=lambda: RunVar("edits"))

    async def respond(self, edit: _Edit) -> Response:
        """Make an edit, and return the new state."""
        limiter = self._limiter.get(None)
        if limiter is None:
            limiter = CapacityLimiter(_MOST_EDITS)
            self._limiter.set(limiter)
        return await to_thread.run_sync(self._respond, edit, limiter=limiter)

    def _respond(self, edit: _Edit) -> Response:
        _documents(self.cache)  # An unusable manifest is an error before the edit.
        try:
            self._write(edit)
        except Exception as error:
            message = describe_failure(error, self.cache.path)
            if edit.editor and _is_written(edit.editor):
                raise _took_effect(message) from error
            code = _code(error) if edit.editor else _UNAVAILABLE
            raise HTTPException(code, message) from error
        try:
            return Response(self.cache.documents()[""].data, media_type="application/json")
        except UnavailableError as error:
            raise _took_effect(str(error)) from error

    def _write(self, edit: _Edit) -> None:
        file = ManifestFile.at(self.cache.path)
        if self.commit:
            message, author = (edit.notes or "").strip() or None, _require_author(edit.author)
            edit_and_commit(file, edit.run, message, author=author, undo_on_failure=True)
        else:
            with editing.edit(file) as editor:
                edit.run(editor)


def _require_author(author: Any) -> str | None:
    """Return the author; git would take a string of another form for a search pattern."""
    if author is None or (isinstance(author, str) and _AUTHOR.fullmatch(author)):
        return author
    raise ValueError(f"authorize returned {author!r}; return 'NAME <ADDRESS>' or None")


def _took_effect(failure: str) -> HTTPException:
    return HTTPException(_UNAVAILABLE, f"the edit took effect; {failure}")


def _is_written(editor: Editor) -> bool:
    try:
        return editor.changed and editor.file.read() == editor.text.encode()
    except ManifestError:
        return False


def _code(error: Exception) -> int:
    """Return the status code for an edit that failed."""
    match error:
        case ManifestError(problems=(_, *_)):
            return _INVALID
        case ManifestError(refused=True):
            return _CONFLICT
    return _UNAVAILABLE
