"""The extension schema: types for extension keys, and its effect on every command."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW, examples, git, run
from tests.support.checking import check
from tests.support.manifests import SMALL
from valhalla_manifest.manifest import extensions
from valhalla_manifest.manifest.json_schema import json_schema
from valhalla_manifest.validation.rule_settings import RuleSettings

LINK = {"type": "string", "pattern": "^https://"}
SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "definitions": {
        "manifest": {
            "properties": {"x-team": {"type": "string", "minLength": 2, "description": "Who."}},
            "required": ["x-team"],
        },
        "pack": {
            "properties": {
                "x-tier": {"enum": ["gold", "silver"]},
                "x-port": {"type": "integer", "maximum": 65535},
                "x-links": {"type": "array", "items": {"$ref": "#/definitions/link"}},
                "x-host": {"type": "object", "additionalProperties": False,
                           "properties": {"name": {"type": "string"}}},
            },
            "patternProperties": {"^x-note-": {"type": "string"}},
            "additionalProperties": False,
        },
        "link": LINK,
    },
}  # fmt: skip
PLACE = "schemas/extensions.schema.json"


def use(schema: Any) -> None:
    """Configure an extension schema for the project in the working directory."""
    Path("schemas").mkdir(exist_ok=True)
    Path(PLACE).write_text(schema if isinstance(schema, str) else json.dumps(schema))
    Path("pyproject.toml").write_text(f'[tool.valhalla-manifest]\nextensions = "{PLACE}"\n')


def own(top: str = 'x-team: "core"', pack: str = "x-tier: gold") -> str:
    """Return a manifest with an extension key at the top level and one in its first pack."""
    head, first, rest = SMALL.partition("    status: installed\n")
    return f"{head}{first}    {pack}\n{rest}{top}\n"


@pytest.fixture
def project(folder: Path) -> Path:
    (folder / "manifest").mkdir(exist_ok=True)
    use(SCHEMA)
    path = folder / "manifest/system.yaml"
    path.write_text(own())
    return path


def test_extension_keys_that_match_the_schema_are_valid(project: Path) -> None:
    assert run("validate").out == "manifest/system.yaml is valid\n"
    Path("pyproject.toml").unlink()
    project.write_text(own("x-team: 7", "x-whatever: [1]"))
    assert run("validate").code == 0  # without a schema they may have any value


@pytest.mark.parametrize(
    ("top", "pack", "at", "says", "hint"),
    [
        ("x-team: 7", "x-port: 1", "x-team: ", "x-team is the number 7, not a string",
         'quote it: "7"'),
        ("x-team: a", "x-port: 1", "x-team: ", "x-team is shorter than 2 characters", None),
        ("x-team: ab", "x-tier: glod", "x-tier: ", "x-tier is glod, not gold or silver",
         'did you mean "gold"?'),
        ("x-team: ab", "x-tier: 1", "x-tier: ", "x-tier is 1, not gold or silver",
         "write gold or silver"),
        ("x-team: ab", "x-port: 70000", "x-port: ", "x-port is 70000, above 65535", None),
        ("x-team: ab", "x-port: true", "x-port: ", "x-port is true, not an integer",
         "write an integer"),
        ("x-team: ab", 'x-links: ["https://a", "ftp://b"]', 'x-links: ["https://a", ',
         "item 2 of x-links is ftp://b, which does not match ^https://", None),
        ("x-team: ab", "x-teir: gold", "    ", '"x-teir" is not in the extension schema',
         'did you mean "x-tier"?'),
        ("x-team: ab", "x-host: {nam: a}", "x-host: {", '"nam" is not in the extension schema',
         'did you mean "name"?'),
        ("x-team: ab", "x-note-a: 1", "x-note-a: ", "x-note-a is the number 1, not a string",
         'quote it: "1"'),
        ("x-other: ab", "x-port: 1", "", '"x-team" is missing', "add x-team"),
    ],
)  # fmt: skip
def test_each_violation_is_reported_at_its_place(
    project: Path, *, top: str, pack: str, at: str, says: str, hint: str | None
) -> None:
    text = own(top, pack)
    project.write_text(text)
    report = json.loads(run("validate", "--format", "json").out)
    (problem,) = report["files"][0]["problems"]
    assert (problem["code"], problem["message"], problem["hint"]) == ("VM208", says, hint)
    offset = text.index(at) + len(at) if at.strip() else text.index(pack if at else "schema")
    lines = text[:offset].split("\n")
    assert (problem["line"], problem["column"]) == (len(lines), len(lines[-1]) + 1)


def test_a_missing_key_of_a_damaged_file_may_be_in_the_damaged_part(project: Path) -> None:
    project.write_text(own('x-team: "core'))
    assert "VM208" not in run("validate").out


def test_the_rule_can_be_lowered(project: Path) -> None:
    project.write_text(own("x-team: 7"))
    with Path("pyproject.toml").open("a") as settings:
        settings.write('warn = ["VM208"]\n')
    ran = run("validate")
    assert ran.code == 0
    assert "warning VM208" in ran.out


def test_an_edit_must_match_the_extension_schema(project: Path) -> None:
    use({"definitions": {"pack": {"required": ["x-tier"]}}})
    ran = run("packs", "add", "X", "--name", "Another")
    assert ran.code == 1
    assert 'VM208: "x-tier" is missing' in ran.err


def nested(times: int) -> str:
    """Return an extension schema with this many nested schemas, as JSON."""
    return '{"definitions": {"pack": ' + '{"not": ' * times + "{}" + "}" * times + "}}"


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ("{", "it is not JSON"),
        ("[]", 'it needs "manifest" or "pack" in "definitions"'),
        ('{"definitions": {"packs": {}}}', 'it needs "manifest" or "pack"'),
        ('{"definitions": {"pack": {"minimum": NaN}}}', "NaN is not a JSON number"),
        ('{"definitions": {"pack": ' + "[" * 100_000, "it is nested too deeply"),
        (" " * 300_000, "it is larger than 256 KiB"),
        ({"$schema": "https://json-schema.org/draft/2020-12/schema", "definitions": {"pack": {}}},
         "its $schema is not draft-07"),
        ({"properties": {"x-a": {}}, "definitions": {"pack": {}}}, "/properties has no effect"),
        ({"definitions": {"pack": {"properties": {"status": {}}}}},
         "/definitions/pack/properties: 'status' does not begin with x-"),
        ({"definitions": {"manifest": {"required": ["notes"]}}}, "'notes' does not begin with x-"),
        ({"definitions": {"pack": {"patternProperties": {"a": {}}}}}, "does not begin with ^x-"),
        ({"definitions": {"pack": {"additionalProperties": {"type": "string"}}}},
         "/definitions/pack/additionalProperties must be true or false"),
        ({"definitions": {"pack": []}}, "/definitions/pack must be an object"),
        ({"definitions": {"pack": {"properties": {"x-a": {"$ref": "https://example.com/a"}}}}},
         "'https://example.com/a' is outside #/definitions/"),
        ({"definitions": {"pack": {"properties": {"x-a": {"$ref": "#"}}}}}, "'#' is outside"),
        ({"definitions": {"pack": {"allOf": [{"$ref": "#/definitions/no"}]}}},
         "'#/definitions/no' does not point to a schema"),
        ({"definitions": {"pack": {"$id": "https://example.com/"}}}, "remove it"),
        ({"definitions": {"pack": {"properties": {"x-a": {"type": "text"}}}}},
         "/definitions/pack/properties/x-a/type is not valid in draft-07"),
        ({"definitions": {"pack": {"properties": {"x-a": {"pattern": "(?=a)"}}}}},
         "'(?=a)' cannot be matched in linear time"),
        ({"definitions": {"pack": {"properties": {"x-a": {"pattern": "("}}}}},
         "'(' cannot be matched in linear time: it is incomplete"),
        ({"definitions": {"pack": {"properties": {"x-a": {"pattern": "(?i)a"}}}}},
         "'(?i)a' uses syntax that JavaScript or Python does not"),
        ({"definitions": {"pack": {"properties": {"x-a": {"pattern": "[[:alpha:]]"}}}}},
         "uses syntax that JavaScript or Python does not"),
        ({"definitions": {"a": {"default": {}}, "pack": {"allOf": [
            {"$ref": "#/definitions/a/default"}]}}}, "'#/definitions/a/default' does not point"),
        ({"definitions": {"pack": {"const": "\ud800"}}}, "it contains an unpaired surrogate"),
        ({"definitions": {"pack": {"required": 5}}}, "/definitions/pack/required is not valid"),
        ({"definitions": {"pack": {"properties": 7}}}, "/definitions/pack/properties is not valid"),
        ({"definitions": {"pack": {"allOf": 5, "additionalProperties": False}}}, "/allOf is not"),
        ('{"definitions": {"pack": {"required": ["x-a"]}, "pack": {}}}', "duplicate key"),
        ({"definitions": {"pack": {"properties": {"x-a": {"$ref": "#/definitions/pack/required"}},
                                   "required": ["x-a"]}}}, "/pack/required' does not point to"),
        ({"definitions": {"pack": {"properties": {"x-a": {"properties": {
            "default": {"$ref": "#/definitions/no"}}}}}}}, "'#/definitions/no' does not point"),
        ({"definitions": {"pack": {"properties": {"x-a": {"properties": {
            "default": {"pattern": "(?=a)"}}}}}}}, "'(?=a)' cannot be matched"),
        (nested(120), "it is nested too deeply"),
        (nested(300), "it is nested too deeply"),
        (nested(20_000), "it is nested too deeply"),
    ],
)  # fmt: skip
def test_an_unusable_schema_is_reported(project: Path, schema: Any, says: str) -> None:
    use(schema)
    ran = run("validate")
    assert ran.code == 2
    assert ran.err.startswith("error: cannot use ")
    assert says in ran.err


def test_a_missing_schema_is_reported(project: Path) -> None:
    Path(PLACE).unlink()
    ran = run("status")
    assert ran.code == 2
    assert f"{PLACE}: no such file or directory" in ran.err


@pytest.mark.parametrize(
    "patterns",
    [
        [f"^x-[^a]{{{9000 + number}}}0$" for number in range(150)],
        ["^x-(?:[^a]{90}){90}0$"],
        ["^x-(?:.{ 90 }){,90}0$"],
        [f"^x-{number}" for number in range(700)],
    ],
    ids=["many", "nested", "spaces", "short"],
)
def test_patterns_that_need_much_memory_are_refused(project: Path, patterns: list[str]) -> None:
    use({"definitions": {"manifest": {"patternProperties": dict.fromkeys(patterns, True)}}})
    ran = run("validate")
    assert ran.code == 2
    assert "its patterns are too large; use fewer patterns or smaller repetitions" in ran.err


def test_a_hundred_usual_patterns_are_accepted(project: Path) -> None:
    hosts = [rf"^x-{number}-[a-z0-9]{{1,63}}(?:\.[a-z]{{2,63}})+$" for number in range(100)]
    use({"definitions": {"manifest": {"patternProperties": dict.fromkeys(hosts, True)}}})
    assert run("validate").code == 0


def test_a_regular_expression_takes_linear_time(project: Path) -> None:
    use({"definitions": {"manifest": {"properties": {"x-team": {"pattern": "^(a+)+$"}}}}})
    project.write_text(own(f"x-team: {'a' * 5000}b"))
    assert "does not match ^(a+)+$" in run("validate").out


@pytest.mark.parametrize(
    ("part", "line", "says"),
    [
        ({"dependencies": {"x-a": ["x-b"]}}, "x-a: 1", '"x-b" is missing'),
        ({"dependencies": {"x-a": {"required": ["x-c"]}}}, "x-a: 1", '"x-c" is missing'),
        ({"properties": {"x-a": False}}, "x-a: 1", "x-a is not allowed"),
        ({"properties": {"x-a": {"enum": ["b"]}}}, 'x-a: ""', 'x-a is "", not b'),
        ({"properties": {"x-a": {"pattern": "^a$"}}}, 'x-a: "a\\n"', 'x-a is "a\\n", which'),
        ({"propertyNames": {"enum": ["x-a"]}}, "x-a: 1",
         "restrict the extension schema to keys that begin with x-"),
    ],
)  # fmt: skip
def test_other_keywords_are_reported_too(
    project: Path, part: dict[str, Any], line: str, says: str
) -> None:
    use({"definitions": {"manifest": part}})
    project.write_text(f"{SMALL}{line}\n")
    ran = run("validate")
    assert (ran.code, says in ran.out) == (1, True)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a?){200}a{200}$", "^a$"])
def test_schema_check_agrees_with_validate_in_linear_time(project: Path, pattern: str) -> None:
    use({"definitions": {"manifest": {"properties": {"x-a": {"pattern": pattern}}}}})
    run("schema", "export")
    project.write_text(f'{SMALL}x-a: "{"a" * 60}!\\n"\n')
    ran = run("schema", "check")
    assert (ran.code, "does not match system.schema.json at /x-a (pattern)" in ran.err) == (
        1,
        True,
    )
    assert run("validate").code == 1


@pytest.mark.parametrize(
    "definitions",
    [
        {"pack": {"$ref": "#/definitions/pack"}},
        {"pack": {"allOf": [{"$ref": "#/definitions/a0"}]}}
        | {
            f"a{number}": {"allOf": [{"$ref": f"#/definitions/a{number + 1}"}] * 2}
            for number in range(40)
        }
        | {"a40": {}},
    ],
    ids=["circle", "doubling"],
)
def test_an_endless_schema_is_one_problem(project: Path, definitions: dict[str, Any]) -> None:
    use({"definitions": definitions})
    ran = run("validate")
    assert ran.code == 1
    assert "checking this manifest against the extension schema takes too many steps" in ran.out
    run("schema", "export")
    assert "takes too many steps" in run("schema", "check").err


def test_a_keyword_takes_more_steps_for_a_long_value(project: Path) -> None:
    doubled = {f"a{at}": {"allOf": [{"$ref": f"#/definitions/a{at + 1}"}] * 2} for at in range(8)}
    part = {"properties": {"x-a": {"$ref": "#/definitions/a0"}}}
    use({"definitions": {"manifest": part, **doubled, "a8": {"uniqueItems": True}}})
    project.write_text(f"{SMALL}x-a: [{', '.join(map(str, range(50_000)))}]\n")
    assert "takes too many steps" in run("validate").out
    project.write_text(f"{SMALL}x-a: [{', '.join(map(str, range(500)))}]\n")
    assert run("validate").code == 0


@pytest.mark.parametrize(
    ("part", "value", "code"),
    [
        ({"items": True, "additionalItems": False}, "[1]", 0),
        ({"items": False, "additionalItems": True}, "[]", 0),
        ({"items": False}, "[1]", 1),
        ({"items": [{}], "additionalItems": False}, "[1, 2]", 1),
        ({"propertyNames": {"anyOf": [True]}}, "{b: 1}", 0),
        ({"propertyNames": {"anyOf": [{"enum": [["b"], None, "be"]}]}}, "{x-b: 1}", 1),
        ({"multipleOf": 0.5}, "1.0e+300", 0),
        ({"multipleOf": 0.1}, "0.3", 0),
        ({"multipleOf": 2}, "3", 1),
        ({"pattern": "^\\d$"}, "'\u0663'", 1),
    ],
)
def test_every_schema_gives_a_result(
    project: Path, part: dict[str, Any], value: str, code: int
) -> None:
    use({"definitions": {"manifest": {"properties": {"x-a": part}}}})
    project.write_text(f"{SMALL}x-a: {value}\n")
    ran = run("validate")
    assert (ran.code, "VM208" in ran.out) == (code, code == 1), ran.err


@pytest.mark.parametrize("value", ["9" * 5000, ".inf", "-.inf"])
def test_a_number_that_parsers_cannot_represent_is_one_problem(project: Path, value: str) -> None:
    use({"definitions": {"manifest": {"properties": {"x-a": {"multipleOf": 2}}}}})
    project.write_text(f"{SMALL}x-a: {value}\n")
    ran = run("validate")
    assert (ran.code, ran.err) == (1, "1 error\n")


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ("1, 1.0", 1),
        ("1, true", 0),
        ("[0], [false]", 0),
        ("true, [1]", 0),
        ("[false], [0], false", 0),
    ],
)
def test_items_are_compared_as_in_json_schema(project: Path, items: str, code: int) -> None:
    use({"definitions": {"manifest": {"properties": {"x-a": {"uniqueItems": True}}}}})
    project.write_text(f"{SMALL}x-a: [{items}]\n")
    assert run("validate").code == code


@pytest.mark.parametrize(
    "reference", ["#/definitions/a%20b", "#/definitions/a b", "#/definitions/c/allOf/0"]
)
def test_a_reference_may_point_anywhere_in_the_schema(project: Path, reference: str) -> None:
    text = {"type": "string"}
    part = {"properties": {"x-a": {"$ref": reference}}}
    use({"definitions": {"manifest": part, "a b": text, "c": {"allOf": [text]}}})
    project.write_text(f"{SMALL}x-a: 1\n")
    assert "x-a is the number 1, not a string" in run("validate").out


def test_without_jsonschema_the_error_names_the_extra(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(
        sys.modules, "valhalla_manifest.validation.bounded_json_schema", raising=False
    )
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    ran = run("validate")
    assert ran.code == 2
    assert (
        "an extension schema needs jsonschema; run `pip install 'valhalla-manifest[schema]'`"
        in ran.err
    )


def test_the_exported_schema_has_the_types_for_every_editor(project: Path) -> None:
    assert run("schema", "export").code == 0
    assert run("schema", "check").code == 0
    written = json.loads(Path("schemas/system.schema.json").read_text())
    assert (
        written["definitions"]["extension-manifest"]["properties"]["x-team"]["description"]
        == "Who."
    )
    use({"definitions": {"pack": {}}})
    assert run("schema", "check").code == 1  # it has drifted


POLICY = RuleSettings(extensions=extensions.parse(SCHEMA))
EXPORTED = jsonschema.Draft7Validator(json_schema(POLICY.extensions))
values = st.recursive(
    st.sampled_from(["gold", "ab", "a", "https://a", "", 1, 70000, True, None, 1.5]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "nam", "x-a"]), inner, max_size=2)
    ),
    max_leaves=4,
)
NAMES = ["x-team", "x-tier", "x-port", "x-links", "x-host", "x-note-a", "x-teir"]
own_keys = st.dictionaries(st.sampled_from(NAMES), values, max_size=4)


@given(own_keys, own_keys)
@examples(200)
def test_tool_and_exported_schema_agree(top: dict[str, Any], pack: dict[str, Any]) -> None:
    text = SMALL.replace("    status: installed\n", "    status: installed\n@", 1)
    lines = "".join(f"    {name}: {json.dumps(value)}\n" for name, value in pack.items())
    text = text.replace("@", lines) + "".join(
        f"{name}: {json.dumps(value)}\n" for name, value in top.items()
    )
    found = check(text.encode(), now=NOW, rule_settings=POLICY)
    assert {problem.code for problem in found.errors} <= {"VM208"}
    assert EXPORTED.is_valid(found.data) is (not found.errors)


def test_earlier_revisions_are_not_checked_against_the_extension_schema(
    repository: Path, manifest: Path
) -> None:
    use(SCHEMA)
    assert run("validate").code == 1
    with manifest.open("a") as file:
        file.write("x-team: core\n")
    assert run("validate", "--against", "HEAD").code == 0
    assert run("diff").out == "x-team set: core\n"
    assert run("status", "--at", "HEAD").code == 0
    git("commit", "-qam", "a team")
    entries = json.loads(run("history", "--format", "json").out)["revisions"]
    assert [entry["valid"] for entry in entries] == [True, True]


def test_extension_keys_appear_in_every_report(repository: Path, project: Path) -> None:
    git("add", "-A")
    git("commit", "-qm", "own keys")
    extra = json.loads(run("status", "--format", "json").out)["extra"]
    assert extra["x-team"] == "core"
    assert "x-team       core\n" in run("status").out
    assert "- x-team: core" in run("status", "--format", "markdown").out
    assert "<dt>x-team</dt><dd>core</dd>" in run("status", "--format", "html").out
    assert run("get", "x-team", "packs.H.x-tier").out == "core\ngold\n"
    assert "x-team" in run("blame").out
