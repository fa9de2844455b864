"""Manifests for tests: the first one, a small one, and one manifest in many layouts."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
# The first version of the manifest of this repository; the current one may change at any time.
FIRST = (REPOSITORY / "tests" / "data" / "first.yaml").read_text(encoding="utf-8")

SMALL = """\
schema_version: 1
version: "1.0.0"
backend_complete: false
summary: A platform.
packs:
  - id: "H"
    name: Engine
    status: installed
"""

# One manifest in many layouts. Tests edit the values at the «marks». Each layout gives the text of
# a mark before and after its edit, so that tests can compare all other bytes.
PLAIN = """\
schema_version: 1
version: «version»
backend_complete: «complete»
completed_at: «at»
notes: «notes»
summary: A platform for professional services.
packs:
  - id: "H"
    name: Engine
    status: «status»
    category: professional
  - id: "I"
    name: Another
    status: installed
    category: professional
"""
PLAIN_BEFORE = {
    "version": '"1.0.0"',
    "complete": "false",
    "at": "null",
    "notes": "Some notes",
    "status": "installed",
}
PLAIN_AFTER = {
    "version": '"2.0.0"',
    "complete": "true",
    "at": '"2026-11-24T10:00:00Z"',
    "notes": "Other words",
    "status": "deprecated",
}


class Format:
    """A text with marks, and the text of each mark before and after its edit."""

    def __init__(
        self,
        template: str,
        before: dict[str, str] | None = None,
        after: dict[str, str] | None = None,
    ) -> None:
        self.template = template
        self.before = PLAIN_BEFORE | (before or {})
        self.after = PLAIN_AFTER | (after or {})

    def text(self, *edited: str) -> str:
        """Return the text with some marks edited and the others unchanged."""
        text = self.template
        for mark, old in self.before.items():
            text = text.replace(f"«{mark}»", self.after[mark] if mark in edited else old)
        return text


def _quoted(quote: str) -> Format:
    marks = ("version", "notes", "status")
    return Format(
        PLAIN.replace('"H"', f"{quote}H{quote}"),
        {mark: quote + PLAIN_BEFORE[mark].strip('"') + quote for mark in marks},
        {mark: quote + PLAIN_AFTER[mark].strip('"') + quote for mark in marks},
    )


FORMATS = {
    "plain": Format(PLAIN),
    "double quotes": _quoted('"'),
    "single quotes": _quoted("'"),
    "plain version": Format(PLAIN, {"version": "1.0.0"}, {"version": "2.0.0"}),
    "CRLF": Format(PLAIN.replace("\n", "\r\n")),
    "BOM": Format("\ufeff" + PLAIN),
    "BOM and CRLF": Format("\ufeff" + PLAIN.replace("\n", "\r\n")),
    "no final newline": Format(PLAIN.rstrip("\n")),
    "document start": Format("---\n" + PLAIN),
    "document start and end": Format("---\n" + PLAIN + "...\n"),
    "comments everywhere": Format(
        """\
# before all

# the format
schema_version: 1  # one
# the version
version: «version» # bump me
backend_complete: «complete»    # not yet
completed_at: «at»# no comment
notes: «notes» #comment
# between
summary: A platform. # short
packs: # the registry
  # first
  - id: "H" # an id
    # inside
    name: Engine
    status: «status»   # a status
  # last
# after all
""".replace("«at»#", "«at» #")
    ),
    "trailing spaces": Format(PLAIN.replace("\n", "   \n")),
    "blank lines": Format(PLAIN.replace("\n", "\n\n")),
    "two spaces after the colon": Format(PLAIN.replace(": ", ":   ")),
    "four spaces": Format(
        PLAIN.replace("\n    ", "\n          ").replace("\n  - ", "\n    -     ")
    ),
    "unindented list": Format(PLAIN.replace("\n    ", "\n  ").replace("\n  - ", "\n- ")),
    "dash on its own line": Format(PLAIN.replace("  - id", "  -\n    id")),
    "flow packs": Format(
        """\
schema_version: 1
version: «version»
backend_complete: «complete»
completed_at: «at»
notes: «notes»
summary: A platform.
packs:
  - {id: "H", name: Engine, status: «status», category: professional}
  - {id: "I", name: Another, status: installed}
"""
    ),
    "flow list": Format(
        """\
schema_version: 1
version: «version»
backend_complete: «complete»
completed_at: «at»
notes: «notes»
summary: A platform.
packs: [{id: "H", name: Engine, status: «status»}, {id: "I", name: B, status: installed}]
"""
    ),
    "flow over several lines": Format(
        """\
schema_version: 1
version: «version»
backend_complete: «complete»
completed_at: «at»
notes: «notes»
summary: A platform.
packs: [
    { id: "H", name: Engine,  # first
      status: «status» },
    { id: "I", name: B, status: installed, },  # second
  ]
"""
    ),
    "all flow": Format(
        '{schema_version: 1, version: «version», backend_complete: «complete», completed_at: «at»,'
        ' notes: «notes», summary: A platform., packs: [{id: "H", name: E, status: «status»}]}\n'
    ),
    "JSON": Format(
        """\
{
  "schema_version": 1,
  "version": «version»,
  "backend_complete": «complete»,
  "completed_at": «at»,
  "notes": «notes»,
  "summary": "A platform.",
  "packs": [
    {"id": "H", "name": "Engine", "status": «status»}
  ]
}
""",
        {"notes": '"Some notes"', "status": '"installed"'},
        {"notes": '"Other words"', "status": '"deprecated"'},
    ),
    "folded notes": Format(
        PLAIN, {"notes": ">-\n  Some\n  notes"}, {"notes": ">-\n  Other words"}
    ),
    "literal notes": Format(
        PLAIN, {"notes": "|-\n  Some\n  notes"}, {"notes": "|-\n  Other words"}
    ),
    "literal notes with a comment and a deep indent": Format(
        PLAIN,
        {"notes": "|-  # read me\n       Some\n       notes\n\n"},
        {"notes": "|-  # read me\n       Other words\n\n"},
    ),
    "multi-line plain notes": Format(
        PLAIN, {"notes": "Some\n  notes\n  here"}, {"notes": "Other words"}
    ),
    "multi-line quoted notes": Format(
        PLAIN, {"notes": '"Some\n  notes"'}, {"notes": '"Other words"'}
    ),
    "emoji": Format(
        PLAIN.replace("Engine", "Engine 😀").replace("A platform", "🏗️ Plattform für Köln"),
        {"notes": "Fertig 🎉"},
    ),
    "empty values": Format(
        PLAIN.replace(": «at»", ":«at»"), {"at": ""}, {"at": " " + PLAIN_AFTER["at"]}
    ),
    "tilde": Format(PLAIN, {"at": "~"}),
    "capital booleans": Format(PLAIN, {"complete": "False", "at": "Null"}),
    "long lines": Format(PLAIN.replace("Engine", "Engine " + "of length " * 11)),
    "keys in another order": Format(
        """\
packs:
  - status: «status»
    name: Engine
    id: "H"
notes: «notes»
completed_at: «at»
backend_complete: «complete»
summary: A platform.
x-team:
  - "of our own"
  - {deep: [1, 2.5, true, null]}
version: «version»
schema_version: 1
"""
    ),
    "quoted keys": Format(
        PLAIN.replace("version: «", "'version': «").replace("status: «", '"status": «')
    ),
}  # fmt: skip
