"""Where a project says what differs for it: ``[tool.valhalla-manifest]`` in pyproject.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.problems import ManifestError, closest
from valhalla_manifest.validation.check import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TABLE = "tool.valhalla-manifest"
_MAY_HAVE_TABLE = re.compile(rb"tool[^\n]*valhalla-manifest|\[\s*[\"']?tool[\"']?\s*\]")
_PATHS = ("manifest", "schema")
_CODES = ("ignore", "warn", "error")


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a project; paths are relative to the file that they stand in."""

    manifest: Path | None = None
    schema: Path | None = None
    policy: Policy = field(default_factory=Policy)


def load(start: Path) -> Config:
    """Return the settings of the nearest pyproject.toml, up to the repository's root.

    Raises:
        ManifestError: the file cannot be read, or the table holds an unknown key or code, or a
            value of the wrong type.
    """
    for file in places(start):
        if file.is_file():
            try:
                content = file.read_bytes()
            except OSError as error:
                raise ManifestError(f"cannot read {file}: {error.strerror}") from None
            # Parsing TOML costs more than the whole validation; most files have no such table.
            return _parse(file, content) if _MAY_HAVE_TABLE.search(content) else Config()
    return Config()


def places(start: Path) -> Iterator[Path]:
    """Yield where settings may stand, the nearest first; the first file that is there counts."""
    for folder in (start, *start.parents):
        yield folder / "pyproject.toml"
        if (folder / ".git").exists():
            return


def _parse(file: Path, content: bytes) -> Config:
    import tomllib

    try:
        tools = tomllib.loads(content.decode()).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ManifestError(f"{file}: not TOML: {error}") from None
    table = tools.get("valhalla-manifest", {}) if isinstance(tools, dict) else tools
    if not isinstance(table, dict):
        raise ManifestError(f"{file}: [{_TABLE}] must be a table")
    for key in table:
        if key not in (*_PATHS, *_CODES):
            guess = closest(key, (*_PATHS, *_CODES))
            hint = f'; did you mean "{guess}"?' if guess else ""
            raise ManifestError(f'{file}: [{_TABLE}] has no key "{key}"{hint}')
    paths = {key: file.parent / _text(file, key, table[key]) for key in _PATHS if key in table}
    return Config(**paths, policy=policy(str(file), {key: table.get(key, []) for key in _CODES}))


def _text(file: Path, key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ManifestError(f"{file}: {key} must be a string")
    return value


def policy(where: str, codes: dict[str, Any]) -> Policy:
    """Return a policy from lists of codes.

    Raises:
        ManifestError: a code is unknown, or its rule cannot be lowered.
    """
    from valhalla_manifest.validation.rules import BY_CODE

    for key, listed in codes.items():
        if not isinstance(listed, list):
            raise ManifestError(f"{where}: {key} must be a list of codes")
        for code in listed:
            if not isinstance(code, str) or code not in BY_CODE:
                raise ManifestError(
                    f"{where}: {key}: there is no rule {code}; see `valhalla-manifest rules`"
                )
            if key != "error" and not BY_CODE[code].adjustable:
                raise ManifestError(
                    f"{where}: {key}: {code} cannot be lowered: without it readers would differ"
                )
    return Policy(**{key: frozenset(listed) for key, listed in codes.items()})
