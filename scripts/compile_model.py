"""Writes manifest/compiled.py: what Pydantic made of the models, ready to be used.

Importing Pydantic and building the models takes most of a short run's time, and `validate`
needs neither: pydantic_core checks the shape, once it has the core schema. This script takes
that schema from the models, so that they stay the one place that decides.
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
TEMPLATE = '''"""Generated from model.py by `make generate`; not to be edited."""

from __future__ import annotations

from typing import Any

from valhalla_manifest.document.fields import Field
from valhalla_manifest.manifest import validators

# What is known of the keys of the manifest, and of an item of each list.
FIELDS: dict[str, dict[str, Field]] = {fields}

# Each status, in the order of reports, and how far in the life of a pack it is.
STATUSES: dict[str, int] = {statuses}

# The lists whose items have an identity, and the field that is it.
KEYED: dict[str, str] = {keyed}

CONFIG: Any = {{"strict": True, "extra_fields_behavior": "allow"}}

CORE_SCHEMA: Any = {schema}
'''
LEFT_OUT = {"metadata", "ref", "cls", "computed_fields", "model_name", "members", "sub_type"}


class Reference(str):
    """A name to write into the module as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def portable(schema: Any) -> Any:
    """Return a core schema without classes and without what only models need."""
    if isinstance(schema, FunctionType):
        if getattr(validators, schema.__name__, None) is not schema:
            sys.exit(f"{schema.__name__} must stand in validators.py")
        return Reference(f"validators.{schema.__name__}")
    if isinstance(schema, list):
        return [portable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "model":
        return portable(schema["schema"])
    if schema.get("type") == "enum":
        return {"type": "literal", "expected": [member.value for member in schema["members"]]}
    return {key: portable(value) for key, value in schema.items() if key not in LEFT_OUT}


def marks(annotation: Any) -> Iterator[Mark]:
    """Yield what an annotation, and those inside it, say of how a value is written."""
    yield from (mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, Mark))
    for part in get_args(annotation):
        yield from marks(part)


def field(name: str, model: type[Entry]) -> Reference:
    """Return what is known of a key, as the module has it."""
    declared, schema = model.model_fields[name], model.model_json_schema()
    if not declared.description or not declared.examples:
        sys.exit(f"{name}: write description=... and examples=[...] in its Field")
    part = schema["properties"][name]
    value = next(each for each in part.get("anyOf", [part]) if each.get("type") != "null")
    value = schema["$defs"][value["$ref"].rpartition("/")[2]] if "$ref" in value else value
    found = list(marks(get_type_hints(model, include_extras=True)[name]))
    known = Field(
        type=value["type"],
        required=declared.is_required(),
        choices=tuple(map(str, value.get("enum", [value["const"]] if "const" in value else []))),
        description=declared.description,
        **{flag: any(getattr(mark, flag) for mark in found) for flag in Mark._fields},
    )
    if (known.column or known.label) and known.type != "string":
        sys.exit(f"{name}: only a string can be a column or a label")
    given = {key: value for key, value in known._asdict().items() if value}
    return Reference(f"Field({', '.join(f'{key}={value!r}' for key, value in given.items())})")


def fields(model: type[Entry]) -> dict[str, Reference]:
    """Return what is known of each key of a model, in its order."""
    return {name: field(name, model) for name in model.model_fields}


def require_agreement(text: str) -> None:
    """Exit if a model refuses an example that the compiled schema accepts.

    The models are strict: without ``strict=False`` they take no text for an enum and no list for
    a tuple, and `load()` would raise for a manifest that `validate` accepts.
    """
    namespace: dict[str, Any] = {}
    exec(text, namespace)  # noqa: S102  it is what this script writes
    compiled = SchemaValidator(namespace["CORE_SCHEMA"], namespace["CONFIG"])
    example = {**examples(Manifest), "packs": [examples(Pack)]}
    accepted = {where for where, _ in refusals(compiled.validate_python, example)}
    for where, why in refusals(Manifest.model_validate, example):
        if where not in accepted:
            sys.exit(
                f"{where[-1]}: the model refuses its own example ({why}), but `validate` would "
                "accept it; write strict=False in its Field"
            )


def examples(model: type[Entry]) -> dict[str, Any]:
    """Return an example of each key of a model."""
    return {name: (known.examples or [None])[0] for name, known in model.model_fields.items()}


def refusals(
    validate: Callable[[Any], object], data: Any
) -> list[tuple[tuple[int | str, ...], str]]:
    """Return what a validator refuses: where, and why."""
    try:
        validate(data)
    except ValidationError as error:
        return [(each["loc"], each["msg"]) for each in error.errors()]
    return []


def module() -> str:
    """Return the text of the module."""
    known = {"": fields(Manifest), "packs": fields(Pack)}
    text = TEMPLATE.format(
        fields=known,
        statuses={status.value: status.stage for status in PackStatus},
        keyed=Manifest.keyed_lists,
        schema=portable(Manifest.__pydantic_core_schema__),
    )
    require_agreement(text)
    formatter = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(TARGET), "-"]
    return subprocess.run(
        formatter, input=text, capture_output=True, text=True, check=True, cwd=TARGET.parent
    ).stdout


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        if TARGET.read_text(encoding="utf-8") != module():
            sys.exit(f"{TARGET.name} has drifted from model.py: run `make generate`")
    else:
        TARGET.write_text(module(), encoding="utf-8")
