"""A guess at what was meant never names the opposite, and never takes long."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import run
from tests.support.manifests import SMALL
from valhalla_manifest import ManifestError, open_manifest
from valhalla_manifest.document.problems import Guesses, closest

STATUSES = ("installed", "pending", "deprecated", "experimental")


@pytest.mark.parametrize(
    "word", ["disabled", "uninstalled", "not-installed", "unpending", "stable"]
)
def test_the_opposite_of_a_status_is_no_typing_mistake(word: str) -> None:
    assert closest(word, STATUSES) is None


@pytest.mark.parametrize(
    ("word", "meant"),
    [("instaled", "installed"), ("isntalled", "installed"), ("Pendng", "pending")],
)
def test_a_typing_mistake_is_recognized(word: str, meant: str) -> None:
    assert closest(word, STATUSES) == meant


def test_a_condition_is_not_guessed_to_be_its_opposite() -> None:
    assert closest("incomplete", ["complete"]) is None


def test_guesses_end_after_a_bounded_amount_of_work() -> None:
    guesses = Guesses(f"pack-{number}" for number in range(2_000))
    found = [guesses.closest(f"pack-{number}x") for number in range(2_000)]
    assert found[0] == "pack-0"
    assert found[-1] is None
    assert guesses.closest("PACK-7") == "pack-7"  # no comparison at all
    assert Guesses(["a" * 100_000]).closest("a" * 99_999) is None


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("version=1.0.0", 'did you mean "version==1.0.0"?'),
        ("version = 1.0.0", 'did you mean "version==1.0.0"?'),
        ("tag:v{vesion}", "'tag:v{vesion}' names {vesion}; write {version}"),
        ("incomplete", "write one of: complete, "),
    ],
)
def test_a_condition_that_is_none_is_a_usage_error(
    manifest: Path, condition: str, why: str
) -> None:
    ran = run("require", condition)
    assert ran.code == 2
    assert why in ran.err


def test_errors_of_the_python_interface_are_one_kind_and_name_no_option(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(SMALL.replace("installed", "pending"))
    with open_manifest(path) as manifest:
        with pytest.raises(ManifestError, match="'patchh' is not a part of a version"):
            manifest.bump_version("patchh")
        with pytest.raises(ManifestError, match="H is pending") as pending:
            manifest.complete()
        with pytest.raises(ManifestError, match="lower than") as lower:
            manifest.set_version("0.1.0")
    assert "--" not in f"{pending.value}{lower.value}"
