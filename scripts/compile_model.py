"""Writes manifest/compiled.py from the models, so that `validate` need not import Pydantic.

Importing Pydantic and building the models takes most of the time of a short run. pydantic_core
alone checks the shape if it has the core schema, which this script takes from the models.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from pydantic_core import SchemaValidator, ValidationError

from valhalla_manifest.document.fields import Field
from valhalla_manifest.manifest import validators
from valhalla_manifest.manifest.model import Entry, Manifest, Mark, Pack, PackStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TARGET = Path(__file__).parents[1] / "valhalla_manifest" / "manifest" / "compiled.py"
TEMPLATE = '''"""Generated from model.py by `make generate`; do not edit."""

from __future__ import annotations

from typing import Any

from valhalla_manifest.document.fields import Field
from valhalla_manifest.manifest import validators

# The top-level keys, and the keys of an item of each list.
FIELDS: dict[str, dict[str, Field]] = {fields}

# The statuses in the order of reports, each with its stage in the life cycle of a pack.
STATUSES: dict[str, int] = {statuses}

# The lists whose items have an identity, and the key that contains it.
KEYED: dict[str, str] = {keyed}

CONFIG: Any = {{"strict": True, "extra_fields_behavior": "allow"}}

CORE_SCHEMA: Any = {schema}
'''
OMITTED = {"metadata", "ref", "cls", "computed_fields", "model_name", "members", "sub_type"}


class Reference(str):
    """A string that is written into the module as code."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def strip_models(schema: Any) -> Any:
    """Return a core schema without classes, and without the parts that only models need."""
    if isinstance(schema, FunctionType):
        if getattr(validators, schema.__name__, None) is not schema:
            sys.exit(f"{schema.__name__} is not in validators.py; move it there")
        return Reference(f"validators.{schema.__name__}")
    if isinstance(schema, list):
        return [strip_models(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "model":
        return strip_models(schema["schema"])
    if schema.get("type") == "enum":
        return {"type": "literal", "expected": [member.value for member in schema["members"]]}
    return {key: strip_models(value) for key, value in schema.items() if key not in OMITTED}


def find_marks(annotation: Any) -> Iterator[Mark]:
    """Yield the marks of an annotation and of its inner ones."""
    yield from (mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, Mark))
    for part in get_args(annotation):
        yield from find_marks(part)


def compile_field(name: str, model: type[Entry]) -> Reference:
    """Return the code for the properties of a key."""
    declared, schema = model.model_fields[name], model.model_json_schema()
    if not declared.description or not declared.examples:
        sys.exit(f"{name}: write description=... and examples=[...] in its Field")
    part = schema["properties"][name]
    value = next(each for each in part.get("anyOf", [part]) if each.get("type") != "null")
    value = schema["$defs"][value["$ref"].rpartition("/")[2]] if "$ref" in value else value
    marks = list(find_marks(get_type_hints(model, include_extras=True)[name]))
    known = Field(
        type=value["type"],
        required=declared.is_required(),
        choices=tuple(map(str, value.get("enum", [value["const"]] if "const" in value else []))),
        description=declared.description,
        **{flag: any(getattr(mark, flag) for mark in marks) for flag in Mark._fields},
    )
    if (known.column or known.label) and known.type != "string":
        sys.exit(f"{name}: a column or a label must be a string")
    given = {key: value for key, value in known._asdict().items() if value}
    return Reference(f"Field({', '.join(f'{key}={value!r}' for key, value in given.items())})")


def compile_fields(model: type[Entry]) -> dict[str, Reference]:
    """Return the code for all keys of a model, in their order."""
    return {name: compile_field(name, model) for name in model.model_fields}


def require_agreement(text: str) -> None:
    """Exit if a model rejects an example that the compiled schema accepts.

    Strict models accept no string for an enum and no list for a tuple, so that `load()` would fail
    for a manifest that `validate` accepts.
    """
    namespace: dict[str, Any] = {}
    exec(text, namespace)  # noqa: S102  this script wrote the code
    compiled = SchemaValidator(namespace["CORE_SCHEMA"], namespace["CONFIG"])
    example = {**examples(Manifest), "packs": [examples(Pack)]}
    rejected = {path for path, _ in errors(compiled.validate_python, example)}
    for path, message in errors(Manifest.model_validate, example):
        if path not in rejected:
            sys.exit(
                f"{path[-1]}: the model rejects the example of its Field ({message}), but "
                "`validate` would accept it; write strict=False in the Field"
            )


def examples(model: type[Entry]) -> dict[str, Any]:
    """Return an example of each key of a model."""
    return {name: (known.examples or [None])[0] for name, known in model.model_fields.items()}


def errors(validate: Callable[[Any], object], data: Any) -> list[tuple[tuple[int | str, ...], str]]:
    """Return the errors of a validator, each with its path and message."""
    try:
        validate(data)
    except ValidationError as error:
        return [(each["loc"], each["msg"]) for each in error.errors()]
    return []


def compile_module() -> str:
    """Return the code of the module."""
    fields = {"": compile_fields(Manifest), "packs": compile_fields(Pack)}
    text = TEMPLATE.format(
        fields=fields,
        statuses={status.value: status.stage for status in PackStatus},
        keyed=Manifest.keyed_lists,
        schema=strip_models(Manifest.__pydantic_core_schema__),
    )
    require_agreement(text)
    formatter = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(TARGET), "-"]
    return subprocess.run(
        formatter, input=text, capture_output=True, text=True, check=True, cwd=TARGET.parent
    ).stdout


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        if TARGET.read_text(encoding="utf-8") != compile_module():
            sys.exit(f"{TARGET.name} does not match model.py; run `make generate`")
    else:
        TARGET.write_text(compile_module(), encoding="utf-8")
