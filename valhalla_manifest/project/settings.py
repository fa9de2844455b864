"""The settings of a project: ``[tool.valhalla-manifest]`` in pyproject.toml."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.problems import ManifestError, closest
from valhalla_manifest.project import files
from valhalla_manifest.validation.rule_settings import RuleSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.manifest.extensions import Extensions

FILE = "pyproject.toml"
TABLE = "tool.valhalla-manifest"
_MAY_HAVE_TABLE = re.compile(rb"tool[^\n]*valhalla-manifest|\[\s*[\"']?tool[\"']?\s*\]")
_CODES = ("ignore", "warn", "error")
_KEYS = ("manifest", "schema", "extensions", *_CODES)
_WILDCARD = r"[*?\[]"
_WILDCARDS = r"(\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\])"
_MEANINGS = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Project:
    """A project: its pyproject.toml and the settings in it, without any the defaults.

    ``patterns`` are the paths of its manifests, wildcards allowed. All paths are relative to the
    folder of the file.
    """

    file: Path | None = None
    patterns: tuple[str, ...] = ()
    schema_file: str | None = None
    extensions_file: str | None = None
    rule_settings: RuleSettings = field(default_factory=RuleSettings)

    @classmethod
    def containing(cls, folder: Path) -> Project:
        """Return the project that a folder is in.

        The nearest pyproject.toml with a ``[tool.valhalla-manifest]`` table counts: from the
        folder itself up to the root of its repository, or outside of a repository up to the root
        of the file system. Tables are not merged. Symbolic links are resolved first, so a
        manifest has the same settings whatever path, working directory or entry point leads to it.

        Raises:
            ManifestError: If a file cannot be read, the table has an unknown key, an unknown code
                or a value of the wrong type, or the extension schema cannot be used.
        """
        for file in settings_files(files.resolve(folder)):
            if file.is_file():
                try:
                    content = file.read_bytes()
                except OSError as error:
                    raise ManifestError(f"cannot read {file}: {error.strerror}") from None
                found = parse(content, file)
                if found:
                    return _with_extensions(found)
        return cls()

    @property
    def folder(self) -> Path:
        """Directory that configured paths are relative to."""
        return self.file.parent if self.file else Path()

    @property
    def schema(self) -> Path | None:
        """The configured schema file."""
        return self.folder / self.schema_file if self.schema_file else None

    @property
    def extensions(self) -> Path | None:
        """The configured schema of the extension keys."""
        return self.folder / self.extensions_file if self.extensions_file else None

    @property
    def only_manifest(self) -> Path | None:
        """The configured manifest, if there is exactly one and its path has no wildcard."""
        match self.patterns:
            case (only,) if not re.search(_WILDCARD, only):
                return self.folder / only
        return None

    def find_manifests(self, start: Path) -> list[Path]:
        """Return the configured manifests, or else the nearest default one from a folder up.

        Raises:
            ManifestError: If a pattern matches no file.
        """
        if not self.patterns:
            return files.find_manifest(start)
        for pattern in self.patterns:
            if not self._matches(pattern):
                raise ManifestError(f"{self.file}: manifest: no file matches {pattern}")
        return self.existing_manifests()

    def existing_manifests(self) -> list[Path]:
        """Return the configured manifests, each once; a pattern may match nothing."""
        return list(dict.fromkeys(path for name in self.patterns for path in self._matches(name)))

    def _matches(self, name: str) -> list[Path]:
        if not re.search(_WILDCARD, name):
            return [_normal(self.folder / name)]
        return [_normal(path) for path in sorted(self.folder.glob(name)) if path.is_file()]

    @property
    def regex(self) -> re.Pattern[str]:
        """Regex for the full paths of all configured manifests, including deleted ones."""
        return re.compile("|".join(map(self._as_regex, self.patterns)))

    def _as_regex(self, name: str) -> str:
        folder, whole = f"{self.folder.as_posix()}/", _normal(self.folder / name).as_posix()
        rest = whole.removeprefix(folder)
        return as_regex(whole) if rest == whole else re.escape(folder) + as_regex(rest)


def _normal(path: Path) -> Path:
    """Return a path without "..", with its links kept."""
    return Path(os.path.normpath(path))


def as_regex(pattern: str) -> str:
    """Return a regular expression for the paths that a pattern of the settings stands for."""
    return "".join(
        _MEANINGS.get(part) or (_class(part) if part[:1] == "[" else re.escape(part))
        for part in re.split(_WILDCARDS, pattern)
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


def settings_files(folder: Path) -> Iterator[Path]:
    """Yield the files that may hold the settings for a folder, the nearest first."""
    return (above / FILE for above in files.folders_up_to_root(folder))


def files_read_for(folder: Path) -> Iterator[Path]:
    """Yield the files that the settings for a folder depend on, existing or not."""
    yield from settings_files(folder)
    with suppress(Exception):  # Reading the settings reports the error.
        extensions = Project.containing(folder).extensions
        yield from [extensions] if extensions else []


def parse(content: bytes, file: Path) -> Project | None:
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
    return Project(
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
        if re.search(_WILDCARD, each) and Path(each).is_absolute():
            raise ManifestError(f"{file}: manifest: {each} must be relative to this file")
        if any("**" in part and part != "**" for part in Path(each).parts):
            raise ManifestError(f"{file}: manifest: ** in {each} must be a whole part of the path")
    return tuple(listed)


def _text(file: Path, table: Mapping[str, Any], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise ManifestError(f"{file}: {key} must be a string")
    return value


def _policy(where: str, codes: dict[str, Any]) -> RuleSettings:
    from valhalla_manifest.validation.rules.registry import BY_CODE

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
    return RuleSettings(ignore, warn, error)


def _with_extensions(found: Project) -> Project:
    """Return settings with the extensions that their file says."""
    if found.extensions is None:
        return found
    try:
        extensions = sound_extensions(files.read(found.extensions))
    except ManifestError as error:
        raise ManifestError(f"cannot use {found.extensions}: {error}") from None
    return replace(found, rule_settings=replace(found.rule_settings, extensions=extensions))


def sound_extensions(content: bytes) -> Extensions:
    """Return what the bytes of an extensions schema say.

    Raises:
        ManifestError: it is not JSON, not of its form, or nothing that could be judged by.
    """
    from valhalla_manifest.manifest import extensions

    schema = extensions.load(content.decode("utf-8-sig", "replace"))
    try:
        from valhalla_manifest.validation.bounded_json_schema import check_schema
    except ImportError:
        raise ManifestError(
            "typed keys need jsonschema; install valhalla-manifest[schema]"
        ) from None
    check_schema(schema)
    return extensions.parse(schema)
