"""The pages on moving in, followed: a repository of services, and the service of old taken over."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest
import uvicorn
import yaml
from fastapi import FastAPI

from tests.conftest import git, run
from tests.support.manifests import REPOSITORY
from tests.test_docs import console
from tests.test_precommit import hooks
from valhalla_manifest.http import create_router

BIN = Path(sys.executable).parent
ENVIRONMENT = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
FILES = {"toml": "pyproject.toml", "json": "extensions.schema.json"}
OLD_FILE = """\
title: Users  # as everybody calls it
version: v2.1
team: identity
summary: Who may do what.
packs:
  - {id: U, name: Accounts, status: installed}
"""


def follow(page: str) -> None:
    """Write the files of a page and run its commands, in its order."""
    for kind, text in re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL):
        if kind in FILES:
            Path(FILES[kind]).write_text(text)
        for command, output in console(f"```{kind}\n{text}```"):
            words = ["sh", "-c", f"( {command} ) 2>&1"]
            ran = subprocess.run(
                words, capture_output=True, text=True, check=False, env=os.environ | ENVIRONMENT
            )
            assert stands_for(output, ran.stdout), f"$ {command}\n{ran.stdout}"


def stands_for(expected: str, printed: str) -> bool:
    """Compare outputs; ``…`` stands for whatever is printed there, lines too."""
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, printed, re.DOTALL) is not None


def page(name: str) -> str:
    return (REPOSITORY / "docs" / name).read_text(encoding="utf-8")


@pytest.fixture
def services(repository: Path) -> Path:
    """Return a repository that followed the page, with all of it committed on main."""
    git("rm", "-rq", "manifest")
    Path("users-old.yaml").write_text(OLD_FILE)
    follow(page("your-repository.md"))
    assert run("git-setup").code == 0
    git("add", "-A")
    git("commit", "-qm", "three services")
    return repository


BILLING = "services/billing-api/manifest.yaml"


@pytest.mark.slow
def test_the_page_on_your_own_repository(services: Path) -> None:
    text = Path("services/users/manifest.yaml").read_text()
    assert "name: Users  # as everybody calls it\n" in text
    assert run("validate").out == "3 manifests are valid\n"
    assert run("history", "-m", BILLING).out.count("manifest created") == 1


@pytest.mark.slow
def test_the_real_pre_commit_finds_the_one_bad_file(
    services: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("PATH", ENVIRONMENT["PATH"])
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path_factory.mktemp("pre-commit")))
    printed = run("init", "--snippets").out
    snippet = yaml.safe_load(re.split(r"^# .*:\n", printed, flags=re.MULTILINE)[1])
    hook = snippet["repos"][0]["hooks"][0]
    hook |= {"language": "system", "additional_dependencies": []}  # what the tests run with
    Path(".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": snippet["repos"][:1]}))
    bad = Path("services/shipping/manifest.yaml")
    bad.write_text(bad.read_text().replace('version: "1.0.0"', "version: 1.10"))
    git("add", "-A")
    words = [str(BIN / "pre-commit"), "run", "--all-files", "--color", "never"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert (
        "services/shipping/manifest.yaml:4:10: error VM203: version is the number 1.10"
        in ran.stdout
    )
    assert "billing-api" not in ran.stdout


@pytest.mark.slow
def test_both_sides_keys_of_their_own_are_merged(
    services: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", ENVIRONMENT["PATH"])
    git("switch", "-qc", "topic")
    run("-m", BILLING, "packs", "set", "ledger", "x-tier=silver", "--commit")
    run("-m", BILLING, "set", 'x-links=["https://example.com"]', "--commit")
    git("switch", "-q", "main")
    run("-m", BILLING, "packs", "set", "LEDGER", "--owner", "Ada", "--commit")
    run("-m", BILLING, "set", "x-team=money", "--commit")
    git("merge", "-q", "--no-edit", "topic")
    fields = ("x-team", "x-links", "packs.ledger.x-tier", "packs.ledger.owner")
    assert run("-m", BILLING, "get", *fields).out == (
        'money\n["https://example.com"]\nsilver\nAda\n'
    )
    assert run("validate").code == 0


@pytest.mark.slow
def test_their_histories_are_one_table(services: Path) -> None:
    run("-m", BILLING, "complete", "--version", "1.1.0", "--commit")
    for name in ("billing-api", "shipping", "users"):
        file = f"services/{name}/manifest.yaml"
        assert run("-m", file, "export", "jsonl", "-o", f"states/{name}.jsonl").code == 0
    view = re.findall(r"```sql\n(CREATE VIEW.*?)```", page("across-repositories.md"), re.DOTALL)[0]
    asked = duckdb.connect()
    asked.execute(view)
    found = asked.execute(
        "SELECT path, version, after->>'x-team' FROM manifests "
        "WHERE kind = 'state' AND pack IS NULL ORDER BY path"
    ).fetchall()
    assert found == [
        (BILLING, "1.1.0", "payments"),
        ("services/shipping/manifest.yaml", "1.0.0", "logistics"),
        ("services/users/manifest.yaml", "2.1.0", "identity"),
    ]


# --- the service of old -------------------------------------------------------------------------

PACK = {"id": "H", "name": "Engine", "status": "installed", "category": "professional"}
COUNTS = {"pending": 0, "deprecated": 0, "experimental": 0}
OLD_SERVICE: dict[str, Any] = {
    "": {
        "version": "1.0.0",
        "backend_complete": False,
        "packs": [PACK],
        "summary": "Valhalla: a platform for professional services.",
        "extra": {
            "notes": "System metadata initialized.",
            "updated_at": "2026-01-31T12:00:00",
            "completed_at": None,
            "name": "Valhalla backend",
        },
    },
    "summary": {
        "total_packs": 1,
        "installed_packs": 1,
        **{f"{status}_packs": 0 for status in COUNTS},
        "summary": "Valhalla: a platform for professional services.",
        "version": "1.0.0",
        "backend_complete": False,
    },
    "packs": {"packs": [PACK], "total": 1, "installed": 1, **COUNTS},
    "packs/H": PACK,
}


class Old(BaseHTTPRequestHandler):
    """The endpoints of the service that had a database."""

    def do_GET(self) -> None:
        document = OLD_SERVICE.get(self.path.removeprefix("/system/status/"))
        self.send_response(200 if document else 404)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def old() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Old)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_the_page_on_the_service(repository: Path, old: str) -> None:
    git("rm", "-rq", "manifest")
    git("commit", "-qm", "nothing yet")
    follow(page("from-the-service.md").replace("localhost:8000", old))


def test_doctor_tells_what_answers_otherwise(repository: Path, old: str) -> None:
    run("schema", "export")
    ran = run("doctor", "--url", f"http://{old}/system/status/", "--format", "json")
    assert ran.code == 1
    checks = json.loads(ran.out)["checks"]
    endpoints = {each["message"]: each["ok"] for each in checks if each["name"] == "endpoint"}
    said = f"http://{old}/system/status/packs/I does not match the manifest: Not Found"
    assert endpoints[said] is False
    assert endpoints[f"http://{old}/system/status/summary does not match the manifest"] is False


def test_doctor_finds_the_router_to_answer_as_the_file(repository: Path, manifest: Path) -> None:
    app = FastAPI()
    app.include_router(create_router(manifest))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/system/status"
        out = run("doctor", "--url", url).out
    finally:
        server.should_exit = True
        thread.join()
    assert f"{url}/ and all endpoints below it match the manifest" in out
    assert "does not match" not in out


def test_doctor_on_a_project_where_all_is_set_up(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = run("doctor")
    missing = ["schema", "hooks", "merge", "ci"]
    assert [line.split()[1] for line in ran.out.splitlines() if line.startswith("fix")] == missing
    assert ran.code == 1
    run("schema", "export")
    assert run("git-setup").out.endswith("next: git add .gitattributes; git commit\n")
    assert ".gitattributes is not committed: other clones merge" in run("doctor").out
    git("add", ".gitattributes")
    git("commit", "-qm", "attributes")
    Path(".gitlab-ci.yml").write_text("job: {script: [valhalla-manifest validate]}\n")
    Path(".pre-commit-config.yaml").write_text(
        yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks(".pre-commit-hooks.yaml")}]})
    )
    Path(".git/hooks/pre-commit").write_text("#!/bin/sh\n")
    ran = run("doctor")
    assert (ran.code, "fix " in ran.out) == (0, False)
    assert "committed" in ran.out


def test_doctor_on_a_bad_manifest_and_on_no_repository(manifest: Path) -> None:
    shutil.rmtree(".git")
    manifest.write_text("version: 1\n")
    ran = run("doctor")
    assert ran.code == 1
    assert "fix  manifest      manifest/system.yaml is not valid: 1:1: VM201" in ran.out
    assert "is not in a Git repository\n                   git init\n" in ran.out


@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n", b"HTTP/1.0 200 OK\r\n\r\n" + b"[" * 200_000])
def test_doctor_bears_any_answer(manifest: Path, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            with suppress(OSError):  # the test ends
                while True:
                    peer, _ = server.accept()
                    with peer:
                        peer.recv(4096)
                        peer.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        ran = run("doctor", "--url", f"http://127.0.0.1:{port}/")
    assert (ran.code, "internal error" in ran.err) == (1, False)
    assert "fix  endpoint" in ran.out


@pytest.mark.parametrize("url", ["http://localhost:abc/", "http://[::1"])
def test_doctor_bears_any_address(manifest: Path, url: str) -> None:
    ran = run("doctor", "--url", url)
    assert (ran.code, "internal error" in ran.err) == (1, False)
    manifest.write_text("version: 1\n")
    assert "manifest/system.yaml is not valid" in run("doctor", "--url", url).out
    assert run("-m", "-", "doctor").code == 2


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("[tool.valhalla-manifest]\nignore = 1\n", "ignore must be a list of codes"),
        ("[tool.valhalla-manifest]\nextensions = 'no.json'\n", "no.json: no such file"),
        ("[tool.valhalla-manifest]\nmanifest = 'a/*.yaml'\n", "no file matches a/*.yaml"),
        ("[tool.valhalla-manifest\n", "not TOML"),
    ],
)
def test_doctor_tells_of_settings_that_are_wrong(folder: Path, settings: str, says: str) -> None:
    Path("pyproject.toml").write_text(settings)
    ran = run("doctor", "--format", "json")
    (found,) = json.loads(ran.out)["checks"]
    assert (ran.code, found["name"], found["ok"]) == (1, "settings", False)
    assert says in found["message"]


@pytest.mark.parametrize("url", ["ftp://a", "file:///etc/passwd", "localhost"])
def test_doctor_asks_http_alone(manifest: Path, url: str) -> None:
    ran = run("doctor", "--url", url)
    assert (ran.code, f"{url} is not an HTTP address" in ran.err) == (2, True)
