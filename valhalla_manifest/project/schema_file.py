"""The schema file of a project: written, compared with the models, and held to the manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError, pointer
from valhalla_manifest.manifest.json_schema import exported, json_schema
from valhalla_manifest.project import files
from valhalla_manifest.validation.check import check

if TYPE_CHECKING:
    from pathlib import Path

    from valhalla_manifest.manifest.extensions import Extensions


def place(manifest: Path) -> Path:
    """Return the folder that the schema's folder is in: above the manifest's, never outside.

    Outside is what is above the repository, or, where there is none, above the working directory.
    """
    folder = manifest.parent
    if files.repository(folder):
        return folder if (folder / ".git").exists() else folder.parent
    is_here = folder == files.working_directory() and folder.name != files.DEFAULT.parent.name
    return folder if is_here else folder.parent


def require_current(place: Path, extensions: Extensions | None = None) -> None:
    """Compare the committed schema with the export.

    Raises:
        ManifestError: it is missing or has drifted.
    """
    try:
        present = files.read(place)
    except ManifestError as error:
        raise ManifestError(f"cannot read {place}: {error}") from None
    if present.replace(b"\r\n", b"\n") != exported(extensions).encode():
        raise ManifestError(
            f"{place} has drifted from the models; run `valhalla-manifest schema export`",
            refused=True,
        )


def write(place: Path, extensions: Extensions | None = None) -> bool:
    """Write the schema file; return whether it changed.

    Raises:
        ManifestError: it cannot be written.
    """
    return files.write(place, exported(extensions).encode())


def check_all(place: Path, path: str | Path, extensions: Extensions | None = None) -> None:
    """Hold schema file, export and manifest together, as an editor or another validator does.

    Raises:
        ManifestError: the package is missing, the schema has drifted or is no draft-07 schema,
            or the manifest does not validate against it.
    """
    try:
        from valhalla_manifest.validation import bounded
    except ImportError:
        raise ManifestError(
            "schema check needs jsonschema; install valhalla-manifest[schema]"
        ) from None
    require_current(place, extensions)
    document = json_schema(extensions)
    bounded.require_sound(document)
    source = check(files.read(path)).source
    try:
        found = next(bounded.violations(document, [((), source.data)], len(source.text)), None)
    except bounded.TooManyStepsError:
        raise ManifestError(
            f"judging {path} by {place.name} takes too many steps", refused=True
        ) from None
    if found:
        where = pointer((*found.path, found.key) if found.key else found.path)
        raise ManifestError(
            f"{path} does not agree with {place.name} at {where or '/'} "
            f"({found.keyword}); run `valhalla-manifest validate`",
            refused=True,
        )
