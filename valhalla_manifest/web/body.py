"""The bodies of POST requests: small JSON objects; every error is reported as JSON."""

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


def _require_allowed(notes: str) -> str:
    match = FORBIDDEN.search(notes)
    if match:
        raise ValueError(f"{describe_char(match[0])} is not allowed in a manifest")
    return notes


Notes = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_require_allowed)]


class Incomplete(BaseModel, extra="forbid"):
    """The body that marks the backend as not complete."""

    notes: Notes | None = None


class Complete(Incomplete):
    """The body that marks the backend as complete."""

    version: Annotated[str, StringConstraints(pattern=formats.SEMVER)] | None = None


class Fault(BaseModel):
    """An error in a body: its kind, its place and a message."""

    type: str
    loc: list[str | int]
    msg: str


class GuardedRoute(APIRoute):
    """A route that limits the size of a body, and leaves the body out of its errors.

    FastAPI would repeat the invalid value, which JSON cannot always express.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler with these guards."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(Request(request.scope, _limited(request.receive)))
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


def _limited(receive: Receive) -> Receive:
    remaining = LIMIT

    async def limited() -> Message:
        nonlocal remaining
        message = await receive()
        remaining -= len(message.get("body", b""))
        if remaining < 0:
            raise HTTPException(TOO_LARGE, f"the body is larger than {LIMIT} bytes")
        return message

    return limited
