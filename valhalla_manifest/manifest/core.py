"""The parts of pydantic_core that check a manifest, imported as cheaply as possible."""

from __future__ import annotations

try:
    # __main__.py has loaded only this compiled module, which is faster than the whole package.
    from pydantic_core._pydantic_core import (
        PydanticCustomError,
        SchemaError,
        SchemaValidator,
        ValidationError,
    )
except ImportError:  # a version of pydantic_core with another layout
    from pydantic_core import PydanticCustomError, SchemaError, SchemaValidator, ValidationError

__all__ = ["PydanticCustomError", "SchemaError", "SchemaValidator", "ValidationError"]
