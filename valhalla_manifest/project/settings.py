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
    """A project: its pyproject.toml and the settings in it, or the defaults without a file.

    ``patterns`` are the paths of its manifests and may have wildcards. All paths are relative to
    the folder of the file.
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
        """
        for file in settings_files(files.resolve(folder)):
            if file.is_file():
                try:
                    content = file.read_bytes()
                except OSError as error:
                    raise ManifestError(f"cannot read {file}: {error.strerror}") from None
                project = parse(content, file)
                if project:
                    return _with_extensions(project)
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
        """Return the configured manifests, or else the nearest default one above a folder."""
        if not self.patterns:
            return files.find_manifest(start)
        for pattern in self.patterns:
            if not self._matches(pattern):
                raise ManifestError(f"{self.file}: manifest: no file matches {pattern}")
        return self.existing_manifests()

    def existing_manifests(self) -> list[Path]:
        """Return the existing configured manifests, each once."""
        return list(dict.fromkeys(path for name in self.patterns for path in self._matches(name)))

    def _matches(self, name: str) -> list[Path]:
        if not re.search(_WILDCARD, name):
            return [_normalize(self.folder / name)]
        return [_normalize(path) for path in sorted(self.folder.glob(name)) if path.is_file()]

    @property
    def regex(self) -> re.Pattern[str]:
        """Regex for the full paths of all configured manifests, including deleted ones."""
        return re.compile("|".join(map(self._as_regex, self.patterns)))

    def _as_regex(self, name: str) -> str:
        folder, path = f"{self.folder.as_posix()}/", _normalize(self.folder / name).as_posix()
        rest = path.removeprefix(folder)
        return as_regex(path) if rest == path else re.escape(folder) + as_regex(rest)


def _normalize(path: Path) -> Path:
    """Return a path without "..", with its links unresolved."""
    return Path(os.path.normpath(path))


def as_regex(pattern: str) -> str:
    """Return the regular expression of the paths that a pattern of the settings matches."""
    return "".join(
        _MEANINGS.get(part) or (_class_as_regex(part) if part[:1] == "[" else re.escape(part))
        for part in re.split(_WILDCARDS, pattern)
    )


def _class_as_regex(part: str) -> str:
    """Return ``[…]`` of a pattern as a regular expression that matches nothing if it is invalid."""
    negated = part[1:2] == "!"
    chars = re.sub(r"([\\\[\]^&~|])", r"\\\1", part[1 + negated : -1])
    written = f"[{'^' if negated else ''}{chars}]"
    try:
        re.compile(written)
    except re.error:
        return "(?!)" if part[-1:] == "]" and part[1:-1] else re.escape(part)
    return written


def settings_files(folder: Path) -> Iterator[Path]:
    """Yield the files that may hold the settings for a folder, nearest first."""
    return (above / FILE for above in files.folders_up_to_root(folder))


def files_read_for(folder: Path) -> Iterator[Path]:
    """Yield the files that the settings for a folder depend on, existing or not."""
    yield from settings_files(folder)
    with suppress(Exception):  # Reading the settings reports the error.
        extensions = Project.containing(folder).extensions
        yield from [extensions] if extensions else []


def parse(content: bytes, file: Path) -> Project | None:
    """Return the project of a pyproject.toml, or None if it has no settings of this tool."""
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
        _string(file, table, "schema"),
        _string(file, table, "extensions"),
        _rule_settings(str(file), {key: table.get(key, []) for key in _CODES}),
    )


def _paths(file: Path, table: Mapping[str, Any]) -> tuple[str, ...]:
    value = table.get("manifest", [])
    patterns = value if isinstance(value, list) else [value]
    for pattern in patterns:
        if not isinstance(pattern, str) or not pattern or "\0" in pattern:
            raise ManifestError(f"{file}: manifest must be a string, or a list of strings")
        if re.search(_WILDCARD, pattern) and Path(pattern).is_absolute():
            raise ManifestError(f"{file}: manifest: {pattern} must be relative to this file")
        if any("**" in part and part != "**" for part in Path(pattern).parts):
            raise ManifestError(
                f"{file}: manifest: ** in {pattern} must be a whole part of the path"
            )
    return tuple(patterns)


def _string(file: Path, table: Mapping[str, Any], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise ManifestError(f"{file}: {key} must be a string")
    return value


def _rule_settings(file: str, codes: dict[str, Any]) -> RuleSettings:
    from valhalla_manifest.validation.rules.registry import BY_CODE

    for key, listed in codes.items():
        if not isinstance(listed, list):
            raise ManifestError(f"{file}: {key} must be a list of codes")
        for code in listed:
            if not isinstance(code, str) or code not in BY_CODE:
                raise ManifestError(
                    f"{file}: {key}: there is no rule {code}; see `valhalla-manifest rules`"
                )
            if key != "error" and not BY_CODE[code].adjustable:
                raise ManifestError(
                    f"{file}: {key}: {code} cannot be lowered; it keeps all parsers in agreement"
                )
    ignore, warn, error = (frozenset(codes[key]) for key in _CODES)
    return RuleSettings(ignore, warn, error)


def _with_extensions(project: Project) -> Project:
    """Return a project with its extension schema in the rule settings."""
    if project.extensions is None:
        return project
    try:
        extensions = parse_extensions(files.read(project.extensions))
    except ManifestError as error:
        raise ManifestError(f"cannot use {project.extensions}: {error}") from None
    return replace(project, rule_settings=replace(project.rule_settings, extensions=extensions))


def parse_extensions(content: bytes) -> Extensions:
    """Return the extension schema in the bytes of a file."""
    from valhalla_manifest.manifest import extensions

    schema = extensions.load(content.decode("utf-8-sig", "replace"))
    try:
        from valhalla_manifest.validation.bounded_json_schema import check_schema
    except ImportError:
        raise ManifestError(
            "an extension schema needs jsonschema; run `pip install 'valhalla-manifest[schema]'`"
        ) from None
    check_schema(schema)
    return extensions.parse(schema)
