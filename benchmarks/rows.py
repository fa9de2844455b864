"""What is measured: the work, the peer, the target, and how large it grows."""

from __future__ import annotations

from dataclasses import dataclass

from harness import BIN, OURS, PEERS, ROOT
from inputs import FILE, MANIFEST, SCHEMA

JSONSCHEMA = [str(PEERS / "check-jsonschema"), "--schemafile", str(SCHEMA)]
# The same where ruamel.yaml.clib is installed beside it: then it reads YAML in C.
JSONSCHEMA_IN_C = [str(BIN / "check-jsonschema"), "--schemafile", str(SCHEMA)]
YAMLLINT = [str(PEERS / "yamllint"), "-d", "{extends: default, rules: {document-start: disable,"
            " line-length: disable, comments: disable}}"]  # fmt: skip
PYDANTIC = [
    str(PEERS / "python"), "-c",
    "import sys, yaml, pydantic\n"
    "class Pack(pydantic.BaseModel):\n id: str\n name: str\n status: str\n category: str = ''\n"
    "class M(pydantic.BaseModel):\n version: str\n backend_complete: bool\n packs: list[Pack]\n"
    "for f in sys.argv[1:]: M.model_validate(yaml.load(open(f), yaml.CSafeLoader))",
]  # fmt: skip
BARE = [str(BIN / "python"), "-c", "pass"]
LOG = ["git", "log", "--raw", "--", FILE]
BLAME = ["git", "blame", "--", FILE]


@dataclass(frozen=True)
class Row:
    """One piece of work beside a peer's; ``target`` is the ratio that it must not exceed.

    ``size`` is the number of packs, files or revisions; {file} and {files} stand for what is made
    of it. ``before`` is what it was when the targets were set.
    """

    work: str
    ours: list[str]
    peer: list[str]
    against: str
    before: str = ""
    target: float | None = None
    size: int = 16
    kind: str = "packs"
    rounds: int = 9


def _ours(*words: str) -> list[str]:
    return [OURS, *words]


ROWS = (
    Row("`validate`", _ours("validate", "{file}"), [*JSONSCHEMA, "{file}"], "check-jsonschema",
        "0.32", 0.28),
    Row("`validate`", _ours("validate", "{file}"), [*JSONSCHEMA_IN_C, "{file}"],
        "check-jsonschema, YAML in C"),
    Row("`validate`", _ours("validate", "{file}"), [*YAMLLINT, "{file}"], "yamllint"),
    Row("`validate`", _ours("validate", "{file}"), [*PYDANTIC, "{file}"], "PyYAML and Pydantic"),
    Row("`validate`", _ours("validate", "{file}"), BARE, "a bare interpreter"),
    *(
        Row(f"`{words}`", _ours("-m", "{file}", *words.split()), [*JSONSCHEMA, "{file}"],
            "check-jsonschema", "0.34 to 0.38", 0.29 if words == "get version" else None)
        for words in ("get version", "summary", "packs list", "status")
    ),
    Row("`validate`, 300 files", _ours("validate", "{files}"), [*JSONSCHEMA, "{files}"],
        "check-jsonschema", "0.107 to 0.125", 0.06, 300, "files", 5),
    Row("`validate`, 300 files", _ours("validate", "{files}"), [*JSONSCHEMA_IN_C, "{files}"],
        "check-jsonschema, YAML in C", size=300, kind="files", rounds=5),
    Row("`validate`, 3 000 files", _ours("validate", "{files}"), [*JSONSCHEMA, "{files}"],
        "check-jsonschema", "0.080 to 0.103", 0.035, 3000, "files", 3),
    Row("one edit, 10 000 packs", _ours("-m", "{file}", "packs", "set", "P1", "--status",
        "pending", "--dry-run"), _ours("validate", "{file}"), "`validate` of it",
        size=10_000, rounds=5),
    Row("`validate --against`, 300 tracked files", _ours("validate", "--against", "HEAD",
        "{files}"), _ours("validate", "{files}"), "`validate` of them", "20", 3, 300, "tracked", 5),
    Row("`status`, 300 tracked files", _ours("status", "{files}"), _ours("validate", "{files}"),
        "`validate` of them", "12", 3, 300, "tracked", 5),
    Row("`history`, 8 000 revisions", _ours("history"), LOG, "git log --raw",
        "18.6", 9, 8000, "revisions", 5),
    *(
        Row(f"`{name}`, 8 000 revisions", _ours(*words), LOG, "git log --raw",
            size=8000, kind="revisions", rounds=5)
        for name, words in {
            "history -n 10": ("history", "-n", "10"),
            "history --since": ("history", "--since", "2020-09-13 15:10:00 +0000"),
        }.items()
    ),
    *(
        Row(f"`{name}`, 8 000 revisions", _ours(*name.split(), *words), BLAME,
            "git blame of the file", "14", 6.5, 8000, "revisions", 5)
        for name, words in {"blame": (), "packs show": ("H",)}.items()
    ),
    Row("merge driver, one call", _ours("merge", "{file}", "{file}", "{file}"), BARE,
        "a bare interpreter"),
)  # fmt: skip

# Growth: the same work on more and more.
PACKS = (16, 100, 1000, 10_000, 25_000)
FILES = (1, 10, 100, 1000, 3000)
REVISIONS = (100, 500, 1000, 4000, 8000)
ITEMS = (500, 2000, 10_000)
GROWTH = {
    "validate": ("packs", PACKS, _ours("validate", "{file}")),
    "one edit": ("packs", PACKS, _ours("-m", "{file}", "packs", "set", "P1", "--status",
                 "pending", "--dry-run")),
    "validate many": ("files", FILES, _ours("validate", "{files}")),
    "history": ("revisions", REVISIONS, _ours("history", "--format", "json")),
    "history -n 10": ("revisions", REVISIONS, _ours("history", "-n", "10")),
    "git log --raw": ("revisions", REVISIONS, LOG),
    "replace a list": ("list", ITEMS, _ours("-m", "{file}", "set", "{value}", "--dry-run")),
    "merge a reordering": ("merge", ITEMS, _ours("merge", "{base}", "{ours}", "{theirs}",
                           "--output", "{output}")),
    "unknown ids": ("unknown", ITEMS, _ours("validate", "{file}")),
}  # fmt: skip
SMALL = {
    "packs": 1000,
    "files": 100,
    "tracked": 30,
    "revisions": 500,
    "list": 500,
    "merge": 500,
    "unknown": 500,
}  # the most that `SCALE=small` takes
GIT_HISTORY = [str(PEERS / "git-history"), "file", "h.db", FILE, "--repo", ".", "--import", "yaml",
               "--convert", "[yaml.safe_load(content)]", "--branch", "main",
               "--silent"]  # fmt: skip

__all__ = ["GIT_HISTORY", "GROWTH", "MANIFEST", "ROOT", "ROWS", "SMALL", "Row"]
