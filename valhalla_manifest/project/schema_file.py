"""The schema file of a project: write it, and compare it with the models and the manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError, pointer
from valhalla_manifest.manifest.json_schema import exported, json_schema
from valhalla_manifest.project import files
from valhalla_manifest.validation.check import check

if TYPE_CHECKING:
    from pathlib import Path

    from valhalla_manifest.manifest.extensions import Extensions
    from valhalla_manifest.project.manifest_file import ManifestFile


def require_current(place: Path, extensions: Extensions | None = None) -> None:
    """Compare the committed schema with the export."""
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
    """Write the schema file; return whether it changed."""
    return files.write(place, exported(extensions).encode())


def check_all(file: ManifestFile, place: Path) -> None:
    """Check that the schema file is current and valid, and that a manifest matches it."""
    try:
        from valhalla_manifest.validation import bounded_json_schema
    except ImportError:
        raise ManifestError(
            "schema check needs jsonschema; run `pip install 'valhalla-manifest[schema]'`"
        ) from None
    require_current(place, file.rule_settings.extensions)
    document = json_schema(file.rule_settings.extensions)
    bounded_json_schema.check_schema(document)
    source = check(file.read(), file.rule_settings).source
    try:
        violation = next(
            bounded_json_schema.violations(document, [((), source.data)], len(source.text)), None
        )
    except bounded_json_schema.TooManyStepsError:
        raise ManifestError(
            f"checking {file} against {place.name} takes too many steps", refused=True
        ) from None
    if violation:
        place_in_file = pointer(
            (*violation.path, violation.key) if violation.key else violation.path
        )
        raise ManifestError(
            f"{file} does not match {place.name} at {place_in_file or '/'} "
            f"({violation.keyword}); run `valhalla-manifest validate`",
            refused=True,
        )
