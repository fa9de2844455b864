"""What checks the shape: pydantic_core, of which a short run needs the compiled part alone."""

from __future__ import annotations

try:
    # The process of the command line has it already, without the package around it.
    from pydantic_core._pydantic_core import (
        PydanticCustomError,
        SchemaError,
        SchemaValidator,
        ValidationError,
    )
except ImportError:  # another layout of the package
    from pydantic_core import PydanticCustomError, SchemaError, SchemaValidator, ValidationError

__all__ = ["PydanticCustomError", "SchemaError", "SchemaValidator", "ValidationError"]
