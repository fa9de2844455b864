"""Hostile and broken manifests, each with the code, line and column of its first problem.

A valid manifest has None instead. Large manifests are generated here, not stored.
"""

from __future__ import annotations

from tests.support.manifests import SMALL

FirstProblem = tuple[str, int, int] | None
Case = tuple[str | bytes, FirstProblem]


def _replace(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


def _set_name(value: str) -> str:
    return _replace("name: Engine", f"name: {value}")


def _set_version(value: str) -> str:
    return _replace('version: "1.0.0"', f"version: {value}")


def _append(text: str) -> str:
    return SMALL + text


def _complete_at(at: str) -> str:
    return _replace("backend_complete: false", f"backend_complete: true\ncompleted_at: {at}")


def _billion_laughs() -> str:
    rows = ['x-a: &a ["lol"]\n']
    for name, below in zip("bcdefghij", "abcdefghi", strict=True):
        rows.append(f"x-{name}: &{name} [{', '.join([f'*{below}'] * 9)}]\n")
    return _append("".join(rows))


SYNTAX: dict[str, Case] = {
    "a quote that is never closed": (_set_name('"Engine'), ("VM004", 7, 11)),
    "a single quote that is never closed": (_set_name("'Engine"), ("VM004", 7, 11)),
    "a bracket that is never closed": (_append("x-a: [1, 2\n"), ("VM004", 9, 6)),
    "a brace that is never closed": (_append("x-a: {b: 1\n"), ("VM004", 9, 6)),
    "a bracket too many": (_append("x-a: [1]]\n"), ("VM004", 9, 9)),
    "a brace for a bracket": (_append("x-a: [1}\n"), ("VM004", 9, 6)),
    "a comma alone": (_append("x-a: ,\n"), ("VM004", 9, 6)),
    "a tab as indentation": (_replace("    name", "\tname"), ("VM004", 7, 1)),
    "a key after a closed quote": (
        _set_version('"1.0.0"dbackend_complete: false'),
        ("VM004", 2, 10),
    ),
    "hexadecimal digits after a closed quote": (_append('x-b: "c" dead\n'), ("VM004", 9, 6)),
    "an escape beyond Unicode": (_append('x-b: "\\U00110000"\n'), ("VM004", 9, 9)),
    "a quoted line indented by a no-break space": (
        _append('x-b: "c\n\u00a0 d"\n'),
        ("VM113", 10, 1),
    ),
    "a quoted line indented by an ideographic space": (
        _append('x-b: "c\n\u3000d"\n'),
        ("VM113", 10, 1),
    ),
    "an item indented by a no-break space": (_append("x-b: [c,\n\u00a0d]\n"), ("VM113", 10, 1)),
    "a colon in a plain string": (_set_name("Engine: the first"), ("VM004", 7, 17)),
    "an at sign": (_set_name("@home"), ("VM004", 7, 11)),
    "a backtick": (_set_name("`home`"), ("VM004", 7, 11)),
    "a percent sign": (_set_name("%TAG"), ("VM004", 7, 11)),
    "an asterisk": (_set_name("* star"), ("VM004", 7, 11)),
    "an ampersand": (_set_name("& more"), ("VM004", 7, 11)),
    "less indentation than the block": (_replace("    status", "   status"), ("VM004", 8, 4)),
    "more indentation than the block": (_replace("    status", "     status"), ("VM004", 8, 12)),
    "a list in a line": (_set_name("- one"), ("VM004", 7, 11)),
    "a key without a colon": (_append("x-a\n"), ("VM004", 9, 1)),
    "an escape that YAML does not know": (_set_name(r'"\q"'), ("VM004", 7, 12)),
    "a string after a quoted one": (_set_name('"a" b'), ("VM004", 7, 11)),
    "an unknown directive": ("%FOO bar\n---\n" + SMALL, ("VM004", 1, 1)),
    "a document end in the middle": (_replace("summary:", "...\nsummary:"), ("VM004", 5, 1)),
}

ENCODING: dict[str, Case] = {
    "UTF-16 with a mark": (SMALL.encode("utf-16"), ("VM003", 1, 1)),
    "UTF-16 big-endian": (b"\xfe\xff" + SMALL.encode("utf-16-be"), ("VM003", 1, 1)),
    "UTF-16 without a mark": (SMALL.encode("utf-16-le"), ("VM003", 1, 1)),
    "UTF-32": (SMALL.encode("utf-32-le"), ("VM003", 1, 1)),
    "Latin-1": (_set_name("Köln").encode("latin-1"), ("VM003", 7, 12)),
    "a byte that is never UTF-8": (_set_name("En\xff").encode("latin-1"), ("VM003", 7, 13)),
    "a character cut in two": (_set_name("€").encode()[:-30] + b"\xe2\x82", ("VM003", 7, 7)),
    "an overlong slash": (SMALL.encode().replace(b"Engine", b"\xc0\xaf"), ("VM003", 7, 11)),
    "an encoded surrogate": (SMALL.encode().replace(b"Engine", b"\xed\xa0\x80"), ("VM003", 7, 11)),
    "past the last code point": (
        SMALL.encode().replace(b"Engine", b"\xf4\x90\x80\x80"),
        ("VM003", 7, 11),
    ),
    "a byte-order mark": ("\ufeff" + SMALL, None),
    "two byte-order marks": ("\ufeff\ufeff" + SMALL, ("VM101", 1, 1)),
    "a byte-order mark inside": (_set_name("En\ufeffgine"), ("VM101", 7, 13)),
    "CRLF": (SMALL.replace("\n", "\r\n"), None),
    "a carriage return alone": (SMALL.replace("\n", "\r"), ("VM101", 1, 18)),
    "a carriage return in a string": (_set_name("En\rgine"), ("VM101", 7, 13)),
    "no line break at the end": (SMALL.rstrip("\n"), None),
    "emoji": (_set_name("Engine 🚀"), None),
    "many scripts": (_set_name("Двигатель 引擎 محرك"), None),
    "combining characters": (_set_name("e\u0301ngine"), None),
}

LIMITS: dict[str, Case] = {
    "nothing": ("", ("VM006", 1, 1)),
    "a line break": ("\n", ("VM006", 1, 1)),
    "a comment": ("# nothing\n", ("VM006", 1, 1)),
    "a document start": ("---\n", ("VM006", 1, 1)),
    "null": ("null\n", ("VM203", 1, 1)),
    "a string": ("manifest\n", ("VM203", 1, 1)),
    "a list": ("- a\n", ("VM203", 1, 1)),
    "an empty mapping": ("{}\n", ("VM201", 1, 1)),
    "larger than 16 MiB": (SMALL.encode() + b"#" * (16 << 20), ("VM002", 1, 1)),
    "a comment of 8 MiB": (_append("# " + "x" * (8 << 20) + "\n"), None),
    "a string of 8 MiB": (_append("x-a: " + "x" * (8 << 20) + "\n"), None),
    "64 deep": (_append("x-a: " + "[" * 63 + "]" * 63 + "\n"), None),
    "65 deep": (_append("x-a: " + "[" * 64 + "]" * 64 + "\n"), ("VM005", 9, 69)),
    "100 000 brackets": (_append("x-a: " + "[" * 100_000 + "\n"), ("VM005", 9, 69)),
    "100 000 braces": (_append("x-a: " + "{a: " * 100_000 + "\n"), ("VM005", 9, 258)),
    "1 000 levels of blocks": (
        "".join(" " * depth + "a:\n" for depth in range(1_000)),
        ("VM202", 1, 1),
    ),
    "20 000 open quotes": (_append('x-a: "\n' * 20_000), ("VM113", 10, 1)),
    "20 000 broken lines": (_append("x: y: z\n" * 20_000), ("VM004", 9, 5)),
    "30 000 keys": (_append("".join(f"x-{n}: {n}\n" for n in range(30_000))), None),
    "a key 5 000 times": (_append("x-a: 1\n" * 5_000), ("VM103", 10, 1)),
    "a number of 100 000 digits": (_append("x-a: " + "9" * 100_000 + "\n"), ("VM105", 9, 6)),
    "notes of 10 000 characters": (_append("notes: " + "n" * 10_000 + "\n"), None),
    "notes of 10 001 characters": (_append("notes: " + "n" * 10_001 + "\n"), ("VM206", 9, 8)),
    "a name of 120 characters": (_set_name("n" * 120), None),
    "a name of 121 characters": (_set_name("n" * 121), ("VM206", 7, 11)),
    "a summary of 4 001 characters": (_replace("A platform.", "s" * 4_001), ("VM206", 4, 10)),
    "250 000 values": (_append("x-a: [" + "1," * 249_979 + "]\n"), None),
    "more than 250 000 values": (
        _append("x-a: [" + "1," * 1_000_000 + "]\n"),
        ("VM009", 9, 499_967),
    ),
    "8 million problems": (_append("#\x01" * (8_000_000)), ("VM101", 9, 2)),
    "16 million lines": (_append("\n" * (16_700_000)), None),
    "3 million keys twice": (_append("x-a: 1\n" * (2_300_000)), ("VM103", 10, 1)),
    "a billion laughs": (_billion_laughs(), ("VM106", 9, 6)),
}

REFERENCES: dict[str, Case] = {
    "an anchor": (_set_name("&a Engine"), ("VM106", 7, 11)),
    "an alias": (_append("x-a: &a 1\nx-b: *a\n"), ("VM106", 9, 6)),
    "an alias of nothing": (_append("x-b: *a\n"), ("VM107", 9, 6)),
    "an anchor that holds itself": (_append("x-a: &a [*a]\n"), ("VM106", 9, 6)),
    "a merge key": (_append("<<: {x-a: 1}\n"), ("VM108", 9, 1)),
    "a merge of an alias": (_append("x-a: &a {x-b: 1}\n<<: *a\n"), ("VM106", 9, 6)),
    "a string tag": (_set_name("!!str 12"), ("VM109", 7, 11)),
    "a Python tag": (_append('x-a: !!python/object/apply:os.system ["id"]\n'), ("VM109", 9, 6)),
    "a Ruby tag": (_append("x-a: !ruby/object:Gem::Installer {}\n"), ("VM109", 9, 6)),
    "a verbatim tag": (_append("x-a: !<tag:yaml.org,2002:js/function> 'x'\n"), ("VM109", 9, 6)),
    "a binary tag": (_append("x-a: !!binary aGk=\n"), ("VM109", 9, 6)),
    "a set tag": (_append("x-a: !!set {a}\n"), ("VM109", 9, 6)),
    "a tag alone": (_set_name("! Engine"), ("VM109", 7, 11)),
    "a key twice": (_append("version: 2.0.0\n"), ("VM103", 9, 1)),
    "a key twice, once quoted": (_append('"version": 2.0.0\n'), ("VM103", 9, 1)),
    "a key twice in a pack": (_append("    status: pending\n"), ("VM103", 9, 5)),
    "a key twice in flow": (_append("x-a: {b: 1, b: 2}\n"), ("VM103", 9, 13)),
    "a YAML 1.1 directive": ("%YAML 1.1\n---\n" + SMALL, ("VM110", 1, 1)),
    "a tag directive": ("%TAG ! tag:x,2026:\n---\n" + SMALL, ("VM110", 1, 1)),
    "two documents": (_append("---\n" + SMALL), ("VM007", 9, 1)),
    "an empty second document": (_append("---\n"), ("VM007", 9, 1)),
    "a document start and end": ("---\n" + SMALL + "...\n", None),
    "a number as a key": (_append("x-a: {80: http}\n"), ("VM111", 9, 7)),
    "null as a key": (_append("x-a: {~: 1}\n"), ("VM111", 9, 7)),
    "a list as a key": (_append("? [a, b]\n: 1\n"), ("VM111", 9, 3)),
    "a mapping as a key": (_append("? {a: b}\n: 1\n"), ("VM111", 9, 3)),
    "conflict markers": (
        _replace("\nversion", "\n<<<<<<< HEAD\nversion"),
        ("VM008", 2, 1),
    ),
    "conflict markers in the style of diff3": (_append("||||||| base\n"), ("VM008", 9, 1)),
    "a line of equal signs": (_replace("A platform.", "|\n  Title\n  =======\n"), None),
}

AMBIGUOUS = (
    "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off",
    "OFF", "012", "0o7", "0b1", "1_000", "0x_1", "12:30", "12:30:45", "190:20:30", "1e3", "1E3",
    "1.5e3", "2026-01-01", "2026-1-1", "2026-01-01T00:00:00Z", "2026-01-01 10:00:00", ".5", "1.",
    "+.5", "0.1_0", "=", "<<", "-_", "-._", "-012", "+012", "08", "yEs", "TrUe", "1,000",
)  # fmt: skip
# These look ambiguous, but all parsers read them in the same way.
SAFE = (
    "truely", "nope", "yes please", "1.2.3", "v1", "a:b", "a#b", "-x", "--x", "None", "nil",
    "12.5 mm", "0x", "1e", "e3", "~x", "<<<", "==", "2026-01", "1-2-3",
)  # fmt: skip

CHARACTERS = {
    "a NUL": "\0",
    "a bell": "\x07",
    "an escape": "\x1b[31m",
    "a delete": "\x7f",
    "a next line": "\x85",
    "a C1 control": "\x9b",
    "a soft hyphen": "\xad",
    "a line separator": "\u2028",
    "a paragraph separator": "\u2029",
    "a zero-width space": "\u200b",
    "a zero-width joiner": "\u200d",
    "a word joiner": "\u2060",
    "a left-to-right mark": "\u200e",
    "a right-to-left override": "\u202e",
    "an isolate": "\u2066",
    "an Arabic letter mark": "\u061c",
    "a Hangul filler": "\u3164",
    "an invisible times": "\u2062",
    "an object replacement": "\ufffb",
    "a noncharacter": "\uffff",
    "a tag character": "\U000e0041",
}
ESCAPES = (
    r"\0", r"\a", r"\b", r"\e", r"\v", r"\f", r"\r", r"\N", r"\L", r"\P", r"\x1b", r"\u0000",
    r"\u0085", r"\u200b", r"\u202e", r"\ud800", r"\udfff", r"\ufeff", r"\U000e0041",
)  # fmt: skip

VALUES: dict[str, Case] = {
    "a version that is a number": (_set_version("1.10"), ("VM203", 2, 10)),
    "a version of two numbers": (_set_version('"1.10"'), ("VM205", 2, 10)),
    "a version with a v": (_set_version('"v1.0.0"'), ("VM205", 2, 10)),
    "a version with a leading zero": (_set_version('"1.01.0"'), ("VM205", 2, 10)),
    "a version of four numbers": (_set_version('"1.0.0.0"'), ("VM205", 2, 10)),
    "a version with a space": (_set_version('"1.0.0 "'), ("VM205", 2, 10)),
    "a version with a line break": (_set_version(r'"1.0.0\n"'), ("VM205", 2, 10)),
    "a version in full-width digits": (_set_version('"１.0.0"'), ("VM205", 2, 10)),
    "a version in Arabic digits": (_set_version('"١.0.0"'), ("VM205", 2, 10)),
    "a pre-release with a leading zero": (_set_version('"1.0.0-01"'), ("VM205", 2, 10)),
    "an empty pre-release": (_set_version('"1.0.0-"'), ("VM205", 2, 10)),
    "an empty part of a pre-release": (_set_version('"1.0.0-a..b"'), ("VM205", 2, 10)),
    "an underscore in a build": (_set_version('"1.0.0+a_b"'), ("VM205", 2, 10)),
    "a pre-release and a build": (_set_version('"1.0.0-rc.1+build.01"'), None),
    "a pre-release that looks like a number": (_set_version('"1.0.0-0a.1"'), None),
    "a very large version": (_set_version('"99999999999999999999.0.0"'), None),
    "a plain version": (_set_version("1.0.0"), None),
    "an id in Cyrillic": (_replace('"H"', '"Н"'), ("VM205", 6, 9)),
    "an id in full width": (_replace('"H"', '"Ｈ"'), ("VM205", 6, 9)),
    "an id in Greek": (_replace('"H"', '"Η"'), ("VM205", 6, 9)),
    "an id in small letters": (_replace('"H"', '"h"'), None),
    "an id of words": (_replace('"H"', "billing-api"), None),
    "an id of 33 characters": (_replace('"H"', "a" * 33), ("VM205", 6, 9)),
    "an id that begins with a digit": (_replace('"H"', '"1a"'), ("VM205", 6, 9)),
    "an id with an underscore": (_replace('"H"', "a_b"), ("VM205", 6, 9)),
    "an empty id": (_replace('"H"', '""'), ("VM205", 6, 9)),
    "an id with a line break": (_replace('"H"', r'"H\n"'), ("VM205", 6, 9)),
    "a status in capitals": (_replace("installed", "Installed"), ("VM204", 8, 13)),
    "a status with a space": (_replace("installed", '"installed "'), ("VM204", 8, 13)),
    "a status that is null": (_replace("installed", "null"), ("VM203", 8, 13)),
    "a flag in quotes": (_replace("complete: false", 'complete: "false"'), ("VM203", 3, 19)),
    "a flag that is a number": (_replace("complete: false", "complete: 0"), ("VM203", 3, 19)),
    "the format as a string": (
        _replace("schema_version: 1", 'schema_version: "1"'),
        ("VM203", 1, 17),
    ),
    "the format as true": (_replace("schema_version: 1", "schema_version: true"), ("VM203", 1, 17)),
    "the format 0": (_replace("schema_version: 1", "schema_version: 0"), ("VM204", 1, 17)),
    "a newer format": (_replace("schema_version: 1", "schema_version: 2"), ("VM207", 1, 17)),
    "a time with an offset": (_complete_at('"2026-01-31T12:00:00+00:00"'), ("VM205", 4, 15)),
    "a time with a fraction": (_complete_at('"2026-01-31T12:00:00.5Z"'), ("VM205", 4, 15)),
    "a time in small letters": (_complete_at('"2026-01-31t12:00:00z"'), ("VM205", 4, 15)),
    "a time without quotes": (_complete_at("2026-01-31T12:00:00Z"), ("VM104", 4, 15)),
    "a leap second": (_complete_at('"2016-12-31T23:59:60Z"'), ("VM205", 4, 15)),
    "30 February": (_complete_at('"2026-02-30T12:00:00Z"'), ("VM205", 4, 15)),
    "29 February of a leap year": (_complete_at('"2024-02-29T12:00:00Z"'), None),
    "29 February of 1900": (_complete_at('"1900-02-29T12:00:00Z"'), ("VM205", 4, 15)),
    "the year 0": (_complete_at('"0000-01-01T00:00:00Z"'), ("VM205", 4, 15)),
    "the year 9999": (_complete_at('"9999-12-31T23:59:59Z"'), ("VM307", 4, 15)),
    "hour 24": (_complete_at('"2026-01-31T24:00:00Z"'), ("VM205", 4, 15)),
    "complete without a time": (_complete_at("null"), ("VM305", 4, 15)),
    "an integer past 2^53": (_append("x-a: 9007199254740992\n"), ("VM105", 9, 6)),
    "an integer of 2^53 - 1": (_append("x-a: 9007199254740991\n"), None),
    "a negative number past 2^53": (_append("x-a: -9007199254740992\n"), ("VM105", 9, 6)),
    "infinity": (_append("x-a: .inf\n"), ("VM105", 9, 6)),
    "not a number": (_append("x-a: .nan\n"), ("VM105", 9, 6)),
    "a number that overflows": (_append("x-a: 1.0e+999\n"), ("VM105", 9, 6)),
    "a closing bracket at the key's column": (_append("x-a: [\n  1,\n]\n"), ("VM113", 11, 1)),
    "a closing bracket that is indented": (_append("x-a: [\n    1,\n  ]\n"), None),
    "a flow line at the key's column": (_append("x-a: [1,\n2]\n"), ("VM113", 10, 1)),
    "a quoted line at the key's column": (_set_name('"a\n    b"'), ("VM113", 8, 5)),
    "a quoted line that is indented": (_set_name('"a\n      b"'), None),
    "a quoted line that a tab indents": (_set_name('"a\n\tb"'), ("VM113", 8, 1)),
    "a block scalar whose header is not indented": (_append("x-a:\n|\n  b\n"), ("VM113", 10, 1)),
    "a value on the line below": (_append("x-a:\n  b\n"), None),
    "a quoted line without indentation in a mapping of braces": (
        '{schema_version: 1, version: "1.0.0", backend_complete: false, packs: [],\n'
        ' summary: "a\nb"}\n',
        None,
    ),
    "a space before a line break in quotes": (_set_name('"a \n      b"'), ("VM117", 7, 13)),
    "a space before a line break in a plain string": (_set_name("a \n      b"), None),
    "a space before a line break in a block": (_append("notes: |\n  a \n  b\n"), None),
    "spaces on a blank line that leads a block": (
        _append("notes: |\n \n  a\n"),
        ("VM117", 10, 1),
    ),
    "an escaped line break before a blank line": (_set_name('"a\\\n\n      b"'), ("VM117", 7, 13)),
    "an escaped line break": (_set_name('"a\\\n      b"'), None),
    "spaces in an empty block": (_append("notes: |\n   \n  \n"), ("VM117", 10, 1)),
    "spaces on a blank line inside a block": (_append("notes: |\n  a\n    \n  b\n"), None),
    "a quoted line that a tab and a space indent": (_set_name('"a\n\t b"'), ("VM113", 8, 1)),
    "a comment glued to a quote": (_set_name('"Engine"# it'), ("VM114", 7, 19)),
    "a comment glued to a block's header": (_append("notes: |#c\n  a\n"), ("VM114", 9, 9)),
    "a hash in a plain string": (_set_name("a#b"), None),
    "a pair without braces": (_append("x-a: [b: 1]\n"), ("VM115", 9, 7)),
    "a question mark for a key": (_append("? x-a\n: 1\n"), ("VM115", 9, 1)),
    "a question mark in a string": (_set_name("what? why?"), None),
    "a dash between brackets": (_append("x-a: [-]\n"), ("VM116", 9, 7)),
    "a tab before a value": (_set_name("\tEngine"), ("VM112", 7, 11)),
    "a tab in a plain string": (_set_name("En\tgine"), ("VM112", 7, 13)),
    "a tab after a value": (_set_name("Engine\t"), ("VM112", 7, 17)),
    "a tab before a comment": (_set_name("Engine\t# it"), ("VM112", 7, 17)),
    "a tab in flow": (_append("x-a: [1,\t2]\n"), ("VM112", 9, 9)),
    "a tab in quotes": (_set_name('"En\tgine"'), None),
    "a tab in a comment": (_set_name("Engine # a\ttab"), None),
    "a tab in a block": (_append("notes: |\n  a\ttab\n"), None),
    "a blank name": (_set_name('" "'), ("VM205", 7, 11)),
    "a name of two lines": (_set_name('"a\\nb"'), ("VM205", 7, 11)),
    "markup in a name": (_set_name('"<script>alert(1)</script>"'), None),
    "a command in a name": (_set_name('"$(touch pwned) `id`; rm -rf /"'), None),
    "a template in a name": (_set_name('"{{ 7 * 7 }} ${jndi:ldap://x}"'), None),
    "packs as a mapping": (SMALL[: SMALL.index("packs")] + "packs: {}\n", ("VM203", 5, 8)),
    "a pack that is a string": (_append("  - H\n"), ("VM203", 9, 5)),
    "a pack that is null": (_append("  -\n"), ("VM203", 9, 4)),
    "an id twice": (
        _append('  - {id: "H", name: B, status: pending}\n'),
        ("VM301", 9, 10),
    ),
    "a pack that needs itself": (_append('    depends_on: ["H"]\n'), ("VM303", 9, 18)),
    "a pack that needs an unknown pack": (_append('    depends_on: ["ZZ"]\n'), ("VM302", 9, 18)),
    "a need whose key is written with an escape": (
        _append('    "depends\\x5fon": ["ZZ"]\n'),
        ("VM302", 9, 23),
    ),
    "a mistyped key": (_append("note: x\n"), ("VM202", 9, 1)),
    "a team's key": (_append("x-note: x\n"), None),
    "a key of x alone": (_append("x: 1\n"), ("VM202", 9, 1)),
}


def _ambiguous_case(text: str) -> Case:
    return _set_name(text), ("VM104", 7, 11)


CORPUS: dict[str, Case] = {
    **SYNTAX,
    **ENCODING,
    **LIMITS,
    **REFERENCES,
    **{f"plain {text}": _ambiguous_case(text) for text in AMBIGUOUS},
    **{f"plain {text}, which is safe": (_set_name(text), None) for text in SAFE},
    **{name: (_set_name(f"En{char}gine"), ("VM101", 7, 13)) for name, char in CHARACTERS.items()},
    **{
        f"{name} in a comment": (_append(f"# {char}\n"), ("VM101", 9, 3))
        for name, char in CHARACTERS.items()
    },
    **{f"the escape {code}": (_set_name(f'"a{code}"'), ("VM102", 7, 13)) for code in ESCAPES},
    **VALUES,
}


def as_bytes(case: Case) -> bytes:
    """Return the bytes of a case."""
    text, _ = case
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
