"""The origin's behaviors over HTTP, on a real manifest file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from tests.conftest import git, run
from tests.support import hostile
from tests.support.manifests import FIRST
from valhalla_manifest.project.manifest_file import ManifestFile
from valhalla_manifest.web import site
from valhalla_manifest.web.api import (
    PackResponse,
    PacksResponse,
    StatusResponse,
    SummaryResponse,
    create_router,
)

pytestmark = pytest.mark.usefixtures("system")  # here, and as on Windows

STATUS = "/system/status"


def app_of(path: Path, **options: Any) -> FastAPI:
    """Return an application in which everyone may edit, unless the options differ."""
    app = FastAPI()
    app.include_router(
        create_router(path, **({"allow_edits": True, "unprotected": True} | options))
    )
    return app


def client_of(path: Path, **options: Any) -> TestClient:
    return TestClient(app_of(path, **options))


@pytest.fixture
def client(repository: Path, manifest: Path) -> TestClient:
    return client_of(manifest)


def state(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{STATUS}/").json()
    return found


# --- reading ------------------------------------------------------------------------------------


def test_the_first_state(client: TestClient) -> None:
    found = state(client)
    assert list(found) == ["version", "backend_complete", "packs", "summary", "extra"]
    assert (found["version"], found["backend_complete"]) == ("1.0.0", False)
    assert re.fullmatch(r"\d+\.\d+\.\d+", found["version"])
    assert found["extra"]["completed_at"] is None
    assert found["extra"]["notes"] == "System metadata initialized."
    assert found["extra"]["updated_at"] == "2026-11-24T10:00:00+00:00"
    assert "professional services" in found["summary"]
    assert "Valhalla" in found["summary"]


def test_all_sixteen_packs(client: TestClient) -> None:
    packs = client.get(f"{STATUS}/packs").json()
    assert [pack["id"] for pack in packs["packs"]] == list("HIJKLMNOPQRSTUVW")
    assert all(pack["name"] and pack["status"] == "installed" for pack in packs["packs"])
    assert packs["total"] == packs["installed"] == 16
    assert packs["pending"] == packs["deprecated"] == packs["experimental"] == 0
    assert packs["packs"] == state(client)["packs"]


def test_the_summary_counts(client: TestClient) -> None:
    run("packs", "set", "U", "--status", "deprecated")
    found = client.get(f"{STATUS}/summary").json()
    assert (found["total_packs"], found["installed_packs"], found["deprecated_packs"]) == (
        16,
        15,
        1,
    )
    assert found["summary"] == state(client)["summary"]


@pytest.mark.parametrize("name", ["H", "h"])
def test_one_pack_in_any_case(client: TestClient, name: str) -> None:
    response = client.get(f"{STATUS}/packs/{name}")
    assert response.status_code == 200
    assert response.json() == {
        "id": "H",
        "name": "Public Behavioral Signal Extractor",
        "status": "installed",
        "category": "professional",
    }


def test_a_pack_that_is_not_there(client: TestClient) -> None:
    response = client.get(f"{STATUS}/packs/ZZ")
    assert (response.status_code, response.json()) == (404, {"detail": "Pack ZZ not found"})


# --- editing ------------------------------------------------------------------------------------


def lines_committed() -> tuple[int, int]:
    assert git("status", "--porcelain") == ""
    added, removed, name = git("show", "--numstat", "--format=").split()
    assert name == "manifest/system.yaml"
    return int(added), int(removed)


def test_complete_sets_flag_time_and_default_notes(client: TestClient) -> None:
    response = client.post(f"{STATUS}/complete")
    assert response.status_code == 200
    assert response.json() == state(client)
    assert response.json()["backend_complete"] is True
    extra = response.json()["extra"]
    assert extra["notes"] == "Backend marked as complete"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", extra["completed_at"])
    assert lines_committed() == (3, 3)


def test_complete_with_notes_and_version(client: TestClient) -> None:
    body = {"notes": "System metadata initialized.", "version": "1.2.0"}
    found = client.post(f"{STATUS}/complete", json=body).json()
    assert (found["version"], found["extra"]["notes"]) == ("1.2.0", body["notes"])
    assert state(client)["version"] == "1.2.0"


def test_complete_again_keeps_the_first_time(client: TestClient, manifest: Path) -> None:
    client.post(f"{STATUS}/complete")
    first = "2026-01-31T12:00:00Z"
    manifest.write_text(
        re.sub(r'completed_at: ".*"', f'completed_at: "{first}"', manifest.read_text())
    )
    git("commit", "-qam", "complete")
    found = client.post(f"{STATUS}/complete", json={"notes": "again"}).json()
    assert found["extra"]["completed_at"] == "2026-01-31T12:00:00+00:00"
    assert lines_committed() == (1, 1)


def test_incomplete_clears_both(client: TestClient) -> None:
    client.post(f"{STATUS}/complete")
    found = client.post(f"{STATUS}/incomplete").json()
    assert found["backend_complete"] is False
    assert found["extra"]["completed_at"] is None
    assert found["extra"]["notes"] == "Backend marked as incomplete (development mode)"
    assert lines_committed() == (3, 3)


def test_incomplete_with_notes(client: TestClient) -> None:
    found = client.post(f"{STATUS}/incomplete", json={"notes": "Back to work"}).json()
    assert found["extra"]["notes"] == "Back to work"
    assert lines_committed() == (1, 1)


def test_an_edit_persists_for_every_reader(client: TestClient, manifest: Path) -> None:
    client.post(f"{STATUS}/complete", json={"version": "2.0.0"})
    assert state(client_of(manifest)) == state(client)
    assert run("version", "show").out == "2.0.0\n"


def test_the_whole_workflow(client: TestClient) -> None:
    assert state(client)["backend_complete"] is False
    client.post(f"{STATUS}/complete", json={"notes": "done"})
    assert state(client)["backend_complete"] is True
    client.post(f"{STATUS}/incomplete")
    assert state(client)["backend_complete"] is False


@pytest.mark.parametrize("version", ["1.2", "v1.2.0", "", "1.2.0\n"])
def test_a_version_that_is_none_is_422(client: TestClient, manifest: Path, version: str) -> None:
    assert client.post(f"{STATUS}/complete", json={"version": version}).status_code == 422
    assert manifest.read_text() == FIRST


def test_notes_that_the_format_refuses_are_422(client: TestClient, manifest: Path) -> None:
    assert client.post(f"{STATUS}/complete", json={"notes": "n" * 10_001}).status_code == 422
    assert client.post(f"{STATUS}/complete", json={"notes": "\u202e"}).status_code == 422
    assert manifest.read_text() == FIRST


def test_what_the_command_line_refuses_is_409(client: TestClient, manifest: Path) -> None:
    lower = client.post(f"{STATUS}/complete", json={"version": "0.9.0"})
    assert lower.status_code == 409
    run("packs", "add", "X", "--name", "Export", "--commit")
    pending = client.post(f"{STATUS}/complete")
    assert (pending.status_code, pending.json()["detail"]) == (409, "X is pending; install first")


def test_without_edits_there_is_no_post(repository: Path, manifest: Path) -> None:
    reading = client_of(manifest, allow_edits=False, unprotected=False)
    assert reading.post(f"{STATUS}/complete").status_code in {404, 405}
    assert f"{STATUS}/complete" not in reading.get("/openapi.json").json()["paths"]


# --- change and caching -------------------------------------------------------------------------


def test_a_get_reads_the_file_again_only_when_it_changed(
    client: TestClient, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    check = ManifestFile.check

    def counted(*arguments: Any) -> Any:
        reads.append("read")
        return check(*arguments)

    monkeypatch.setattr(ManifestFile, "check", counted)
    for _ in range(3):
        state(client)
        client.get(f"{STATUS}/packs")
    assert len(reads) == 1
    run("version", "set", "1.1.0")
    reads.clear()
    assert state(client)["version"] == "1.1.0"
    state(client)
    assert len(reads) == 1


def test_an_etag_and_304(client: TestClient) -> None:
    first = client.get(f"{STATUS}/")
    etag = first.headers["etag"]
    again = client.get(f"{STATUS}/", headers={"If-None-Match": f'"other", W/{etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    run("version", "set", "1.1.0")
    assert client.get(f"{STATUS}/", headers={"If-None-Match": etag}).status_code == 200


def test_a_bad_file_is_503_with_its_first_problem_and_nothing_stale(
    client: TestClient, manifest: Path
) -> None:
    assert client.get(f"{STATUS}/").status_code == 200
    manifest.write_text(FIRST.replace('"1.0.0"', "1.10"))
    for path in ("/", "/summary", "/packs", "/packs/H"):
        response = client.get(STATUS + path)
        assert response.status_code == 503
        assert "line 4, VM203: version is the number 1.10" in response.json()["detail"]
    assert client.post(f"{STATUS}/complete").status_code == 503
    manifest.unlink()
    assert client.get(f"{STATUS}/").status_code == 503
    manifest.write_text(FIRST)
    assert client.get(f"{STATUS}/").status_code == 200


def test_many_gets_while_the_command_line_edits(repository: Path, manifest: Path) -> None:
    """Every response is one whole valid state, none an error."""
    clients = [client_of(manifest) for _ in range(2)]
    for client in clients:  # The first request builds the routes, which is not safe in threads.
        assert client.get(f"{STATUS}/").status_code == 200
    edits = 6
    script = (
        "from valhalla_manifest import open_manifest\n"
        f"for number in range({edits}):\n"
        f"    with open_manifest({str(manifest)!r}) as editing:\n"
        "        editing.complete(f'n{number}', f'1.{number}.0')\n"
        f"    with open_manifest({str(manifest)!r}) as editing:\n"
        "        editing.incomplete(f'n{number}')\n"
    )
    done = threading.Event()
    seen: list[tuple[int, bytes]] = []

    def read(client: TestClient) -> None:
        while not done.is_set():
            response = client.get(f"{STATUS}/")
            seen.append((response.status_code, response.content))

    threads = [threading.Thread(target=read, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    subprocess.run([sys.executable, "-c", script], check=True)
    done.set()
    for thread in threads:
        thread.join()
    assert {code for code, _ in seen} == {200}
    for data in {content for _, content in seen}:
        found = json.loads(data)
        assert found["backend_complete"] is (found["extra"]["completed_at"] is not None)
        number = found["extra"]["notes"].removeprefix("n")
        assert number.startswith("System") or found["version"] == f"1.{number}.0"
    assert json.loads(seen[-1][1])["version"]


# --- the same everywhere ------------------------------------------------------------------------


def test_the_static_tree_equals_the_responses(client: TestClient, manifest: Path) -> None:
    hostile.make(manifest)
    git("commit", "-qam", "hostile")
    tree = site.tree(ManifestFile.at(manifest))
    paths = [name for name in tree if name.endswith(".json")]
    assert len(paths) == 3 + 16
    for name in paths:
        path = "/" + name.removesuffix(".json").removesuffix("index")
        assert client.get(path).content == tree[name], path


def test_the_responses_are_those_of_the_description(client: TestClient) -> None:
    models: dict[str, type[BaseModel]] = {
        "/": StatusResponse,
        "/summary": SummaryResponse,
        "/packs": PacksResponse,
        "/packs/H": PackResponse,
    }
    for path, model in models.items():
        model.model_validate_json(client.get(STATUS + path).content, strict=True)
    paths = client.get("/openapi.json").json()["paths"]
    assert len(paths) == 6
    for methods in paths.values():
        for method in methods.values():
            assert method["summary"]
            assert method["description"].endswith(".")
            assert "200" in method["responses"]


def test_the_json_of_the_command_line_is_that_of_the_endpoints(client: TestClient) -> None:
    for words, path in (
        (["status"], "/"),
        (["summary"], "/summary"),
        (["packs", "list"], "/packs"),
        (["packs", "show", "h"], "/packs/h"),
    ):
        printed = json.loads(run(*words, "--format", "json").out)
        assert printed == client.get(STATUS + path).json()
