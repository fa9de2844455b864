"""Ids of a team's own: letters, digits and hyphens, looked up without regard to case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.conftest import NOW, run
from tests.support.checking import check
from tests.support.manifests import SMALL
from tests.support.merging import merge
from valhalla_manifest import load
from valhalla_manifest.http import create_router

TEAM = (
    SMALL
    + """\
  - id: billing-api
    name: Billing
    status: installed
    depends_on: ["h"]
  - id: Web2
    name: Web
    status: pending
"""
)


@pytest.fixture
def team(manifest: Path) -> Path:
    manifest.write_text(TEAM)
    return manifest


def codes(text: str) -> list[tuple[str, int]]:
    return [(each.code, each.line) for each in check(text.encode(), now=NOW).problems]


def test_an_id_may_be_a_word_and_is_named_in_any_case(team: Path) -> None:
    assert run("validate").out == "manifest/system.yaml is valid\n"
    assert json.loads(run("packs", "show", "BILLING-API", "--format", "json").out)["id"] == (
        "billing-api"
    )
    assert run("get", "packs.WEB2.status", "packs.billing-api.name").out == "pending\nBilling\n"
    assert run("require", "installed:h,Billing-Api").code == 0
    assert run("require", "installed:web2").out == "fails  installed:web2: Web2 is pending\n"


def test_two_ids_that_differ_in_case_alone_are_one(team: Path) -> None:
    assert codes(TEAM.replace("Web2", "Billing-API")) == [("VM301", 13)]
    ran = run("packs", "add", "BILLING-api", "--name", "Twice")
    assert (ran.code, ran.err) == (
        2,
        "error: pack billing-api already exists: Billing; use another id\n",
    )


def test_a_reference_is_written_as_the_registry_spells_it(team: Path) -> None:
    assert run("packs", "set", "web2", "--depends-on", "H, Billing-API").code == 0
    assert team.read_text() == TEAM + '    depends_on: ["H", "billing-api"]\n'
    assert (
        run("packs", "remove", "h").err
        == "error: billing-api, Web2 refer to H; remove the reference first\n"
    )


def test_rules_of_meaning_know_an_id_in_any_case() -> None:
    circle = TEAM.replace(
        "status: installed\n  - id: b",
        'status: installed\n    depends_on: ["BILLING-API"]\n  - id: b',
    )
    assert codes(circle) == [("VM303", 13)]
    assert codes(TEAM.replace('["h"]', '["h", "H"]')) == [("VM309", 12)]
    assert codes(TEAM.replace('["h"]', '["WEB2"]')) == [("VM304", 12)]


def test_a_new_pack_is_named_as_it_was_typed(team: Path) -> None:
    assert run("packs", "add", "orders-v2", "--name", "Orders").code == 0
    assert run("packs", "add", "x", "--name", "X").code == 0
    assert [pack.id for pack in load(team).packs][-2:] == ["orders-v2", "x"]


def test_an_id_of_other_letters_is_refused_with_the_letters_to_use(team: Path) -> None:
    ran = run("packs", "add", "Ünï", "--name", "Uni")
    assert ran.code == 1
    assert "use up to 32 ASCII letters (a-z), digits and hyphens, a letter first" in ran.err


def test_packs_without_categories_have_one_row(folder: Path) -> None:
    assert run("init").code == 0
    assert run("packs", "add", "a", "--name", "A").code == 0
    assert "\nall packs             1\n" in run("status").out
    assert "other" not in run("status").out


def test_scripts_http_and_the_site_name_it(team: Path, tmp_path: Path) -> None:
    assert "MANIFEST_PACKS_BILLING_API_STATUS='installed'\n" in run("get", "--format", "env").out
    app = FastAPI()
    app.include_router(create_router(team))
    with TestClient(app) as client:
        assert client.get("/system/status/packs/Billing-API").json()["id"] == "billing-api"
        assert client.get("/system/status/packs/billing").status_code == 404
    assert run("site", "public").code == 0
    assert Path("public/system/status/packs/billing-api.json").is_file()


def test_two_sides_that_add_one_id_in_two_cases_are_left_to_the_person(tmp_path: Path) -> None:
    new = "  - id: {}\n    name: Mail {}\n    status: pending\n"
    outcome = merge(tmp_path, TEAM, TEAM + new.format("mail", 1), TEAM + new.format("Mail", 2))
    assert outcome.conflicts
    assert b"Mail 1" in outcome.text
    assert b"Mail 2" in outcome.text
