"""What the service did that this tool replaces: it all works here, on a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import NOW, run
from valhalla_manifest import Manifest, PackStatus, load, open_manifest
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest import lookup
from valhalla_manifest.manifest.views import ManifestView, PackView
from valhalla_manifest.project.manifest_file import ManifestFile
from valhalla_manifest.report import json as as_json

pytestmark = pytest.mark.usefixtures("manifest")
PATH = Path("manifest/system.yaml")
LATER = NOW.replace(hour=11)


def read_record() -> ManifestView:
    record: ManifestView = ManifestFile.at(PATH).require_valid().view
    return record


def find_pack(pack_id: str) -> PackView:
    return lookup.require(pack_id, ((pack.id, pack) for pack in read_record().packs))


@pytest.fixture
def first() -> Manifest:
    return load(PATH)


def test_a_first_manifest_has_version_1_0_0_and_is_not_complete(first: Manifest) -> None:
    assert (first.version, first.backend_complete, first.completed_at) == ("1.0.0", False, None)
    assert first.notes == "System metadata initialized."


def test_the_version_is_three_numbers(first: Manifest) -> None:
    parts = first.version.split(".")
    assert len(parts) == 3
    assert all(part.isdigit() for part in parts)


def test_all_sixteen_packs_are_there(first: Manifest) -> None:
    assert [pack.id for pack in first.packs] == list("HIJKLMNOPQRSTUVW")


def test_every_pack_has_id_name_and_the_status_installed(first: Manifest) -> None:
    assert all(pack.id and pack.name for pack in first.packs)
    assert {pack.status for pack in first.packs} == {PackStatus.INSTALLED}


def test_the_packs_are_those_of_the_origin(first: Manifest) -> None:
    names = {pack.id: (pack.name, pack.category) for pack in first.packs}
    assert names["H"] == ("Public Behavioral Signal Extractor", "professional")
    assert names["N"] == ("Contract Lifecycle Engine", "professional")
    assert names["W"] == ("System Completion Metadata", "system")
    assert sum(category == "professional" for _, category in names.values()) == 11


def test_the_summary_names_valhalla_as_a_platform_for_professional_services(
    first: Manifest,
) -> None:
    assert "Valhalla" in first.summary
    assert "platform for professional services" in first.summary


def test_marking_complete_sets_flag_notes_and_time() -> None:
    with open_manifest(PATH, now=NOW) as manifest:
        manifest.complete(notes="All done")
    done = load(PATH)
    assert done.backend_complete is True
    assert done.notes == "All done"
    assert done.completed_at == "2026-11-24T10:00:00Z"


def test_marking_complete_again_keeps_the_first_time() -> None:
    for moment in (NOW, LATER):
        with open_manifest(PATH, now=moment) as manifest:
            manifest.complete()
    assert load(PATH).completed_at == "2026-11-24T10:00:00Z"


def test_marking_incomplete_clears_flag_and_time() -> None:
    with open_manifest(PATH, now=NOW) as manifest:
        manifest.complete()
    with open_manifest(PATH, now=LATER) as manifest:
        manifest.incomplete(notes="Back to work")
    state = load(PATH)
    assert (state.backend_complete, state.completed_at) == (False, None)
    assert state.notes == "Back to work"


def test_notes_stay_when_none_are_given() -> None:
    with open_manifest(PATH, now=NOW) as manifest:
        manifest.complete()
    assert load(PATH).notes == "System metadata initialized."
    with open_manifest(PATH, now=NOW) as manifest:
        manifest.incomplete()
    assert load(PATH).notes == "System metadata initialized."


def test_a_new_version_persists() -> None:
    with open_manifest(PATH) as manifest:
        manifest.set_version("1.1.0", notes="New version")
    assert (load(PATH).version, load(PATH).notes) == ("1.1.0", "New version")


def test_a_pack_is_found_by_its_id() -> None:
    assert find_pack("H").name == "Public Behavioral Signal Extractor"


def test_a_pack_is_found_by_its_id_in_any_case() -> None:
    assert find_pack("h") == find_pack("H")


def test_there_is_no_pack_zz() -> None:
    with pytest.raises(ManifestError, match="there is no pack 'ZZ'"):
        find_pack("ZZ")


def test_counts_by_status() -> None:
    with open_manifest(PATH) as manifest:
        manifest.set_pack("U", status="pending")
        manifest.set_pack("V", status="deprecated")
        manifest.set_pack("W", status="experimental")
    counts = as_json.summary(read_record())
    assert counts["total_packs"] == 16
    assert counts["installed_packs"] == 13
    assert (counts["pending_packs"], counts["deprecated_packs"], counts["experimental_packs"]) == (
        1,
        1,
        1,
    )


def test_the_whole_workflow_on_the_command_line() -> None:
    def state() -> tuple[bool, bool]:
        ran = run("status", "--format", "json")
        assert ran.code == 0
        status = json.loads(ran.out)
        return status["backend_complete"], status["extra"]["completed_at"] is not None

    assert state() == (False, False)
    assert run("complete", "--notes", "Everything is in", "--version", "1.0.1").code == 0
    assert state() == (True, True)
    assert json.loads(run("status", "--format", "json").out)["version"] == "1.0.1"
    assert run("incomplete").code == 0
    assert state() == (False, False)
    assert run("notes", "show").out == "Everything is in\n"  # a person wrote it: it stays


def test_the_status_has_the_shape_of_the_origin() -> None:
    status = json.loads(run("status", "--format", "json").out)
    assert list(status) == ["version", "backend_complete", "packs", "summary", "extra"]
    assert status["packs"][0] == {
        "id": "H",
        "name": "Public Behavioral Signal Extractor",
        "status": "installed",
        "category": "professional",
    }
    assert {"notes", "updated_at", "completed_at"} <= set(status["extra"])
    assert status["extra"]["updated_at"].endswith("+00:00")


def test_the_other_shapes_of_the_origin() -> None:
    summary = json.loads(run("summary", "--format", "json").out)
    assert set(summary) == {
        "total_packs",
        "installed_packs",
        "pending_packs",
        "deprecated_packs",
        "experimental_packs",
        "summary",
        "version",
        "backend_complete",
    }
    packs = json.loads(run("packs", "list", "--format", "json").out)
    assert {key: packs[key] for key in packs if key != "packs"} == {
        "total": 16,
        "installed": 16,
        "pending": 0,
        "deprecated": 0,
        "experimental": 0,
    }
    assert len(packs["packs"]) == 16
    assert json.loads(run("packs", "show", "h", "--format", "json").out) == packs["packs"][0]
