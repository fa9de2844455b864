"""What a project may set in pyproject.toml, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import run
from tests.support.manifests import FIRST

pytestmark = pytest.mark.usefixtures("manifest")
PENDING = FIRST.replace("status: installed", "status: pending", 1).replace(
    "backend_complete: false\ncompleted_at: null",
    'backend_complete: true\ncompleted_at: "2026-01-01T00:00:00Z"',
)


def configure(table: str) -> None:
    Path("pyproject.toml").write_text(f"[tool.valhalla-manifest]\n{table}\n")


def validate(text: str, *options: str) -> int:
    Path("manifest/system.yaml").write_text(text)
    return run("validate", *options).code


def test_a_rule_may_be_ignored() -> None:
    assert validate(PENDING, "--strict") == 1
    configure('ignore = ["VM306"]')
    assert validate(PENDING, "--strict") == 0


def test_a_rule_may_be_a_warning() -> None:
    text = FIRST.replace("completed_at: null", 'completed_at: "9999-01-01T00:00:00Z"').replace(
        "backend_complete: false", "backend_complete: true"
    )
    assert validate(text) == 1
    configure('warn = ["VM307"]')
    assert validate(text) == 0
    assert "warning VM307" in run("validate").out
    assert validate(text, "--strict") == 1


def test_a_warning_may_be_an_error() -> None:
    assert validate(PENDING) == 0
    configure('error = ["VM306"]')
    assert validate(PENDING) == 1


def test_a_warning_may_be_an_error_again() -> None:
    configure('warn = ["VM306"]\nerror = ["VM306"]')
    assert validate(PENDING) == 1


def test_an_ambiguous_value_that_is_let_pass_is_still_held_to_its_type() -> None:
    configure('ignore = ["VM104"]')
    assert validate(FIRST.replace('id: "N"', "id: N")) == 0
    assert validate(FIRST.replace("complete: false", "complete: no")) == 1
    assert "VM203" in run("validate").out


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('ingore = ["VM306"]', 'has no key "ingore"; did you mean "ignore"?'),
        ('ignore = ["VM999"]', "ignore: there is no rule VM999"),
        ('ignore = ["VM201"]', "VM201 cannot be lowered"),
        ('warn = ["VM004"]', "VM004 cannot be lowered"),
        ('ignore = "VM306"', "ignore must be a list of codes"),
        ("manifest = 1", "manifest must be a string"),
        ("manifest = [", "not TOML"),
        ('manifest = "man**/system.yaml"', "** in man**/system.yaml must be a whole part"),
    ],
)
def test_a_mistake_in_the_table_is_an_error(table: str, says: str) -> None:
    configure(table)
    ran = run("validate")
    assert ran.code == 2
    assert says in ran.err


def test_the_schema_file_may_stand_elsewhere() -> None:
    configure('schema = "docs/manifest.json"')
    assert run("schema", "export").out == "docs/manifest.json written\n"
    assert run("schema", "check").code == 0


def test_another_tools_table_does_not_matter() -> None:
    Path("pyproject.toml").write_text('[tool.other]\nname = "valhalla-manifest"\n')
    assert run("validate").code == 0
