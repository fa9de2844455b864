"""Checks the shape of a manifest with Pydantic, without the cost of importing the models."""

from __future__ import annotations

from functools import cache
from typing import Any

from valhalla_manifest.manifest import compiled
from valhalla_manifest.manifest.core import SchemaError, SchemaValidator, ValidationError


def errors(data: object) -> list[Any]:
    """Return Pydantic's errors for the data of a manifest."""
    try:
        _validator().validate_python(data)
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False)
    return []


@cache
def _validator() -> Any:
    """Return Pydantic's validator of the shape."""
    try:
        return SchemaValidator(compiled.CORE_SCHEMA, compiled.CONFIG)
    except SchemaError:  # this version of pydantic_core does not accept the compiled schema
        from valhalla_manifest.manifest.model import Manifest

        return Manifest.__pydantic_validator__
