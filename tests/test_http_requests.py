"""What the endpoints take and refuse: methods, headers, bodies, ids."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.conftest import git, run
from tests.support.manifests import FIRST
from tests.test_http import STATUS, app_of, client_of
from valhalla_manifest.web.body import LIMIT

pytestmark = pytest.mark.usefixtures("system")  # here, and as on Windows

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client(repository: Path, manifest: Path) -> TestClient:
    return client_of(manifest)


def sent(app: FastAPI, method: str, path: str, chunks: list[bytes]) -> tuple[list[Any], list[Any]]:
    """Send a request without a server or a client in between; return what came and what is left."""
    left = [
        {"type": "http.request", "body": chunk, "more_body": at < len(chunks)}
        for at, chunk in enumerate(chunks, 1)
    ]
    came: list[Any] = []

    async def receive() -> Any:
        return left.pop(0)

    async def send(message: Any) -> None:
        came.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"test"), (b"content-type", b"application/json")],
        "client": ("test", 1),
        "server": ("test", 80),
    }
    asyncio.run(app(scope, receive, send))
    return came, left


# --- HEAD and If-None-Match ---------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/summary", "/packs", "/packs/h"])
def test_head_has_the_headers_of_get_and_no_body(
    client: TestClient, manifest: Path, path: str
) -> None:
    get, head = client.get(STATUS + path), client.head(STATUS + path)
    assert (head.status_code, head.headers) == (200, get.headers)
    assert head.headers["content-length"] == str(len(get.content))
    same = client.head(STATUS + path, headers={"If-None-Match": get.headers["etag"]})
    assert same.status_code == 304
    came, _ = sent(app_of(manifest), "HEAD", STATUS + path, [b""])
    assert came[0]["status"] == 200
    assert b"".join(message.get("body", b"") for message in came) == b""


def test_head_fails_as_get_does(client: TestClient, manifest: Path) -> None:
    assert client.head(f"{STATUS}/packs/ZZ").status_code == 404
    manifest.unlink()
    assert client.head(f"{STATUS}/").status_code == 503


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (['"other"', "{etag}"], 304),
        (['"other", "more"', 'W/"weak"', '"x" ,\tW/{etag} , "y"'], 304),
        (["*"], 304),
        (['"other"', "*"], 304),
        (['"other"', 'W/"weak"'], 200),
        (["w/{etag}"], 200),
        ([""], 200),
    ],
)
def test_if_none_match_is_one_list_over_its_lines(
    client: TestClient, lines: list[str], code: int
) -> None:
    etag = client.get(f"{STATUS}/").headers["etag"]
    headers = [("If-None-Match", line.format(etag=etag)) for line in lines]
    assert client.get(f"{STATUS}/", headers=headers).status_code == code


# --- bodies -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b'{"note": "a typo"}', "extra_forbidden: body note"),
        (rb'{"\ud800": 1}', "string_unicode: body"),
        (rb'{"notes": "\ud800"}', "string_unicode: body notes"),
        (b'{"notes": 1e999}', "string_type: body notes"),
        (b'{"notes": NaN}', "string_type: body notes"),
        (rb'"\ud800"', "model_attributes_type: body"),
        (b"1e999", "model_attributes_type: body"),
        (b"[]", "model_attributes_type: body"),
        (b"{", "json_invalid: body 1"),
        (b'{"notes": "\xff"}', "json_invalid: body"),
        (b"[" * LIMIT, "json_invalid: body"),
        (b"1" * 10_000, "json_invalid: body"),
    ],
    ids=lambda value: repr(value)[:20],
)
@pytest.mark.parametrize("path", ["complete", "incomplete"])
def test_a_body_that_is_not_of_its_form_is_422(
    client: TestClient, manifest: Path, path: str, body: bytes, fault: str
) -> None:
    response = client.post(f"{STATUS}/{path}", content=body, headers=JSON)
    assert response.status_code == 422
    (found,) = response.json()["detail"]
    assert f"{found['type']}: {' '.join(map(str, found['loc']))}" == fault
    assert found["msg"]
    assert manifest.read_text() == FIRST


def test_a_version_is_no_key_of_incomplete(client: TestClient) -> None:
    assert client.post(f"{STATUS}/incomplete", json={"version": "1.0.0"}).status_code == 422


def test_no_body_and_an_empty_object_are_the_same(client: TestClient, manifest: Path) -> None:
    bare = client.post(f"{STATUS}/incomplete").json()
    assert client.post(f"{STATUS}/incomplete", json={}).json() == bare


def test_a_body_may_have_64_kib_and_no_more(client: TestClient, manifest: Path) -> None:
    small = b'{"notes": "fits"}'
    fits = client.post(f"{STATUS}/complete", content=small.ljust(LIMIT), headers=JSON)
    assert (fits.status_code, fits.json()["extra"]["notes"]) == (200, "fits")
    before = manifest.read_text()
    large = client.post(f"{STATUS}/complete", content=small.ljust(LIMIT + 1), headers=JSON)
    assert large.status_code == 413
    assert large.json() == {"detail": "the body is larger than 65536 bytes"}
    assert manifest.read_text() == before


def test_a_body_in_chunks_is_read_no_further_than_the_limit(
    repository: Path, manifest: Path
) -> None:
    chunks = [b" " * 1024] * 1000
    came, left = sent(app_of(manifest), "POST", f"{STATUS}/complete", chunks)
    assert came[0]["status"] == 413
    assert len(left) == 1000 - 65
    came, _ = sent(app_of(manifest), "POST", f"{STATUS}/complete", [b'{"no', b'tes": "in two"}'])
    assert came[0]["status"] == 200
    assert "in two" in manifest.read_text()


def test_the_description_names_the_refusals(client: TestClient) -> None:
    description = client.get("/openapi.json").json()
    for path in ("complete", "incomplete"):
        responses = description["paths"][f"{STATUS}/{path}"]["post"]["responses"]
        assert set(responses) == {"200", "409", "413", "422", "503"}
    schemas = description["components"]["schemas"]
    assert schemas["Complete"]["additionalProperties"] is False
    listed, said = schemas["Refusal"]["properties"]["detail"]["anyOf"][::-1]
    assert said == {"type": "string"}
    assert listed["items"] == {"$ref": "#/components/schemas/Fault"}


# --- ids ----------------------------------------------------------------------------------------


# A dotless i, a long and a sharp s, the ligature fi and a wide H.
LOOK_ALIKES = ["\u0131", "\u017f", "\u00df", "\ufb01", "\uff28"]


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_only_ascii_letters_have_capitals(client: TestClient, manifest: Path, name: str) -> None:
    response = client.get(f"{STATUS}/packs/{name}")
    assert response.status_code == 404
    assert response.json() == {"detail": f"Pack {name} not found"}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_the_command_line_takes_no_other_letter_for_an_id(
    repository: Path, manifest: Path, name: str
) -> None:
    for words in (
        ["packs", "show", name],
        ["packs", "set", name, "--status", "deprecated"],
        ["packs", "remove", name],
        ["packs", "add", name, "--name", "Export"],
        ["packs", "set", "H", "--replaced-by", name],
        ["packs", "set", "H", "--depends-on", name],
        ["history", "--pack", name],
        ["blame", name],
        ["get", f"packs.{name}.status"],
        ["require", f"installed={name}"],
    ):
        ran = run(*words)
        assert ran.code in {1, 2}, words
        assert name in ran.err, words
    assert git("status", "--porcelain") == ""
