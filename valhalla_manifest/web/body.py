"""What a POST may carry: a small JSON object of known keys; all else is refused in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, StringConstraints
from starlette.exceptions import HTTPException

from valhalla_manifest.document.characters import FORBIDDEN, describe_char
from valhalla_manifest.manifest import formats

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from fastapi import Response
    from starlette.types import Message, Receive

LIMIT = 64 * 1024  # bytes
_UNPARSED, TOO_LARGE = 400, 413


def _allowed(notes: str) -> str:
    found = FORBIDDEN.search(notes)
    if found:
        raise ValueError(f"{describe_char(found[0])} is not allowed in a manifest")
    return notes


Notes = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_allowed)]


class Incomplete(BaseModel, extra="forbid"):
    """What may be said when the backend is marked."""

    notes: Notes | None = None


class Complete(Incomplete):
    """What may be said when the backend is marked as complete."""

    version: Annotated[str, StringConstraints(pattern=formats.SEMVER)] | None = None


class Fault(BaseModel):
    """One thing that is wrong with a body: which kind, where, in words."""

    type: str
    loc: list[str | int]
    msg: str


class GuardedRoute(APIRoute):
    """A route that reads no more than ``LIMIT`` of a body, and can tell whatever is wrong with it.

    FastAPI repeats what it was given, which not always can be written as JSON.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, guarded."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(Request(request.scope, _bounded(request.receive)))
            except RequestValidationError as error:
                raise RequestValidationError(list(map(_fault, error.errors()))) from None
            except HTTPException as error:
                if error.status_code != _UNPARSED:
                    raise
                raise RequestValidationError([_NOT_JSON]) from None

        return guarded


_NOT_JSON = {"type": "json_invalid", "loc": ("body",), "msg": "JSON decode error"}


def _fault(error: Mapping[str, Any]) -> dict[str, Any]:
    return {key: error[key] for key in Fault.model_fields}


def _bounded(receive: Receive) -> Receive:
    left = LIMIT

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(TOO_LARGE, f"the body is larger than {LIMIT} bytes")
        return message

    return bounded
