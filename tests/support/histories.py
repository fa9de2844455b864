"""Repositories with a random history, of which every change is recorded.

A story records the changes of each commit and the last commit to set each field, without the code
of the project. Tests compare the output of ``history`` and ``blame`` with these records.
"""

from __future__ import annotations

import copy
import json
import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Key = tuple[str | None, str | None]  # pack (None: the top level), field (None: the whole pack)
Change = tuple[str | None, str | None, Any, Any]
STATUSES = ("installed", "pending", "deprecated", "experimental")
START = 1_700_000_000


@dataclass
class Commit:
    """The recorded changes of one commit."""

    number: int
    parents: list[int]
    changes: list[Change] = field(default_factory=list)
    valid: bool = True
    subject: str = ""


@dataclass
class Branch:
    """A branch: its newest commit, its data, and the commit that set each field."""

    tip: int | None
    data: dict[str, Any]
    packs: dict[str, dict[str, Any]]
    origin: dict[Key, int] = field(default_factory=dict)
    touched: set[Key] = field(default_factory=set)  # since the fork
    path: str = "manifest/system.yaml"
    text: str = ""


class Story:
    """Grows a random history and writes it into a repository with ``git fast-import``."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.commits: list[Commit] = []
        self.stream: list[bytes] = []
        self.main = Branch(
            None,
            {
                "schema_version": 1,
                "version": "1.0.0",
                "backend_complete": False,
                "notes": "first",
                "summary": "A platform.",
            },
            {name: _pack(name) for name in ("H", "I", "J", "K", "L")},
        )
        self.side: Branch | None = None
        self.removed: set[str] = set()  # packs that one of two branches removed
        self.counter = 0
        first: list[Change] = [(None, key, None, value) for key, value in self.main.data.items()]
        first += [(name, None, None, dict(pack)) for name, pack in self.main.packs.items()]
        self._record(self.main, first)

    # --- growing --------------------------------------------------------------------------------

    def grow(self, commits: int) -> Story:
        """Add some random commits, and end with a single branch."""
        for _ in range(commits):
            self._step()
        if self.side:
            self._merge()
        self._record(self.main, self._set_field(self.main))
        return self

    def _step(self) -> None:
        draw = self.random.random()
        if self.side is None and draw < 0.06:
            self.side = copy.deepcopy(self.main)
            self.main.touched, self.side.touched, self.removed = set(), set(), set()
        elif self.side and draw < 0.15:
            self._merge()
        elif draw > 0.997:
            self._rename()
        else:
            branch = self.side if self.side and self.random.random() < 0.5 else self.main
            self._work(branch)

    def _work(self, branch: Branch) -> None:
        kind = self.random.choice(["field"] * 6 + ["pack"] * 3 + ["layout", "move", "broken"])
        if kind == "broken":
            self.counter += 1
            bad = self.random.choice(["status: gone", 'status: "open', "<<<<<<< HEAD"])
            text = self._render(branch)
            mark = f"# broken {self.counter}\n"
            self._commit(branch, f"{text}{mark}x-broken: {{{bad}\n", Commit(0, [], valid=False))
            return
        if kind == "move":
            names = list(branch.packs)
            self.random.shuffle(names)
            branch.packs = {name: branch.packs[name] for name in names}
        makers = {"field": self._set_field, "pack": self._add_or_remove}
        self._record(branch, makers[kind](branch) if kind in makers else [])

    def _set_field(self, branch: Branch) -> list[Change]:
        self.counter += 1
        free = [name for name in branch.packs if name not in self.removed]
        if free and self.random.random() < 0.6:
            name = self.random.choice(free)
            pack = branch.packs[name]
            key = self.random.choice(["status", "name", "owner", "description"])
            return self._put(pack, name, key, self._value(key, pack))
        key = self.random.choice(["version", "notes", "summary", "x-team", "complete"])
        if key != "complete":
            return self._put(branch.data, None, key, self._value(key, branch.data))
        done = branch.data["backend_complete"]
        at = None if done else f"2023-01-01T00:00:{self.counter % 60:02d}Z"
        return [
            *self._put(branch.data, None, "backend_complete", not done),
            *self._put(branch.data, None, "completed_at", at),
        ]

    def _value(self, key: str, holder: dict[str, Any]) -> Any:
        if key == "status":
            return self.random.choice([s for s in STATUSES[:1] + STATUSES[2:] if s != holder[key]])
        if key == "version":
            return f"1.{self.counter}.0"
        if key in {"owner", "description", "x-team"} and key in holder:
            return None
        return f"{key} {self.counter}"

    def _put(self, holder: dict[str, Any], pack: str | None, key: str, value: Any) -> list[Change]:
        before = holder.get(key)
        if value is None:
            holder.pop(key, None)
        else:
            holder[key] = value
        return [(pack, key, before, value)] if before != value else []

    def _add_or_remove(self, branch: Branch) -> list[Change]:
        other = self.main if branch is self.side else self.side
        locked = {name for name, _ in other.touched} if other else set()
        free = [name for name in branch.packs if name not in locked | self.removed]
        if len(branch.packs) > 4 and free and self.random.random() < 0.5:
            name = self.random.choice(free)
            self.removed.add(name)
            return [(name, None, branch.packs.pop(name), None)]
        self.counter += 1
        name = _letters(self.counter)
        names = [*branch.packs]
        names.insert(self.random.randint(0, len(names)), name)
        branch.packs[name] = _pack(name)
        branch.packs = {each: branch.packs[each] for each in names}
        return [(name, None, None, dict(branch.packs[name]))]

    def _merge(self) -> None:
        """Merge the side branch; if both set a field, the value of either side is chosen."""
        main, side = self.main, self.side
        assert side is not None
        both = main.touched & side.touched
        # backend_complete and completed_at must come from the same side.
        pair = {(None, "backend_complete"), (None, "completed_at")}
        taken = {key for key in both if self.random.random() < 0.5}
        if pair & (main.touched | side.touched):
            taken -= pair
            if pair & side.touched and (not pair & main.touched or self.random.random() < 0.5):
                taken |= pair
        for key in side.touched:
            if key in pair and key not in taken:
                continue
            if key in both and key not in taken:
                continue
            self._take(main, side, key)
        extra: list[Change] = []
        if self.random.random() < 0.2:  # The merge itself changes a field too.
            extra = self._put(main.data, None, "x-merge", len(self.commits))
        side_tip, self.side = side.tip, None
        self._record(main, extra, [main.tip, side_tip])

    def _take(self, main: Branch, side: Branch, key: Key) -> None:
        name, field_name = key
        if field_name is None:
            if name not in side.packs:
                main.packs.pop(str(name), None)
            else:
                main.packs[str(name)] = dict(side.packs[str(name)])
            for each in [each for each in side.origin if each[0] == name]:
                main.origin[each] = side.origin[each]
            return
        source = side.data if name is None else side.packs.get(name)
        target = main.data if name is None else main.packs.get(name)
        if source is None or target is None or source.get(field_name) == target.get(field_name):
            return  # If both sides agree, the first parent keeps the credit.
        if field_name in source:
            target[field_name] = source[field_name]
        else:
            target.pop(field_name, None)
        if key in side.origin:
            main.origin[key] = side.origin[key]

    def _rename(self) -> None:
        self.counter += 1
        self.main.path = f"manifest/system{self.counter}.yaml"
        tip = self.commits[self.main.tip - 1] if self.main.tip else Commit(0, [])
        self._commit(self.main, self.main.text, Commit(0, [], valid=tip.valid))

    # --- recording ------------------------------------------------------------------------------

    def _record(
        self, branch: Branch, changes: list[Change], parents: list[int | None] | None = None
    ) -> None:
        number = len(self.commits) + 1
        for pack, name, _, after in changes:
            branch.touched.add((pack, name))
            branch.origin[pack, name] = number
            if name is None:
                for key in after or {}:
                    branch.origin[pack, key] = number
        commit = Commit(number, [], changes)
        self._commit(branch, self._render(branch), commit, parents)

    def _commit(
        self, branch: Branch, text: str, commit: Commit, parents: list[int | None] | None = None
    ) -> None:
        number = commit.number = len(self.commits) + 1
        ancestors = parents if parents is not None else [branch.tip]
        commit.parents = [parent for parent in ancestors if parent]
        commit.subject = f"step {number}"
        self.commits.append(commit)
        data = text.encode()
        links = [b"%s :%d\n" % (b"from" if at == 0 else b"merge", parent)
                 for at, parent in enumerate(commit.parents)]  # fmt: skip
        subject = commit.subject.encode()
        self.stream.append(
            b"commit refs/heads/main\nmark :%d\n" % number
            + b"committer A B <a@b.c> %d +0000\n" % (START + 60 * number)
            + b"data %d\n%s\n" % (len(subject), subject)
            + b"".join(links)
            + (b"deleteall\n" if commit.parents else b"")
            + b"M 100644 inline %s\n" % branch.path.encode()
            + b"data %d\n%s\n" % (len(data), data)
        )
        branch.tip, branch.text = number, text

    def _render(self, branch: Branch) -> str:
        """Return the data in a random layout."""
        draw = self.random
        quote = draw.choice([json.dumps, json.dumps, lambda v: "'" + str(v) + "'"])
        indent, comment = draw.choice(["", "  "]), draw.choice(["", f"# {draw.random()}\n"])
        keys = list(branch.data)
        if draw.random() < 0.2:
            draw.shuffle(keys)
        rows = [comment] + [f"{key}: {_scalar(branch.data[key], quote)}\n" for key in keys]
        rows.append("packs:\n" if branch.packs else "packs: []\n")
        for pack in branch.packs.values():
            pairs = [f"{key}: {_scalar(value, quote)}" for key, value in pack.items()]
            if draw.random() < 0.1:
                rows.append(f"{indent}- {{{', '.join(pairs)}}}\n")
            else:
                rows.append(f"{indent}- " + f"\n{indent}  ".join(pairs) + "\n")
        return "".join(rows)

    # --- results --------------------------------------------------------------------------------

    def write(self, folder: Path) -> dict[int, str]:
        """Create the repository, and return the id of each commit by its number."""
        git(folder, "init", "--quiet", "-b", "main", ".")
        marks = folder / ".git" / "marks"
        subprocess.run(
            ["git", "fast-import", "--quiet", f"--export-marks={marks}"],
            input=b"".join(self.stream),
            cwd=folder,
            check=True,
        )
        git(folder, "reset", "--quiet", "--hard", "main")
        rows = (line.split() for line in marks.read_text().splitlines())
        return {int(mark[1:]): name for mark, name in rows}

    def changes(self) -> dict[int, list[Change]]:
        """Return the changes of each commit that changed something."""
        return {commit.number: commit.changes for commit in self.commits if commit.changes}

    def blame(self) -> dict[Key, int]:
        """Return the commit that last set each existing field."""
        last = self.main
        top: list[Key] = [(None, key) for key in last.data]
        keys = top + [(name, key) for name, pack in last.packs.items() for key in pack]
        return {key: last.origin[key] for key in keys}


def _pack(name: str) -> dict[str, Any]:
    return {"id": name, "name": f"Pack {name}", "status": "installed"}


def _letters(number: int) -> str:
    name = ""
    while number:
        number, digit = divmod(number, 26)
        name += chr(ord("A") + digit)
    return f"{name:Q<4}"


def _scalar(value: Any, quote: Any) -> str:
    return quote(value) if isinstance(value, str) else json.dumps(value)


def git(folder: Path, *arguments: str, stdin: bytes | None = None) -> str:
    """Run Git in a folder, and return its output."""
    ran = subprocess.run(
        ["git", "-c", "user.name=A B", "-c", "user.email=a@b.c", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout.decode()
