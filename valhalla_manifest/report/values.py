"""The values of a manifest under names that scripts ask for, in forms that they can read."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from valhalla_manifest.document.problems import ManifestError, closest
from valhalla_manifest.manifest import lookup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from valhalla_manifest.manifest.views import ManifestView

Fields = dict[str, Any]

_NO_NAME = re.compile(r"[^A-Za-z0-9]+")


def flat(manifest: ManifestView) -> Fields:
    """Return every value by its name, such as ``packs.H.status``; what is not set is None."""
    packs = {
        f"packs.{pack.id}.{name}": value
        for pack in manifest.packs
        for name, value in pack.fields.items()
        if name != "id"
    }
    return manifest.fields | packs


def chosen(fields: Fields, names: Iterable[str]) -> Fields:
    """Return the fields that are asked for, all where none is; pack ids in any case.

    Raises:
        ManifestError: there is no such field; the message names the one that may be meant.
    """
    whole = _wholes(fields) | fields
    result = {}
    for name in names:
        known = lookup.find(name, ((field, field) for field in whole))
        if known is None:
            guess = closest(name, fields)
            hint = f'did you mean "{guess}"?' if guess else "`get --format json` lists them all"
            raise ManifestError(f"there is no field {name!r}; {hint}", refused=True)
        result[known] = whole[known]
    return result or fields


def _wholes(fields: Fields) -> Fields:
    """Return the packs as one value, and each of them as one."""
    packs: dict[str, Fields] = {}
    for name, value in fields.items():
        first, _, rest = name.partition(".")
        if first == "packs":
            pack_id, _, key = rest.partition(".")
            packs.setdefault(pack_id, {"id": pack_id})[key] = value
    present = [{k: v for k, v in pack.items() if v is not None} for pack in packs.values()]
    return {"packs": present, **{f"packs.{pack['id']}": pack for pack in present}}


def text(value: Any) -> str:
    """Return a value as a script reads it: null is empty, lists and mappings are JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def env(fields: Fields) -> str:
    """Return assignments for a POSIX shell: ``MANIFEST_PACKS_H_STATUS='installed'``.

    Raises:
        ManifestError: two fields would have one name.
    """
    names = _renamed(fields, lambda name: f"MANIFEST_{_NO_NAME.sub('_', name).upper()}")
    return "".join(f"{name}={_quoted(text(fields[field]))}\n" for field, name in names.items())


def _quoted(value: str) -> str:
    return shlex.quote(value) if shlex.quote(value) != value else f"'{value}'"


def github_output(fields: Fields) -> str:
    """Return what is to be appended to the file named by GITHUB_OUTPUT.

    Every value stands between delimiters that nobody can know beforehand.

    Raises:
        ManifestError: two fields would have one name.
    """
    names = _renamed(fields, lambda name: _NO_NAME.sub("_", name))
    delimiter = f"end_{uuid4().hex}"
    return "".join(
        f"{name}<<{delimiter}\n{text(fields[field])}\n{delimiter}\n"
        for field, name in names.items()
    )


def _renamed(fields: Fields, rename: Any) -> dict[str, str]:
    taken: dict[str, str] = {}
    for field in fields:
        name = rename(field)
        if name in taken:
            raise ManifestError(f"{taken[name]} and {field} would both be called {name}")
        taken[name] = field
    return {field: name for name, field in taken.items()}
