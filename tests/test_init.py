"""``init``: from nothing, or from a running system, to a manifest that validates."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given

from tests.conftest import examples, run
from tests.support.checking import check
from tests.support.manifests import FIRST
from tests.test_properties import manifests
from valhalla_manifest import __version__
from valhalla_manifest.document.reader import read
from valhalla_manifest.manifest import conversion
from valhalla_manifest.report.json import status


def test_a_first_manifest_and_what_goes_with_it(folder: Path) -> None:
    ran = run("init")
    assert ran.code == 0
    assert ran.out.startswith("manifest/system.yaml written\nschemas/system.schema.json written\n")
    assert (
        "\nnext: `valhalla-manifest set summary=TEXT` and `packs add ID --name NAME`\n" in ran.out
    )
    assert run("validate").code == 0
    assert run("schema", "check").code == 0
    assert run("version", "show").out == "1.0.0\n"
    assert run("summary").out.endswith("1.0.0, not complete, 0 packs\n")
    assert run("packs", "add", "H", "--name", "Engine").code == 0


def test_the_snippets_are_yaml(folder: Path) -> None:
    parts = re.split(r"^# .*:\n", run("init").out, flags=re.MULTILINE)[1:]
    assert [next(iter(yaml.safe_load(part))) for part in parts] == ["repos", "manifest", "manifest"]


def test_the_snippets_name_the_version_that_printed_them(folder: Path) -> None:
    for part in re.split(r"^# .*:\n", run("init").out, flags=re.MULTILINE)[1:]:
        assert f"valhalla-manifest=={__version__}" in part
        assert re.search(rf"(@|rev: )v{re.escape(__version__)}\b", part)  # by tag, without an index
        assert "{VERSION}" not in part


def test_a_manifest_that_is_there_is_not_touched(manifest: Path) -> None:
    ran = run("init")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "error: manifest/system.yaml exists already; nothing was changed\n"
    assert manifest.read_text() == FIRST


ORIGIN: dict[str, Any] = {
    "version": "1.0.0",
    "backend_complete": True,
    "packs": [
        {"id": "H", "name": "Engine", "status": "installed", "category": "professional"},
        {"id": "N", "name": "yes", "status": "installed", "category": None},
    ],
    "summary": "Valhalla: a platform.\nFor professional services.",
    "extra": {
        "notes": "Backend marked as complete",
        "updated_at": "2026-01-31T12:00:00+00:00",
        "completed_at": "2026-01-31T12:00:00+00:00",
    },
}


def test_a_running_system_moves_over_and_gives_its_status_back(folder: Path) -> None:
    Path("status.json").write_text(json.dumps(ORIGIN))
    assert run("init", "--from", "status.json").code == 0
    assert run("validate").code == 0
    found = json.loads(run("status", "--format", "json").out)
    found["extra"].pop("updated_at")
    expected = ORIGIN | {"extra": {k: v for k, v in ORIGIN["extra"].items() if k != "updated_at"}}
    assert found == expected


def test_from_standard_input(folder: Path) -> None:
    assert run("init", "--from", "-", stdin=json.dumps(ORIGIN)).code == 0
    assert run("packs", "show", "n", "--format", "json").code == 0


def test_keys_that_the_format_does_not_know_are_kept(folder: Path) -> None:
    more = ORIGIN | {"packs": [{**ORIGIN["packs"][0], "port": 80}]}
    more["extra"] = {**ORIGIN["extra"], "region": {"name": "eu"}}
    more |= {"zone": "a"}
    more["extra"] |= {"version": "old"}
    ran = run("init", "--from", "-", stdin="\ufeff" + json.dumps(more))
    assert (ran.code, ran.err.splitlines()) == (
        0,
        [
            "zone is kept as x-zone",
            "region is kept as x-region",
            "version is kept as x-version",
            "port of pack H is kept as x-port",
        ],
    )
    assert run("get", "packs.H.x-port", "x-region").out == '80\n{"name": "eu"}\n'
    assert run("get", "x-zone", "x-version").out == "a\nold\n"


def test_another_schema_in_a_comment_gives_way_to_ours(folder: Path) -> None:
    text = f"# ours\n# yaml-language-server: $schema=https://example.com/a.json\n{FIRST}"
    ran = run("init", "--from", "-", stdin=text.replace(FIRST.partition("\n")[0] + "\n", ""))
    ours = "../schemas/system.schema.json"
    assert (ran.code, ran.err) == (0, f"the schema that its comment names is {ours} now\n")
    assert (
        Path("manifest/system.yaml")
        .read_text()
        .startswith(f"# ours\n# yaml-language-server: $schema={ours}\n")
    )


def test_a_value_that_reads_like_the_comment_stays(folder: Path) -> None:
    line = "# yaml-language-server: $schema=foo.json"
    text = f'x-a: "{line}"\nnotes: |-\n  {line}\n'
    assert run("init", "--from", "-", stdin=text).code == 0
    assert run("get", "x-a", "notes").out == f"{line}\n{line}\n"
    assert Path("manifest/system.yaml").read_text().startswith("# yaml-language-server: $schema=..")


@pytest.mark.parametrize("path", ["[x]/m.yaml", "a b/m.yaml", 'x"y/m.yaml'])
def test_the_setting_that_is_proposed_finds_the_manifest(folder: Path, path: str) -> None:
    out = run("-m", path, "init").out
    (setting,) = re.findall(r"(?m)^manifest = .*$", out)
    Path("pyproject.toml").write_text(f"[tool.valhalla-manifest]\n{setting}\n")
    assert run("validate").out == f"{path} is valid\n"


@pytest.mark.parametrize("document", [json.dumps(ORIGIN), "version: 1.0.0\n"])
def test_the_name_that_is_given_counts(folder: Path, document: str) -> None:
    assert run("init", "--from", "-", "--name", "Billing", stdin=document).code == 0
    assert run("get", "name").out == "Billing\n"


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ("# a\nname: N\nx-team: 012\n", "3:9 VM104"),
        ("name: N\na/b: 012\n", "2:6 VM104"),
        ("own:\n  z: 1\n  '7': 012\n", "3:8 VM104"),
        ("own:\n  x-z: 012\n", "2:8 VM104"),
        ("modules:\n- id: H\n  name: a\n  status: pending\n  x-z: 012\n", "5:8 VM104"),
    ],
)
def test_a_problem_is_told_where_the_file_has_it(folder: Path, document: str, place: str) -> None:
    ran = run("init", "--from", "-", stdin=document)
    assert (ran.code, f"  {place}: " in ran.err) == (1, True), ran.err


@given(manifests)
@examples(50)
def test_any_status_is_given_back(data: dict[str, Any]) -> None:
    before = status(check(json.dumps(data, ensure_ascii=False).encode()).view, None)
    checked = check(conversion.convert_legacy_status(before).text.encode())
    assert checked.problems == ()
    assert status(checked.view, None) == before


@pytest.mark.parametrize(
    ("document", "code", "says"),
    [
        ("{", 1, "1:2 VM004: "),
        ("[]", 2, "cannot import -: it is not a mapping"),
        ("name: a\n---\nname: b\n", 2, "it holds more than one document; split it first"),
        ("&k team: a\n", 1, "line 1: team is not a plain key; write a string"),
        ("!!str team: a\n", 1, "line 1: team is not a plain key"),
        ("? [team]\n: a\n", 1, "line 1: [team] is not a plain key"),
        ("modules: []\ncomponents: []\n", 1, "line 2: components is packs now, but packs exists"),
        ("team: a\nx-team: b\n", 1, "line 1: team is kept as x-team, but x-team exists too"),
        ("packs:\n- {id: H, a: 1, x-a: 2}\n", 1, "line 2: a is kept as x-a, but x-a exists too"),
        ('{"name": "\\\\\\ud83d"}', 1, "1:13 VM102"),
        (json.dumps(ORIGIN | {"team": "a", "x-team": "b"}), 2, "both team and x-team"),
        (json.dumps(ORIGIN)[:-1] + ', "version": "2.0.0"}', 1, 'duplicate key "version"'),
        (
            "name: A\nsummary: s\nname: B\n",
            1,
            '3:1 VM103: duplicate key "name"; first used in line 1',
        ),
        ('{"extra": {}, "packs": [1]}', 2, "is not an object"),
        (
            '{"packs": [], "extra": {"completed_at": "soon"}}',
            2,
            "completed_at is 'soon', not a time",
        ),
        ('{"packs": [], "extra": {}}', 1, "would not be valid"),
        ("packs:\n- id: H\n  name: a\n  status: on\n", 1, "4:11 VM204: status is on"),
        ("modules:\n- id: H\n  name: a\n  status: on\n", 1, "4:11 VM204: status is on"),
        ("since: 2026-01-01\n", 1, "1:8 VM104: plain 2026-01-01"),
        ("a: &b 1\nc: *b\n", 1, "1:4 VM106: &b is an anchor"),
        ("\xff".encode("latin-1"), 2, "-: it is not UTF-8"),
        (json.dumps(ORIGIN | {"version": "1"}), 1, "VM205"),
    ],
)
def test_what_cannot_be_taken_over(
    folder: Path, document: str | bytes, code: int, says: str
) -> None:
    ran = run("init", "--from", "-", stdin=document)
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err
    assert list(folder.iterdir()) == [folder / ".git"]


@pytest.mark.parametrize(
    ("path", "schema", "modeline", "name"),
    [
        ("manifest/system.yaml", "schemas", "../schemas", "root"),
        ("services/billing/state.yaml", "services/schemas", "../schemas", "billing"),
        (
            "services/billing/manifest/system.yaml",
            "services/billing/schemas",
            "../schemas",
            "billing",
        ),
        ("state.yaml", "schemas", "schemas", "root"),
    ],
)
def test_any_path_gets_a_schema_of_its_repository(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    path: str,
    schema: str,
    modeline: str,
    name: str,
) -> None:
    root = tmp_path / "root"
    (root / ".git").mkdir(parents=True)
    monkeypatch.chdir(root)
    ran = run("-m", path, "init")
    assert ran.out.startswith(f"{path} written\n{schema}/system.schema.json written\n")
    head = Path(path).read_text().split("\n")[0]
    assert head == f"# yaml-language-server: $schema={modeline}/system.schema.json"
    assert run("-m", path, "get", "name").out == f"{name}\n"
    assert run("-m", path, "schema", "check").code == 0
    assert not list(tmp_path.glob("*.json")) + list(tmp_path.glob("schemas"))


def test_the_name_can_be_given(folder: Path) -> None:
    run("init", "--name", "Billing: the API")
    assert run("get", "name", "summary").out == (
        "Billing: the API\nDescribe Billing: the API in one paragraph.\n"
    )


def test_nothing_is_written_outside_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "root/.git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "root")
    ran = run("-m", "../elsewhere.yaml", "init")
    assert ran.code == 2
    assert "../elsewhere.yaml is outside of the repository" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["root"]


def test_the_snippets_of_another_path_name_it(folder: Path) -> None:
    out = run("-m", "services/my billing/state.yaml", "init").out
    hooks, github, gitlab = re.split(r"^# .*:\n", out, flags=re.MULTILINE)[2:]
    hook = yaml.safe_load(hooks)["repos"][0]["hooks"][0]
    assert re.search(hook["files"], "services/my billing/state.yaml")
    assert not re.search(hook["files"], "a/services/my billing/state.yaml")
    for job in (github, gitlab):
        assert " 'services/my billing/state.yaml'" in job
        yaml.safe_load(job)
    assert '[tool.valhalla-manifest]\nmanifest = "services/my billing/state.yaml"\n' in out
    assert not Path("pyproject.toml").exists()


OTHER = """\
# What we run.
title: Billing  # as customers know it
version: v1.2
owner: core   # who is called at night
updated: "2026-01-01"
modules:
  # the first
  - id: A
    name: 'Invoices'
    status: installed
    port: 80
  - id: N
    name: yes
    status: pending
"""


def test_an_existing_file_is_taken_over_with_its_comments(folder: Path) -> None:
    Path("old.yaml").write_text(OTHER)
    ran = run("init", "--from", "old.yaml")
    assert ran.code == 0, ran.err
    assert (
        Path("manifest/system.yaml").read_text()
        == """\
# yaml-language-server: $schema=../schemas/system.schema.json
# What we run.
schema_version: 1
name: Billing  # as customers know it
version: 1.2.0
backend_complete: false
summary: Describe TITLE in one paragraph.
x-owner: core   # who is called at night
x-updated: "2026-01-01"
packs:
  # the first
  - id: A
    name: 'Invoices'
    status: installed
    x-port: 80
  - id: "N"
    name: "yes"
    status: pending
""".replace("TITLE", folder.name)
    )
    assert ran.err.splitlines() == [
        "line 2: title is name now",
        "line 4: owner is kept as x-owner",
        "line 5: updated is kept as x-updated",
        "line 6: modules is packs now",
        "line 11: port is kept as x-port",
        "schema_version is new: 1",
        "backend_complete is new: false",
        f"summary is new: Describe {folder.name} in one paragraph.",
        "version is 1.2.0 now",
        'line 12: id is "N" now',
        'line 13: name is "yes" now',
    ]


@pytest.mark.parametrize(
    ("line", "now"),
    [
        ("name: true", 'line 1: name is "true" now'),
        ("name: 007", 'line 1: name is "007" now'),
        ("complete: off", "line 1: backend_complete is false now"),
        ("modules: [{id: H, name: 1_000, status: pending}]", 'line 1: name is "1_000" now'),
        ('{"packs": [{"id": "H", "name": -3, "status": "pending"}]}', 'line 1: name is "-3" now'),
    ],
)
def test_a_value_that_is_written_otherwise_is_told(folder: Path, line: str, now: str) -> None:
    ran = run("init", "--from", "-", stdin=line)
    assert (ran.code, now in ran.err.splitlines()) == (0, True), ran.err


@pytest.mark.parametrize(
    ("written", "name"), [("\\ud83d\\ude00", "\U0001f600"), ("\\\\ud83d", "\\ud83d")]
)
def test_json_may_write_a_character_as_two_halves(folder: Path, written: str, name: str) -> None:
    ran = run("init", "--from", "-", stdin=f'{{"name": "{written}"}}')
    assert ran.code == 0, ran.err
    assert run("get", "name").out == f"{name}\n"


def test_keys_of_ones_own_that_must_be_there_can_be_given(folder: Path) -> None:
    Path("types.json").write_text('{"definitions": {"manifest": {"required": ["x-team"]}}}')
    Path("pyproject.toml").write_text('[tool.valhalla-manifest]\nextensions = "types.json"\n')
    ran = run("init")
    assert (ran.code, 'VM208: "x-team" is missing (add x-team)' in ran.err) == (1, True)
    assert run("init", "x-team=core").code == 0
    assert run("get", "x-team").out == "core\n"
    assert run("init", "team=core").code == 2
    ran = run("-m", "b/m.yaml", "init", "--from", "-", "x-team=core", stdin="name: true\n")
    assert (ran.code, 'line 1: name is "true" now' in ran.err) == (0, True)


@pytest.mark.parametrize(
    ("document", "words", "key"),
    [
        ("team: a\n", ["x-team=b"], "x-team"),
        ("packs: {h: 1}\n", ["x-packs=1"], "x-packs"),
        ("name: A\n", ["--name", "B"], "name"),
        (json.dumps(ORIGIN | {"team": "a"}), ["x-team=b"], "x-team"),
    ],
)
def test_what_is_given_takes_no_place_of_what_the_file_has(
    folder: Path, document: str, words: list[str], key: str
) -> None:
    ran = run("init", "--from", "-", *words, stdin=document)
    assert (ran.code, f"- already contains {key}; remove {key} " in ran.err) == (1, True)
    assert not Path("manifest").exists()


def test_packs_of_another_shape_are_kept(folder: Path) -> None:
    ran = run("init", "--from", "-", stdin="packs:\n  A: {name: Invoices}\n")
    assert ran.code == 0
    assert "line 1: packs is not a list of mappings; it is kept as x-packs" in ran.err
    assert run("get", "x-packs").out == '{"A": {"name": "Invoices"}}\n'


def test_a_manifest_of_ours_moves_as_it_is(folder: Path) -> None:
    Path("old.yaml").write_text(FIRST)
    ran = run("init", "--from", "old.yaml")
    assert (ran.code, ran.err) == (0, "")
    assert Path("manifest/system.yaml").read_text() == FIRST
    again = run("init", "--from", "manifest/system.yaml")
    assert (again.code, "exists already" in again.err) == (1, True)


@given(manifests)
@examples(30)
def test_what_is_taken_over_loses_nothing(data: dict[str, Any]) -> None:
    document = {**data, "port": 80, "packs": [{**pack, "port": 1} for pack in data["packs"]]}
    text = json.dumps(document, ensure_ascii=False)
    result = check(conversion.convert_mapping(read(text), "Backend").text.encode())
    assert result.errors == ()
    packs = [{**pack, "x-port": 1} for pack in data["packs"]]
    assert result.data == {**data, "x-port": 80, "packs": packs}


def test_numbers_of_json_are_spelled_as_every_parser_reads_them(folder: Path) -> None:
    typed = '{"summary": "x", "x-a": [1e-05, 1E5, -0, 2.50], "x-b": "1e-05"}'
    Path("old.json").write_text(typed)
    assert run("-m", "m.yaml", "init", "--from", "old.json").code == 0
    found, asked = yaml.safe_load(Path("m.yaml").read_text()), json.loads(typed)
    assert (found["x-a"], found["x-b"]) == (asked["x-a"], asked["x-b"])
    assert run("-m", "m.yaml", "validate").code == 0
