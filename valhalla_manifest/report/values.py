"""The values of ``get``: fields of a manifest by name, for scripts."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from valhalla_manifest.document.problems import ManifestError, closest
from valhalla_manifest.manifest import lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from valhalla_manifest.manifest.views import ManifestView

Fields = dict[str, Any]

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")


def flatten(manifest: ManifestView) -> Fields:
    """Return every value by its name, such as ``packs.H.status``; unset values are None."""
    packs = {
        f"packs.{pack.id}.{name}": value
        for pack in manifest.packs
        for name, value in pack.fields.items()
        if name != "id"
    }
    return manifest.fields | packs


def select_fields(fields: Fields, names: Iterable[str]) -> Fields:
    """Return the fields with these names, or all without names; case makes no difference."""
    whole = _whole_packs(fields) | fields
    result = {}
    for name in names:
        known = lookup.find(name, ((field, field) for field in whole))
        if known is None:
            guess = closest(name, fields)
            hint = f'did you mean "{guess}"?' if guess else "see `get --format json` for all fields"
            raise ManifestError(f"there is no field {name!r}; {hint}", refused=True)
        result[known] = whole[known]
    return result or fields


def _whole_packs(fields: Fields) -> Fields:
    """Return all packs as one value, and each pack as one value."""
    packs: dict[str, Fields] = {}
    for name, value in fields.items():
        first, _, rest = name.partition(".")
        if first == "packs":
            pack_id, _, key = rest.partition(".")
            packs.setdefault(pack_id, {"id": pack_id})[key] = value
    present = [{k: v for k, v in pack.items() if v is not None} for pack in packs.values()]
    return {"packs": present, **{f"packs.{pack['id']}": pack for pack in present}}


def text(value: Any) -> str:
    """Return a value for a script: null is empty, lists and mappings are JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def env(fields: Fields) -> str:
    """Return assignments for a POSIX shell, such as ``MANIFEST_PACKS_H_STATUS='installed'``."""
    names = _rename_fields(fields, lambda name: f"MANIFEST_{_NOT_IN_NAMES.sub('_', name).upper()}")
    return "".join(f"{name}={_quote(text(fields[field]))}\n" for field, name in names.items())


def _quote(value: str) -> str:
    return shlex.quote(value) if shlex.quote(value) != value else f"'{value}'"


def github_output(fields: Fields) -> str:
    """Return lines to append to $GITHUB_OUTPUT, with a delimiter that no value can contain."""
    names = _rename_fields(fields, lambda name: _NOT_IN_NAMES.sub("_", name))
    delimiter = f"end_{uuid4().hex}"
    return "".join(
        f"{name}<<{delimiter}\n{text(fields[field])}\n{delimiter}\n"
        for field, name in names.items()
    )


def _rename_fields(fields: Fields, rename: Callable[[str], str]) -> dict[str, str]:
    """Return the new name of each field, or raise ManifestError if two names would be equal."""
    by_name: dict[str, str] = {}
    for field in fields:
        name = rename(field)
        if name in by_name:
            raise ManifestError(
                f"{by_name[name]} and {field} would both be {name}; rename one of them"
            )
        by_name[name] = field
    return {field: name for name, field in by_name.items()}
