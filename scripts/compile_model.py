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
from typing import Any

from valhalla_manifest.manifest import validators
from valhalla_manifest.manifest.model import Entry, Manifest, Pack

TARGET = Path(__file__).parents[1] / "valhalla_manifest" / "manifest" / "compiled.py"
TEMPLATE = '''"""Made by scripts/compile_model.py from model.py; then `make generate`."""

from __future__ import annotations

from typing import Any

from valhalla_manifest.manifest import validators

# The keys of the manifest and of an item of each list, with an example of a value.
FIELDS: dict[str, dict[str, str]] = {fields}

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


def yaml_example(value: Any) -> str:
    """Return an example as a person would write it in the manifest."""
    if value == []:
        return "[]"
    if isinstance(value, list):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    plain = not isinstance(value, str) or " " in value or value.islower()
    return str(value) if plain else f'"{value}"'


def fields(model: type[Entry]) -> dict[str, str]:
    """Return each key of a model with an example of a value, in the order of the model."""
    return {
        name: yaml_example((info.examples or [""])[0]) for name, info in model.model_fields.items()
    }


def module() -> str:
    """Return the text of the module."""
    known = {"": fields(Manifest), "packs": fields(Pack)}
    text = TEMPLATE.format(
        fields=known,
        keyed=Manifest.keyed_lists,
        schema=portable(Manifest.__pydantic_core_schema__),
    )
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
