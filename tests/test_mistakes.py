"""What a person who made a mistake is told: one problem, at its place, with a way out."""

from __future__ import annotations

import re

import pytest

from tests.conftest import NOW
from tests.support.checking import check
from tests.support.manifests import FIRST, FORMATS, SMALL
from valhalla_manifest.manifest.model import Manifest, Pack
from valhalla_manifest.validation.fix import fix_text

# What is written, and what is said: "line:column code: message [way out]".
MISTAKES = {
    "a text with an issue number": (
        SMALL + "notes: Fixed #12\n",
        [
            "9:14 VM131: the text after # is a comment, not a part of the value [put the value in quotes, or add a space after the #]"
        ],
    ),
    "a text that begins with an issue number": (
        SMALL + "notes: #12 is fixed\n",
        [
            "9:8 VM131: the text after # is a comment, not a part of the value [put the value in quotes, or add a space after the #]"
        ],
    ),
    "a header with its signs swapped": (
        SMALL + "notes: -<\n  text\n",
        [
            "9:8 VM132: -< is read as a part of the value, not as a block string header [write >- or |-]"
        ],
    ),
    "text on the line of the header": (
        SMALL + "notes: |-text\n",
        ["9:8 VM004: text after |- on the same line [move it to the next line and indent it]"],
    ),
    "text on the line of the header, and more below": (
        SMALL + "notes: >-text\n  more\n",
        ["9:8 VM004: text after >- on the same line [move it to the next line and indent it]"],
    ),
    "a text that begins with a word in quotes": (
        SMALL + 'notes: "Fast" mode is on\n',
        ["9:8 VM004: only a part of the value is quoted [put the whole value in quotes]"],
    ),
    "the same in single quotes": (
        SMALL + "notes: 'Search' engine\n",
        ["9:8 VM004: only a part of the value is quoted [put the whole value in quotes]"],
    ),
    "an apostrophe in single quotes": (
        SMALL + "notes: 'It's done'\n",
        [
            "9:8 VM004: the quote ends inside the value [write '' for a quote inside '…', or use \"…\"]"
        ],
    ),
    "a text that begins with brackets": (
        SMALL + "notes: [WIP] do not deploy\n",
        ["9:8 VM004: text after the list that [ opens [put the value in quotes]"],
    ),
    "a template": (
        SMALL + "notes: {{ version }}\n",
        ["9:8 VM111: this template was not rendered [render it, or put it in quotes]"],
    ),
    "a text between asterisks": (
        SMALL + "notes: *important*\n",
        ["9:8 VM004: * starts an alias here [put the value in quotes]"],
    ),
    "a text that begins with an ampersand": (
        SMALL + "notes: &co\n",
        ["9:8 VM106: &co is an anchor [remove it, or put the value in quotes]"],
    ),
    "a quote that is never closed": (
        SMALL + 'notes: "never closed\n',
        ["9:8 VM004: this quote is never closed [close the quote]"],
    ),
    "a path of Windows": (
        SMALL + 'notes: "C:\\Users\\me"\n',
        [
            "9:11 VM004: \\U must be followed by 8 hexadecimal digits [write \\\\ for a backslash, or use '…']"
        ],
    ),
    "curly quotes": (
        SMALL + "notes: \u201cCurly\u201d\n",
        ['9:8 VM133: the curly quotes are a part of the value [write "…" instead]'],
    ),
    "a colon in a text": (
        SMALL + "notes: a: b\n",
        ['9:9 VM004: second ": " on this line [put the value in quotes]'],
    ),
    "a backtick": (
        SMALL + "notes: `x`\n",
        ["9:8 VM004: ` cannot start a value [put the value in quotes]"],
    ),
    "a percent sign": (
        SMALL + "notes: %x\n",
        ["9:8 VM004: % cannot start a value [put the value in quotes]"],
    ),
    "a dash": (
        SMALL + "notes: - a\n",
        ["9:8 VM004: a list cannot start here [start it on a new line]"],
    ),
    "a list for a text": (
        SMALL + "notes: [a, b]\n",
        [
            "9:8 VM203: notes is a list, not a string [write a single string; if it has several lines, start it with |]"
        ],
    ),
    "a mapping for a text": (
        SMALL + "notes: {a: b}\n",
        ["9:8 VM203: notes is a mapping, not a string [write a string]"],
    ),
    "an exclamation mark": (
        SMALL + "notes: !important\n",
        [
            "9:8 VM109: !important is an explicit tag [remove it, and quote the value if it is a string]"
        ],
    ),
    "a colon at the end": (
        SMALL + "notes: text:\n",
        ['9:12 VM004: second ": " on this line [put the value in quotes]'],
    ),
    "two texts in quotes": (
        SMALL + 'notes: "a" "b"\n',
        ["9:8 VM004: only a part of the value is quoted [put the whole value in quotes]"],
    ),
    "two templates": (
        SMALL + "notes: {{ a }}-{{ b }}\n",
        ["9:8 VM004: this template was not rendered [render it, or put it in quotes]"],
    ),
    "a text with two kinds of quotes": (
        SMALL + "notes: 'quoted' and \"more\"\n",
        ["9:8 VM004: only a part of the value is quoted [put the whole value in quotes]"],
    ),
    "one space too much": (
        SMALL.replace("    name: Engine", "     name: Engine"),
        [
            "7:6 VM004: this line is indented by 5 spaces, but its neighbors by 4 [indent it by 4 spaces]"
        ],
    ),
    "one space too few": (
        SMALL.replace("    name: Engine", "   name: Engine"),
        [
            "7:4 VM004: this line is indented by 3 spaces, but its neighbors by 4 [indent it by 4 spaces]"
        ],
    ),
    "a text that begins with a question mark": (
        SMALL + "notes: ? or not\n",
        ["9:8 VM004: a key cannot start with ? here [put the value in quotes]"],
    ),
    "a line indented by no-break spaces alone": (
        SMALL.replace("    name", "\xa0\xa0\xa0\xa0name"),
        ["7:1 VM004: U+00A0 (no-break space) cannot be used for indentation [indent with spaces]"],
    ),
    "a number that some parsers take for a string": (
        SMALL + "x-rate: 1e-05\n",
        [
            '9:9 VM104: plain 1e-05 is a string to some parsers, the number 1e-05 to others [write 1.0e-05 for the number, or "1e-05" for the string]'
        ],
    ),
    "a line indented by a no-break space": (
        SMALL.replace("    name: Engine", "  \xa0 name: Engine"),
        ["7:3 VM004: U+00A0 (no-break space) cannot be used for indentation [indent with spaces]"],
    ),
    "a line indented by a tab": (
        SMALL.replace("    name: Engine", "\tname: Engine"),
        ["7:1 VM004: a tab cannot be used for indentation [indent with spaces]"],
    ),
    "no space behind a dash": (
        SMALL.replace('  - id: "H"', '  -id: "H"'),
        ["6:3 VM004: missing space after - [add a space after the -]"],
    ),
    "a block text that is not indented": (
        SMALL + "notes: |\nSome text here\nmore\n",
        ["10:1 VM004: the block string after | is not indented [indent it by 2 spaces]"],
    ),
    "a comment of another language": (
        SMALL + "// a comment\n",
        ["9:1 VM004: // does not start a comment in YAML [write #]"],
    ),
    "the same in the first line": (
        "// a comment\n" + SMALL,
        ["1:1 VM004: // does not start a comment in YAML [write #]"],
    ),
    "two mistyped keys that must be there": (
        SMALL.replace('schema_version: 1\nversion: "1.0.0"', 'schema_verison: 1\nverison: "1.0.0"'),
        [
            '1:1 VM202: "schema_verison" is not a key of the manifest [did you mean "schema_version"?]',
            '2:1 VM202: "verison" is not a key of the manifest [did you mean "version"?]',
        ],
    ),
    "a dash that was forgotten": (
        FIRST.replace('  - id: "W"', '    id: "W"'),
        ['77:5 VM103: missing - before "id", which starts another item [write - id]'],
    ),
    "a pack pasted twice": (
        SMALL + '  - id: "H"\n    name: Engine\n    status: installed\n',
        [
            '9:9 VM301: duplicate pack id "H"; first used in line 6 [give one of the packs another id]'
        ],
    ),
    "three aliases of one anchor": (
        SMALL + "x-a: &a [1]\nx-b: *a\nx-c: *a\nx-d: *a\n",
        [
            "9:6 VM106: &a is an anchor [remove it]",
            "10:6 VM107: *a is an alias [write out the value]",
        ],
    ),
    "a conflict marker alone": (
        SMALL + "=======\n",
        [
            "9:1 VM008: this merge conflict is not resolved [resolve the conflict and remove the markers]"
        ],
    ),
    "two conflicts": (
        'schema_version: 1\nversion: "1.0.0"\n<<<<<<< HEAD\nbackend_complete: false\nsummary: A platform.\npacks:\n  - id: "H"\n    name: Engine\n    status: installed\n=======\nx-a: 1\n>>>>>>> b\n<<<<<<< HEAD\nx-b: 1\n=======\nx-b: 2\n>>>>>>> b\n',
        [
            "3:1 VM008: this merge conflict is not resolved [resolve the conflict and remove the markers]",
            "13:1 VM008: this merge conflict is not resolved [resolve the conflict and remove the markers]",
        ],
    ),
    "a dependency named twice": (
        FIRST + '    depends_on: ["I", "I"]\n',
        ['81:23 VM309: depends_on lists "I" twice [remove one of them]'],
    ),
    "a key twice": (
        SMALL.replace("    name: Engine", '    id: "H"\n    name: Engine'),
        ['7:5 VM103: duplicate key "id"; first used in line 6 [remove one of them]'],
    ),
    "packs as a mapping": (
        SMALL.replace('  - id: "H"', "  H:"),
        ["6:3 VM203: packs is a mapping, not a list [write its entries as items, each after a -]"],
    ),
    "an empty name": (
        SMALL.replace("    name: Engine", '    name: ""'),
        ["7:11 VM205: name is blank [write a name on one line]"],
    ),
    "a list for a text, on lines of its own": (
        SMALL + "notes:\n  - a\n  - b\n",
        [
            "10:3 VM203: notes is a list, not a string [write a single string; if it has several lines, start it with |]"
        ],
    ),
    "a text for a list": (
        SMALL + "    depends_on: H\n",
        ['9:17 VM203: depends_on is a string, not a list [write ["H"]]'],
    ),
    "a version with two numbers": (
        SMALL.replace('version: "1.0.0"', "version: 1.2"),
        ['2:10 VM203: version is the number 1.2, not a string [write "1.2.0"]'],
    ),
    "a version with two numbers in quotes": (
        SMALL.replace('version: "1.0.0"', 'version: "1.2"'),
        ['2:10 VM205: version is 1.2, not a version of Semantic Versioning [write "1.2.0"]'],
    ),
    "a version with a v": (
        SMALL.replace('version: "1.0.0"', "version: v1.2.0"),
        ['2:10 VM205: version is v1.2.0, not a version of Semantic Versioning [write "1.2.0"]'],
    ),
    "a day for a time": (
        SMALL.replace(
            "backend_complete: false", "backend_complete: true\ncompleted_at: 2026-01-31"
        ),
        [
            '4:15 VM104: plain 2026-01-31 is a date to YAML 1.1 parsers, a string to others [write "2026-01-31T00:00:00Z"]'
        ],
    ),
    "an empty time": (
        SMALL.replace("summary: A platform.", 'completed_at: ""\nsummary: A platform.'),
        ["4:15 VM205: completed_at is blank [write null]"],
    ),
    "a web page": (
        "<!DOCTYPE html>\n<html><body>404</body></html>\n",
        ["1:1 VM011: the file is not YAML but HTML or XML [is this the manifest?]"],
    ),
    "a pointer of Git LFS": (
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n",
        ["1:1 VM011: the file is not YAML but a Git LFS pointer [run `git lfs pull`]"],
    ),
    "a TOML table": (
        '[project]\nname = "Billing"\n',
        ["1:1 VM011: the file is not YAML but TOML [write key: value]"],
    ),
    "TOML": (
        'schema_version = 1\nversion = "1.0.0"\n[packs]\nid = "H"\n',
        ["1:1 VM011: the file is not YAML but TOML [write key: value]"],
    ),
    "a fence of Markdown": (
        f"```yaml\n{SMALL}```\n",
        ["1:1 VM011: the file is not YAML but Markdown [remove the ``` lines around the manifest]"],
    ),
    "an encrypted file": (
        "$ANSIBLE_VAULT;1.1;AES256\n3133\n",
        ["1:1 VM011: the file is not YAML but encrypted (Ansible Vault) [decrypt it]"],
    ),
    "a template for a version": (
        SMALL.replace('version: "1.0.0"', "version: {{ version }}"),
        ["2:10 VM111: this template was not rendered [render it, or put it in quotes]"],
    ),
    "no space behind a colon": (
        SMALL.replace("    name: Engine", "    name:Engine"),
        ["7:9 VM004: missing space after : [add a space after the :]"],
    ),
    "no colon": (
        SMALL.replace("    name: Engine", "    name Engine"),
        ['7:5 VM004: key without ":" [write "key: value"]'],
    ),
    "an equals sign": (
        SMALL.replace("    name: Engine", "    name = Engine"),
        ['7:5 VM004: key without ":" [write "key: value"]'],
    ),
    "a quote that another one closes": (
        SMALL.replace(
            "    name: Engine\n    status: installed",
            '    name: "Engine\n    status: installed\nx-a: "b"\nx-c: d',
        ),
        ["7:11 VM004: this quote is never closed [close the quote]"],
    ),
}


def told(data: bytes) -> list[str]:
    """Return the problems of a text, as a line each."""
    return [
        f"{found.line}:{found.column} {found.code}: {found.message} [{found.hint}]"
        for found in check(data, now=NOW).problems
    ]


@pytest.mark.parametrize(("text", "problems"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_once_at_its_place_with_a_way_out(text: str, problems: list[str]) -> None:
    assert told(text.encode()) == problems


def test_an_encrypted_file_is_named_as_such() -> None:
    (line,) = told(b"\0GITCRYPT\0\x12\xff")
    assert line == (
        "1:1 VM011: the file is not YAML but encrypted (git-crypt) [run `git-crypt unlock`]"
    )


@pytest.mark.parametrize("text", [text for text, _ in MISTAKES.values()], ids=MISTAKES)
def test_fix_writes_nothing_where_it_would_have_to_guess(text: str) -> None:
    assert fix_text(text) == text


def test_no_hint_gives_an_example_of_the_schema_as_advice() -> None:
    """A value made up would replace what the person wrote."""
    values = {
        str(example)
        for model in (Manifest, Pack)
        for field in model.model_fields.values()
        for example in field.examples or ()
        if isinstance(example, str) and " " in example
    }
    assert values
    hints = [line for _, lines in MISTAKES.values() for line in lines]
    assert not [line for line in hints if any(value in line for value in values)]


# Characters that a finger slips to.
SLIPS = list("\"':-#[]{},|>&*!%@`?\\ \n\tax0.")
STEP = 5  # every fifth place of each manifest


def damaged(text: str, place: int, char: str) -> list[str]:
    """Return a text with one character deleted, inserted, doubled, or two swapped."""
    before, here, after = text[:place], text[place], text[place + 1 :]
    return [
        before + after,
        before + char + here + after,
        before + here + here + after,
        before + after[:1] + here + after[1:],
    ]


@pytest.mark.slow
def test_damage_of_one_character_gives_at_most_two_problems_the_first_at_its_line() -> None:
    """For 95 of 100 damaged texts; the others are listed in docs/reliability.md by their kinds."""
    refused, right = 0, 0
    for number, text in enumerate(each.text() for each in FORMATS.values()):
        if check(text.encode(), now=NOW).problems:
            continue
        for place in range(number % STEP, len(text), STEP):
            line = text.count("\n", 0, place) + 1
            for mutant in damaged(text, place, SLIPS[place % len(SLIPS)]):
                checked = check(mutant.encode(), now=NOW)
                first = next(iter(checked.problems), None)
                if not checked.errors or first is None:
                    continue
                refused += 1
                right += len(checked.problems) <= 2 and abs(first.line - line) <= 1
    assert refused > 1_000
    assert right / refused >= 0.95


def test_no_sentence_of_the_parser_reaches_a_person() -> None:
    """Its words are about tokens and contexts, and one is misspelled."""
    of_libyaml = re.compile("did not find|hexdecimal|while (?:scanning|parsing)|found (?:a|un)")
    hints = [line for _, lines in MISTAKES.values() for line in lines]
    assert not [line for line in hints if of_libyaml.search(line)]


@pytest.mark.parametrize("line", ["x-a=b: 1", "x-a =b: 1", 'x-a="b": 1', "# one\nx-a=b:"])
def test_a_key_with_an_equals_sign_is_no_toml(line: str) -> None:
    assert not check(f"{line}\n{SMALL}".encode(), now=NOW).errors
