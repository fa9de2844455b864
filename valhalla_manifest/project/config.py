"""Where a project says what differs for it: ``[tool.valhalla-manifest]`` in pyproject.toml."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.problems import ManifestError, closest
from valhalla_manifest.project import files
from valhalla_manifest.validation.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.manifest.extensions import Extensions

FILE = "pyproject.toml"
TABLE = "tool.valhalla-manifest"
_MAY_HAVE_TABLE = re.compile(rb"tool[^\n]*valhalla-manifest|\[\s*[\"']?tool[\"']?\s*\]")
_CODES = ("ignore", "warn", "error")
_KEYS = ("manifest", "schema", "extensions", *_CODES)
_WILDCARD = re.compile(r"[*?\[]")
_WILDCARDS = re.compile(r"(\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\])")
_MEANINGS = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a project; the paths in it are relative to the file that has them.

    ``manifests`` are paths and patterns of paths. ``policy`` has the extensions only once their
    file was read.
    """

    file: Path | None = None
    manifests: tuple[str, ...] = ()
    schema_file: str | None = None
    extensions_file: str | None = None
    policy: Policy = field(default_factory=Policy)

    @property
    def folder(self) -> Path:
        """What the paths are relative to."""
        return self.file.parent if self.file else Path()

    @property
    def schema(self) -> Path | None:
        """The schema file, where one is set."""
        return self.folder / self.schema_file if self.schema_file else None

    @property
    def extensions(self) -> Path | None:
        """The schema of a team's own keys, where one is set."""
        return self.folder / self.extensions_file if self.extensions_file else None

    @property
    def manifest(self) -> Path | None:
        """The manifest, where just one is set."""
        match self.manifests:
            case (only,) if not _WILDCARD.search(only):
                return self.folder / only
        return None

    def found(self) -> list[Path]:
        """Return the manifests that are set, each once; a pattern may stand for many.

        Raises:
            ManifestError: a pattern matches no file.
        """
        for name in self.manifests:
            if not self._matches(name):
                raise ManifestError(f"{self.file}: manifest: no file matches {name}")
        return self.there()

    def there(self) -> list[Path]:
        """Return the manifests that are set, like ``found``; what matches nothing is left out."""
        return list(dict.fromkeys(path for name in self.manifests for path in self._matches(name)))

    def _matches(self, name: str) -> list[Path]:
        if not _WILDCARD.search(name):
            return [_normal(self.folder / name)]
        return [_normal(path) for path in sorted(self.folder.glob(name)) if path.is_file()]

    @property
    def pattern(self) -> re.Pattern[str]:
        """What the whole paths of all manifests match that are set, or were there once."""
        return re.compile("|".join(map(self._as_regex, self.manifests)))

    def _as_regex(self, name: str) -> str:
        folder, whole = f"{self.folder.as_posix()}/", _normal(self.folder / name).as_posix()
        rest = whole.removeprefix(folder)
        return as_regex(whole) if rest == whole else re.escape(folder) + as_regex(rest)


def load(start: Path) -> Config:
    """Return the settings of the nearest pyproject.toml that has some, up to the repository's root.

    Raises:
        ManifestError: the file cannot be read, or the table holds an unknown key or code, or a
            value of the wrong type; or the extensions schema cannot be judged by.
    """
    for file in places(start):
        if file.is_file():
            try:
                content = file.read_bytes()
            except OSError as error:
                raise ManifestError(f"cannot read {file}: {error.strerror}") from None
            found = parse(content, file)
            if found:
                return _extended(found)
    return Config()


def _normal(path: Path) -> Path:
    """Return a path without "..", links as they are."""
    return Path(os.path.normpath(path))


def of(manifest: Path, start: Path) -> Config:
    """Return the settings of the project that a manifest is in.

    One that is in no repository and has none is judged by those of ``start``.

    Raises:
        ManifestError: as ``load``.
    """
    folder = Path(os.path.abspath(manifest.parent))  # noqa: PTH100  ".." goes, links stay
    found = load(folder)
    return found if found.file or files.repository(folder) else load(start)


def as_regex(pattern: str) -> str:
    """Return a regular expression for the paths that a pattern of the settings stands for."""
    return "".join(
        _MEANINGS.get(part) or (_class(part) if part[:1] == "[" else re.escape(part))
        for part in _WILDCARDS.split(pattern)
    )


def _class(part: str) -> str:
    """Return ``[…]`` of a pattern as a regular expression; what cannot be one matches nothing."""
    negated = part[1:2] == "!"
    chars = re.sub(r"([\\\[\]^&~|])", r"\\\1", part[1 + negated : -1])
    written = f"[{'^' if negated else ''}{chars}]"
    try:
        re.compile(written)
    except re.error:
        return "(?!)" if part[-1:] == "]" and part[1:-1] else re.escape(part)
    return written


def manifests(settings: Config, start: Path) -> list[Path]:
    """Return the manifests of a project: those that are set, else the nearest usual one.

    Raises:
        ManifestError: a pattern matches no file.
    """
    return settings.found() if settings.manifests else files.find(start)


def places(start: Path) -> Iterator[Path]:
    """Yield where settings may stand, the nearest first; the first table that is there counts."""
    for folder in (start, *start.parents):
        yield folder / FILE
        if (folder / ".git").exists():
            return


def watched(start: Path) -> Iterator[Path]:
    """Yield the files that settings depend on: where they may stand, and what they name."""
    yield from places(start)
    with suppress(Exception):  # the reading that follows says why
        extensions = load(start).extensions
        yield from [extensions] if extensions else []


def parse(content: bytes, file: Path) -> Config | None:
    """Return the settings in the bytes of a pyproject.toml; None where it has none.

    Raises:
        ManifestError: it is not TOML, or the table is not of its form.
    """
    # Parsing TOML costs more than the whole validation; most files have no such table.
    if not _MAY_HAVE_TABLE.search(content):
        return None
    import tomllib

    try:
        tools = tomllib.loads(content.decode()).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ManifestError(f"{file}: not TOML: {error}") from None
    table = tools.get("valhalla-manifest") if isinstance(tools, dict) else tools
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ManifestError(f"{file}: [{TABLE}] must be a table")
    for key in table:
        if key not in _KEYS:
            guess = closest(key, _KEYS)
            hint = f'; did you mean "{guess}"?' if guess else ""
            raise ManifestError(f'{file}: [{TABLE}] has no key "{key}"{hint}')
    return Config(
        file,
        _paths(file, table),
        _text(file, table, "schema"),
        _text(file, table, "extensions"),
        _policy(str(file), {key: table.get(key, []) for key in _CODES}),
    )


def _paths(file: Path, table: Mapping[str, Any]) -> tuple[str, ...]:
    value = table.get("manifest", [])
    listed = value if isinstance(value, list) else [value]
    for each in listed:
        if not isinstance(each, str) or not each or "\0" in each:
            raise ManifestError(f"{file}: manifest must be a string, or a list of strings")
        if _WILDCARD.search(each) and Path(each).is_absolute():
            raise ManifestError(f"{file}: manifest: {each} must be relative to this file")
        if any("**" in part and part != "**" for part in Path(each).parts):
            raise ManifestError(f"{file}: manifest: ** in {each} must be a whole part of the path")
    return tuple(listed)


def _text(file: Path, table: Mapping[str, Any], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise ManifestError(f"{file}: {key} must be a string")
    return value


def _policy(where: str, codes: dict[str, Any]) -> Policy:
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
    ignore, warn, error = (frozenset(codes[key]) for key in _CODES)
    return Policy(ignore, warn, error)


def _extended(found: Config) -> Config:
    """Return settings with the extensions that their file says."""
    if found.extensions is None:
        return found
    try:
        extensions = sound_extensions(files.read(found.extensions))
    except ManifestError as error:
        raise ManifestError(f"cannot use {found.extensions}: {error}") from None
    return replace(found, policy=replace(found.policy, extensions=extensions))


def sound_extensions(content: bytes) -> Extensions:
    """Return what the bytes of an extensions schema say.

    Raises:
        ManifestError: it is not JSON, not of its form, or nothing that could be judged by.
    """
    from valhalla_manifest.manifest import extensions

    schema = extensions.load(content.decode("utf-8-sig", "replace"))
    try:
        from valhalla_manifest.validation.bounded import require_sound
    except ImportError:
        raise ManifestError(
            "typed keys need jsonschema; install valhalla-manifest[schema]"
        ) from None
    require_sound(schema)
    return extensions.parse(schema)
