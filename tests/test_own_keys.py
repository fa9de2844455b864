"""Editing keys of one's own, several packs at once, and ids: by command and from Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples, run
from tests.support.manifests import FIRST, SMALL
from valhalla_manifest import open_manifest

PATH = Path("manifest/system.yaml")


def changed_lines(before: str, after: str) -> list[str]:
    """Return the lines that are new, where none is gone."""
    old = before.splitlines()
    new = [line for line in after.splitlines() if line not in old]
    assert [line for line in after.splitlines() if line not in new] == old
    return new


def test_own_keys_of_a_pack_are_set_and_cleared(manifest: Path) -> None:
    ran = run("packs", "set", "h", "x-tier=gold", 'x-links=["https://a", {"b": 1}]')
    assert ran.out == ('pack H: x-tier set: gold\npack H: x-links set: ["https://a", {"b": 1}]\n')
    assert changed_lines(FIRST, manifest.read_text()) == [
        "    x-tier: gold",
        '    x-links: ["https://a", {b: 1}]',
    ]
    assert run("packs", "show", "h").out.count('["https://a", {"b": 1}]') == 1
    assert run("packs", "set", "H", "--clear", "x-tier", "--clear", "x-links").code == 0
    assert manifest.read_text() == FIRST


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("core", "x-a: core"),
        ("12", "x-a: 12"),
        ("1.5", "x-a: 1.5"),
        ("true", "x-a: true"),
        ('"12"', 'x-a: "12"'),
        ("", 'x-a: ""'),
        ("yes", 'x-a: "yes"'),
        ("012", 'x-a: "012"'),
        ("2026-01-01", 'x-a: "2026-01-01"'),
        ("9007199254740993", 'x-a: "9007199254740993"'),
        ("a=b", "x-a: a=b"),
        ("{}", "x-a: {}"),
    ],
)
def test_a_value_is_a_scalar_of_yaml_or_json(manifest: Path, text: str, line: str) -> None:
    assert run("set", f"x-a={text}").code == 0
    assert changed_lines(FIRST, manifest.read_text()) == [line]
    assert run("validate").code == 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "b c", "yes", "1"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(st.lists(json_values, min_size=1, max_size=2) | st.dictionaries(st.just("k"), json_values))
@examples(60)
def test_any_json_is_written_and_read_back(tmp_path_factory: Any, value: Any) -> None:
    path = tmp_path_factory.mktemp("m") / "m.yaml"
    path.write_text(SMALL, encoding="utf-8")
    ran = run("-m", str(path), "packs", "set", "H", f"x-a={json.dumps(value)}")
    assert ran.code == 0, ran.err
    found = run("-m", str(path), "get", "packs.H.x-a", "--format", "json")
    assert json.loads(found.out) == {"packs.H.x-a": value}
    assert len(changed_lines(SMALL, path.read_text(encoding="utf-8"))) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["packs", "set", "H", "status=installed"], "use --status"),
        (["packs", "set", "H", "depends-on=I"], "use --depends-on"),
        (["packs", "set", "H", "id=I"], "use `packs rename`"),
        (["packs", "set", "H", "zz-tier=gold"], "extension keys start with x-"),
        (["packs", "set", "H", "x-a=1", "x-a=2"], "duplicate key x-a; set it once"),
        (["packs", "set", "H", "x-a=[1"], "invalid JSON for x-a: "),
        (["packs", "set", "H", "x-a=[NaN]"], "NaN is not a JSON number"),
        (["set", 'x-a={"b": 1, "b": 2}'], "duplicate key"),
        (["set", "x-a"], "no value for x-a; write x-a=VALUE"),
        (["packs", "set", "H", "x-a"], "no value for x-a; write x-a=VALUE"),
        (["set", "x-a=1", "--clear", "x-a"], "cannot both set and remove x-a"),
        (
            ["packs", "set", "H", "--owner", "a", "--clear", "owner"],
            "cannot both set and remove owner",
        ),
        (["set", "name"], "no value for name; write name=VALUE"),
        (["set", "name=a", "name=b"], "duplicate key name; set it once"),
        (["packs", "set", "H", f"x-a={'[' * 100_000}"], "it is nested too deeply"),
        (["packs", "set", "H", "x-a=null"], "write --clear x-a"),
        (["packs", "set", "x-a=1"], "no pack to change; name its id"),
        (["packs", "set", "H", "--clear", "nope"], "'nope' is not one of "),
        (["packs", "set", "H", "--clear", "status"], "'status' is not one of"),
        (["packs", "add", "X", "Y", "--name", "n"], "expected one pack id, got 2"),
        (["packs", "add", "X"], "missing option '--name'"),
        (["set", "version=1.2.0"], "use `version set`"),
        (["set", "backend-complete=true"], "use `complete` or `incomplete`"),
        (["set", "owner=me"], "extension keys start with x-"),
        (["set"], "nothing to change; add an assignment"),
        (["set", "--clear", "summary"], "'summary' is not one of name, x-…"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(manifest: Path, words: list[str], says: str) -> None:
    ran = run(*words)
    assert ran.code == 2
    assert says in ran.err
    assert manifest.read_text() == FIRST


def test_set_edits_what_no_other_command_does(manifest: Path) -> None:
    ran = run("set", "name=Billing", "summary=What we sell.", "x-team=core")
    assert ran.out.splitlines() == [
        "name Valhalla backend → Billing",
        *[line for line in ran.out.splitlines() if line.startswith("summary ")],
        "x-team set: core",
    ]
    assert run("get", "name", "summary", "x-team").out == "Billing\nWhat we sell.\ncore\n"
    assert run("set", "--clear", "name", "--clear", "x-team").code == 0
    assert "name: Billing" not in manifest.read_text()
    assert run("set", "summary= ").code == 1  # blank: refused by the rules


def test_several_packs_at_once_all_or_none(manifest: Path) -> None:
    ran = run("packs", "set", "h", "I", "H", "--status", "deprecated", "x-tier=gold")
    assert ran.out.splitlines() == [
        "pack H: status installed → deprecated",
        "pack H: x-tier set: gold",
        "pack I: status installed → deprecated",
        "pack I: x-tier set: gold",
    ]
    before = manifest.read_text()
    ran = run("packs", "set", "J", "ZZ", "--status", "pending")
    assert ran.code == 2
    assert "there is no pack 'ZZ'" in ran.err
    assert manifest.read_text() == before


def test_a_new_pack_gets_own_keys_too(manifest: Path) -> None:
    assert run("packs", "add", "X", "x-tier=gold", "--name", "Export Engine").code == 0
    assert run("get", "packs.X.status", "packs.X.x-tier").out == "pending\ngold\n"


REFERRED = f"""\
{SMALL.replace("status: installed", "status: deprecated")}    replaced_by: "i"  # the new one
  - id: 'I'
    name: Another
    status: installed
    depends_on: ["J", "h"]
  - id: "J"
    name: A third
    status: installed
"""


def test_a_pack_is_renamed_wherever_it_is_named(manifest: Path) -> None:
    manifest.write_text(REFERRED.replace('"h"', '"K"').replace("SMALL", ""))
    manifest.write_text(REFERRED.replace(', "h"', ""))
    assert run("packs", "rename", "i", "billing-api").code == 0
    assert manifest.read_text() == REFERRED.replace(', "h"', "").replace(
        '"i"', '"billing-api"'
    ).replace("'I'", "'billing-api'")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("H", "I"), 2, "pack I already exists"),
        (("ZZ", "X"), 2, "there is no pack 'ZZ'"),
        (("H", "1"), 1, "VM205"),
    ],
)
def test_an_id_that_cannot_be_is_refused(
    manifest: Path, words: tuple[str, str], code: int, says: str
) -> None:
    ran = run("packs", "rename", *words)
    assert ran.code == code
    assert says in ran.err
    assert manifest.read_text() == FIRST


def test_only_the_case_of_an_id_may_change(manifest: Path) -> None:
    assert run("packs", "add", "billing", "--name", "Billing").code == 0
    assert run("packs", "rename", "BILLING", "Billing").code == 0
    assert "Billing.name" in run("get").out


ids = st.sampled_from(["H", "I", "J", "hx", "billing-api", "i"])


@given(st.sampled_from(["H", "i", "J"]), ids)
@examples(40)
def test_a_renaming_changes_ids_alone(tmp_path_factory: Any, old: str, new: str) -> None:
    path = tmp_path_factory.mktemp("m") / "m.yaml"
    text = REFERRED.replace(', "h"', ', "J"').replace('["J", "J"]', '["J"]')
    path.write_text(text)
    ran = run("-m", str(path), "packs", "rename", old, new)
    if ran.code:
        assert path.read_text() == text
        return
    mapped = [
        line.replace(f'"{each}"', f'"{new}"').replace(f"'{each}'", f"'{new}'")
        for line in text.splitlines()
        for each in [next((each for each in (old.upper(), old.lower()) if f'"{each}"' in line
                           or f"'{each}'" in line), "none")]
    ]  # fmt: skip
    assert path.read_text().splitlines() == mapped


@pytest.mark.parametrize(
    ("typed", "notes"),
    [
        (b"one\ntwo\n", "one\ntwo"),
        (b"one\r\ntwo\r\n", "one\ntwo"),
        ("\ufeffübung".encode(), "übung"),
    ],
)
def test_notes_come_from_standard_input(manifest: Path, typed: bytes, notes: str) -> None:
    assert run("notes", "set", "-", stdin=typed).code == 0
    assert json.loads(run("notes", "show", "--format", "json").out) == {"notes": notes}


@pytest.mark.parametrize("typed", [b"", b"\n \n"])
def test_an_empty_pipe_does_not_empty_the_notes(manifest: Path, typed: bytes) -> None:
    ran = run("notes", "set", "-", stdin=typed)
    assert (ran.code, "standard input is empty" in ran.err) == (2, True)
    assert manifest.read_text() == FIRST
    assert run("notes", "set", "").code == 0


@pytest.mark.parametrize(
    ("value", "told"), [("true", "true"), ('"true"', '"true"'), ('"12"', '"12"'), ("12", "12")]
)
def test_a_text_that_looks_like_a_number_is_told_as_a_text(
    manifest: Path, value: str, told: str
) -> None:
    assert run("set", f"x-a={value}").out == f"x-a set: {told}\n"


@pytest.mark.parametrize("key", ["depends_on", "depends-on"])
def test_a_key_to_clear_is_spelled_as_the_file_or_the_option_has_it(
    manifest: Path, key: str
) -> None:
    run("packs", "set", "H", "--depends-on", "I")
    assert run("packs", "set", "H", "--clear", key).code == 0
    assert manifest.read_text() == FIRST


def test_an_edit_where_there_is_no_folder_names_the_file(folder: Path) -> None:
    ran = run("-m", "a/b.yaml", "set", "x-a=1")
    assert (ran.code, "error: there is no " in ran.err) == (2, True)
    assert ran.err.rstrip().endswith("a/b.yaml")


def test_complete_twice_with_packs_pending_changes_nothing(manifest: Path) -> None:
    run("complete")
    run("packs", "set", "H", "--status", "pending")
    assert run("complete").out == "nothing to change\n"
    assert run("complete", "--version", "9.0.0").code == 1


def test_a_rename_keeps_the_comments_of_other_lists(manifest: Path) -> None:
    pack = "  - id: X\n    name: Ten\n    status: pending\n    depends_on:\n"
    manifest.write_text(f"{SMALL}{pack}      - H   # because\n      # and\n      - H-2\n")
    run("packs", "add", "H-2", "--name", "Two")
    assert run("packs", "rename", "h", "flow").code == 0
    assert "    depends_on:\n      - flow   # because\n      # and\n      - H-2\n" in (
        manifest.read_text()
    )


@pytest.mark.parametrize("value", ['["a"]', '[{"k": "v"}, {}]', "[[]]", "[]"])
def test_a_list_may_hold_anything_beside_a_mapping(manifest: Path, value: str) -> None:
    manifest.write_text(SMALL + "x-a:\n  - k: v\n")
    assert run("set", f"x-a={value}").code == 0
    assert json.loads(run("get", "x-a", "--format", "json").out) == {"x-a": json.loads(value)}


def test_a_key_that_is_a_mapping_stops_no_edit_in_surprise(manifest: Path) -> None:
    manifest.write_text(SMALL + "? {a: 1}\n: 2\n")
    ran = run("set", "x-a=1")
    assert (ran.code, "VM111" in ran.err) == (1, True)


def test_what_takes_a_lists_place_stands_behind_its_key(manifest: Path) -> None:
    manifest.write_text(SMALL + "x-a:\n  - one\n  - two\nx-b: 1\n")
    run("set", "x-a=yes")
    assert manifest.read_text() == SMALL + 'x-a: "yes"\nx-b: 1\n'


def test_notes_that_are_no_text_change_nothing(manifest: Path) -> None:
    ran = run("notes", "set", "-", stdin=b"\xff")
    assert (ran.code, ran.err) == (2, "error: standard input is not UTF-8; nothing was changed\n")
    assert manifest.read_text() == FIRST


@pytest.mark.parametrize(
    "words", [["complete"], ["notes", "set", "Done"], ["packs", "set", "H", "--name", "Ten"]]
)
def test_nothing_to_change_in_what_is_not_valid_is_no_success(
    manifest: Path, words: list[str]
) -> None:
    done = 'backend_complete: true\ncompleted_at: "2026-01-01T00:00:00Z"\nnotes: Done\n'
    text = SMALL.replace("backend_complete: false\n", done).replace("name: Engine", "name: Ten")
    manifest.write_text(f"{text}bogus: 1\n")
    ran = run(*words)
    assert (ran.code, "is not valid; nothing was changed" in ran.err) == (1, True)
    assert "VM202" in ran.err


def test_notes_that_a_person_wrote_stay(manifest: Path) -> None:
    assert "notes System metadata initialized. → Backend marked as complete" in run("complete").out
    assert "→ Backend marked as incomplete (development mode)" in run("incomplete").out
    run("notes", "set", "Ask Ada first")
    assert "notes" not in run("complete").out
    assert "notes Ask Ada first → Done" in run("complete", "--notes", "Done").out
    assert "notes" not in run("incomplete").out


@pytest.mark.parametrize("command", ["complete", "incomplete"])
def test_a_backend_that_is_so_already_does_not_change(manifest: Path, command: str) -> None:
    run(command)
    manifest.write_text(manifest.read_text().replace("Backend marked", "System marked"))
    before = manifest.read_bytes()
    assert run(command).out == "nothing to change\n"
    assert manifest.read_bytes() == before


def test_the_same_from_python(manifest: Path) -> None:
    with open_manifest(PATH) as opened:
        opened.set_pack("H", **{"x-tier": "gold"})
        opened.set_values({"x-team": ["core", {"since": 2026}]})
        opened.rename_pack("h", "billing-api")
    assert (
        run("get", "x-team", "packs.billing-api.x-tier").out == '["core", {"since": 2026}]\ngold\n'
    )
    with open_manifest(PATH) as opened:
        opened.set_values({}, clear=["x-team"])
    assert "x-team" not in manifest.read_text()


@pytest.mark.parametrize("typed", ["1.10", "0x1F", "+1", "012", "1e3", ".5", "-0", "0o17"])
def test_a_number_that_is_spelled_in_another_way_stays_what_was_typed(
    manifest: Path, typed: str
) -> None:
    manifest.write_text(f"{SMALL}x-api: '{typed}'\n")
    ran = run("set", f"x-api={typed}", "x-new=1")
    assert ran.code == 0
    assert yaml.safe_load(manifest.read_text())["x-api"] == typed
    assert f'x-api is the string "{typed}"; write x-api=' in ran.err


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1.1", 1.1),
        ("-3", -3),
        ("0.00001", 1e-05),
        ("1.0e-05", 1e-05),
        ("0.0", 0.0),
        ("-2.5", -2.5),
    ],
)
def test_a_number_is_a_number_if_that_is_how_it_is_spelled(
    manifest: Path, typed: str, number: float
) -> None:
    ran = run("set", f"x-api={typed}")
    assert (ran.code, ran.err) == (0, "")
    found = yaml.safe_load(manifest.read_text())["x-api"]
    assert (found, type(found)) == (number, type(number))


def test_the_type_of_an_extension_schema_decides_what_a_number_is(manifest: Path) -> None:
    Path("pyproject.toml").write_text('[tool.valhalla-manifest]\nextensions = "types.json"\n')
    types = {"x-text": {"type": "string"}, "x-rate": {"type": "number"}}
    schema = {"definitions": {"manifest": {"properties": types}, "pack": {"properties": types}}}
    Path("types.json").write_text(json.dumps(schema))
    for command in (["set"], ["packs", "set", "H"]):
        ran = run(*command, "x-text=12", "x-rate=1.10")
        assert (ran.code, ran.err) == (0, "")
    data = yaml.safe_load(manifest.read_text())
    for found in (data, data["packs"][0]):
        assert (found["x-text"], found["x-rate"]) == ("12", 1.1)
