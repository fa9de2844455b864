"""Edits over HTTP are commits by an authorized caller; without one, nothing was changed."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Header, HTTPException
from fastapi.testclient import TestClient

from tests.conftest import git
from tests.support.manifests import FIRST, REPOSITORY
from tests.test_http import STATUS, client_of
from valhalla_manifest.git import writing
from valhalla_manifest.http import create_router

COMPLETE, INCOMPLETE = f"{STATUS}/complete", f"{STATUS}/incomplete"
GRACE = "Grace Hopper <grace@example.com>"


def write_hook(name: str, script: str) -> None:
    hook = Path(".git/hooks", name)
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)


def last_commit(form: str) -> str:
    return git("log", "-1", f"--format={form}").strip()


def commits() -> int:
    return int(git("rev-list", "--count", "HEAD"))


def client_by(manifest: Path, author: Any, **options: Any) -> TestClient:
    """Return a client whose requests all come from one author."""
    return client_of(manifest, authorize=lambda: author, unprotected=False, **options)


# --- the commit ---------------------------------------------------------------------------------


def test_an_edit_is_a_commit_by_the_authorized_caller(repository: Path, manifest: Path) -> None:
    Path("other.txt").write_text("staged")
    git("add", "other.txt")
    client = client_by(manifest, GRACE)
    body = {"version": "1.2.0", "notes": "Release 1.2.0\n\nAll packs are installed."}
    response = client.post(COMPLETE, json=body)
    assert response.status_code == 200
    assert last_commit("%an <%ae>, %cn") == f"{GRACE}, Ada Lovelace"
    assert last_commit("%B") == body["notes"]
    assert git("show", "--name-only", "--format=").split() == ["manifest/system.yaml"]
    assert git("show", "HEAD:manifest/system.yaml") == manifest.read_text()
    assert git("status", "--porcelain") == "A  other.txt\n"
    assert response.json() == client.get(f"{STATUS}/").json()


def test_without_notes_the_message_lists_the_changes(repository: Path, manifest: Path) -> None:
    client = client_by(manifest, None)
    for body in (None, {"notes": " "}):
        assert client.post(COMPLETE, json=body).status_code == 200
        assert last_commit("%an") == "Ada Lovelace"
    assert git("log", "--format=%s", "--max-count=2").split("\n")[:2] == [
        "manifest: notes",
        "manifest: complete 1.0.0",
    ]


def test_an_edit_that_changes_nothing_is_not_a_commit(repository: Path, manifest: Path) -> None:
    client = client_of(manifest)
    assert [client.post(COMPLETE).status_code for _ in range(2)] == [200, 200]
    assert commits() == 2


def test_without_commit_the_edit_stays_in_the_work_tree(repository: Path, manifest: Path) -> None:
    client = client_of(manifest, commit=False)
    assert client.post(COMPLETE).status_code == 200
    assert (commits(), git("status", "--porcelain")) == (1, " M manifest/system.yaml\n")


def test_a_manifest_that_was_never_committed(repository: Path, manifest: Path) -> None:
    new = repository / "new.yaml"
    new.write_text(FIRST)
    assert client_of(new).post(COMPLETE).status_code == 200
    assert git("show", "--name-only", "--format=").split() == ["new.yaml"]


# --- git fails ----------------------------------------------------------------------------------


def test_a_refused_commit_is_503_and_changes_nothing(
    repository: Path, manifest: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(manifest)
    write_hook("pre-commit", "echo first check failed >&2; echo its secret reason >&2; exit 1")
    response = client.post(COMPLETE)
    assert response.status_code == 503
    detail = "not committed: git: first check failed; nothing was changed"
    assert response.json() == {"detail": detail}
    assert "its secret reason" in caplog.text
    assert (manifest.read_text(), git("status", "--porcelain"), commits()) == (FIRST, "", 1)
    write_hook("pre-commit", "exit 0")
    assert client.post(COMPLETE).status_code == 200


def test_a_refused_first_commit_leaves_no_staged_file(repository: Path, manifest: Path) -> None:
    new = repository / "new.yaml"
    new.write_text(FIRST)
    write_hook("pre-commit", "exit 1")
    assert client_of(new).post(COMPLETE).status_code == 503
    assert (new.read_text(), git("status", "--porcelain")) == (FIRST, "?? new.yaml\n")


def test_a_hook_that_changes_the_file_and_refuses_keeps_its_change(
    repository: Path, manifest: Path
) -> None:
    write_hook("pre-commit", "echo '# checked' >> manifest/system.yaml; exit 1")
    detail = client_of(manifest).post(COMPLETE).json()["detail"]
    assert detail.startswith("not committed: git: it failed without a message; the edit is in")
    assert manifest.read_text().endswith("# checked\n")
    assert "backend_complete: true" in manifest.read_text()


def test_a_failure_after_the_commit_says_that_the_edit_took_effect(
    repository: Path, manifest: Path
) -> None:
    write_hook("post-commit", "mv .git/objects .git/gone")
    response = client_of(manifest).post(COMPLETE)
    Path(".git/gone").rename(".git/objects")
    assert response.status_code == 503
    assert response.json()["detail"].startswith("the edit took effect; ")
    assert "backend_complete: true" in manifest.read_text()
    assert commits() == 2


@pytest.mark.parametrize("cause", ["no git", "no repository", "no identity", "index lock"])
def test_a_git_that_cannot_commit_is_503_and_changes_nothing(
    repository: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch, cause: str
) -> None:
    client = client_of(manifest)
    match cause:
        case "no git":
            monkeypatch.setenv("PATH", "")
        case "no repository":
            Path(".git").rename("elsewhere")
        case "no identity":
            for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
                monkeypatch.setenv(name, "")
        case "index lock":
            monkeypatch.setattr(writing, "PATIENCE", 0.0)
            Path(".git/index.lock").touch()
    response = client.post(COMPLETE)
    assert response.status_code == 503
    assert "git" in response.json()["detail"].lower()
    assert str(repository) not in response.json()["detail"]
    assert manifest.read_text() == FIRST


def test_earlier_edits_are_neither_committed_nor_lost(repository: Path, manifest: Path) -> None:
    edited = FIRST.replace("notes: System", "notes: Somebody's")
    manifest.write_text(edited)
    response = client_of(manifest).post(COMPLETE)
    detail = "system.yaml has earlier uncommitted edits; commit or revert them first"
    assert (response.status_code, response.json()) == (503, {"detail": detail})
    assert (manifest.read_text(), commits()) == (edited, 1)


@pytest.mark.parametrize("author", ["Ada", "", "Ada <a@b>\nX: <c>", "<>", {"name": "Ada"}, True])
def test_an_author_of_another_form_is_503_and_in_the_log(
    repository: Path, manifest: Path, author: Any, caplog: pytest.LogCaptureFixture
) -> None:
    response = client_by(manifest, author).post(COMPLETE)
    assert response.status_code == 503
    assert "return 'NAME <ADDRESS>' or None" in caplog.text
    assert (manifest.read_text(), commits()) == (FIRST, 1)


# --- who may edit -------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"authorize": lambda: None, "unprotected": True}])
def test_edits_require_a_decision_about_authorization(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"either authorize=DEPENDENCY.* or unprotected=True"):
        create_router("manifest/system.yaml", allow_edits=True, **options)


def authorize_ada(user: Annotated[str | None, Header()] = None) -> str:
    if user is None:
        raise HTTPException(401, "authenticate")
    if user != "ada":
        raise HTTPException(403, "you may not edit")
    return "Ada <ada@example.com>"


@pytest.mark.parametrize("path", [COMPLETE, INCOMPLETE])
def test_a_rejected_caller_changes_nothing(repository: Path, manifest: Path, path: str) -> None:
    client = client_of(manifest, authorize=authorize_ada, unprotected=False)
    body = {"notes": "changed", "unknown": 1}
    assert client.post(path, json=body).status_code == 401
    assert client.post(path, json=body, headers={"user": "eve"}).status_code == 403
    assert client.post(path, json=body, headers={"user": "ada"}).status_code == 422
    assert (manifest.read_text(), commits()) == (FIRST, 1)
    assert client.post(path, json={"notes": "x"}, headers={"user": "ada"}).status_code == 200
    assert client.get(f"{STATUS}/").status_code == 200


def example() -> TestClient:
    scope: dict[str, Any] = {}
    exec(compile((REPOSITORY / "examples" / "app.py").read_text(), "app.py", "exec"), scope)
    return TestClient(scope["app"])


def test_the_example_application_without_a_token_only_reads(manifest: Path) -> None:
    app = example()
    assert app.get(f"{STATUS}/").json()["version"] == "1.0.0"
    assert app.post(COMPLETE).status_code in {404, 405}


def test_the_example_application_requires_its_token(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VALHALLA_TOKEN", "s3cret-ü")
    app = example()
    missing = app.post(COMPLETE)
    assert (missing.status_code, missing.headers["www-authenticate"]) == (401, "Bearer")
    assert app.post(COMPLETE, headers={"Authorization": "Basic czpj"}).status_code == 401
    assert app.post(COMPLETE, headers={"Authorization": "Bearer s3cret"}).status_code == 403
    assert commits() == 1
    monkeypatch.setenv("VALHALLA_TOKEN", "s3cret")
    right = example().post(COMPLETE, headers={"Authorization": "Bearer s3cret"})
    assert (right.status_code, last_commit("%an")) == (200, "Release job")


def test_the_description_says_which_endpoints_need_the_token(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VALHALLA_TOKEN", "s3cret")
    description = example().get("/openapi.json").json()
    schemes = description["components"]["securitySchemes"]
    assert schemes == {"HTTPBearer": {"type": "http", "scheme": "bearer"}}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            is_edit = method == "post"
            assert ("security" in operation) is is_edit, path
            assert ({"401", "403"} <= set(operation["responses"])) is is_edit, path


def test_the_application_of_the_guide(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = (REPOSITORY / "docs" / "from-the-service.md").read_text(encoding="utf-8")
    [source] = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)

    class User:
        name, email = "Grace Hopper", "grace@example.com"
        may_release = True

    users = ModuleType("your_application")
    vars(users).update(User=User, current_user=User)
    monkeypatch.setitem(sys.modules, "your_application", users)
    scope: dict[str, Any] = {}
    exec(compile(source, "guide", "exec"), scope)
    app: FastAPI = scope["app"]
    assert TestClient(app).post(COMPLETE).status_code == 200
    assert last_commit("%an <%ae>") == GRACE
    User.may_release = False
    assert TestClient(app).post(INCOMPLETE).status_code == 403
