"""Random pull requests on a manifest, and what two of them give together, by books of their own.

The books know nothing of the project's code: what a merge must give is worked out here from what
each side did.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

from tests.support.manifests import FIRST

Key = tuple[str | None, str]  # pack (None: the top level), field

_STATUSES = ("pending", "deprecated", "experimental")
_COMMENTS = ("checked by legal", "see the roadmap", "owner is away", "do not touch before May")
_ITEM = re.compile(r'(?m)^  - id: "([A-Z]+)"\n(?:^    .*\n?)*')


@dataclass
class PullRequest:
    """A changed text, and what was done: fields set, packs added and removed, comments added."""

    text: str = FIRST
    fields: dict[Key, Any] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    comments: dict[str, str | None] = field(default_factory=dict)  # text → pack that it is in

    @property
    def touched(self) -> set[str]:
        """The packs of which a field was set, or that got a comment."""
        changed = {pack for pack, _ in self.fields}
        return {pack for pack in changed | {*self.comments.values()} if pack}


def pull_request(rng: random.Random, tag: str) -> PullRequest:
    """Return one to three random edits, made by hand as a person would; sometimes a comment."""
    made = PullRequest()
    for _ in range(rng.choice([1, 1, 2, 3])):
        rng.choice([_status, _status, _name, _owner, _version, _notes, _add, _remove])(rng, made)
    if rng.random() < 0.4:
        _comment(rng, made, tag)
    return made


def _items(made: PullRequest) -> dict[str, re.Match[str]]:
    return {match[1]: match for match in _ITEM.finditer(made.text)}


def _pick(rng: random.Random, made: PullRequest) -> tuple[str, re.Match[str]] | None:
    items = {name: item for name, item in _items(made).items() if name not in made.added}
    if not items:
        return None
    name = rng.choice(sorted(items))
    return name, items[name]


def _set_line(rng: random.Random, made: PullRequest, key: str, value: str) -> None:
    picked = _pick(rng, made)
    if picked is None:
        return
    name, item = picked
    line = f"    {key}: {value}\n"
    new, number = re.subn(rf"(?m)^    {key}: .*\n", line, item[0])
    if not number:
        new = item[0] + line
    made.text = made.text[: item.start()] + new + made.text[item.end() :]
    made.fields[name, key] = value


def _status(rng: random.Random, made: PullRequest) -> None:
    _set_line(rng, made, "status", rng.choice(_STATUSES))


def _name(rng: random.Random, made: PullRequest) -> None:
    _set_line(rng, made, "name", rng.choice(["Renamed Engine", "Another Engine"]))


def _owner(rng: random.Random, made: PullRequest) -> None:
    _set_line(rng, made, "owner", rng.choice(["platform team", "operations"]))


def _version(rng: random.Random, made: PullRequest) -> None:
    value = rng.choice(["1.0.1", "1.1.0", "2.0.0"])
    made.text = re.sub(r"(?m)^version: .*$", f'version: "{value}"', made.text)
    made.fields[None, "version"] = value


def _notes(rng: random.Random, made: PullRequest) -> None:
    value = rng.choice(["Ready for review", "Waiting for packs", "In progress"])
    made.text = re.sub(r"(?m)^notes: .*$", f"notes: {value}", made.text)
    made.fields[None, "notes"] = value


def _add(rng: random.Random, made: PullRequest) -> None:
    name = rng.choice(["X", "Y", "Z", "AA", "AB"])
    if name in made.added:
        return
    title = rng.choice(["Export Engine", "Import Engine", "Report Engine"])
    items = [*_items(made).values()]
    place = rng.choice(items).end() if rng.random() < 0.5 and items else len(made.text)
    item = f'  - id: "{name}"\n    name: {title}\n    status: pending\n'
    made.text = made.text[:place] + item + made.text[place:]
    made.added[name] = title


def _remove(rng: random.Random, made: PullRequest) -> None:
    picked = _pick(rng, made)
    if picked is None:
        return
    name, item = picked
    made.text = made.text[: item.start()] + made.text[item.end() :]
    made.removed.add(name)
    made.fields = {key: value for key, value in made.fields.items() if key[0] != name}


def _comment(rng: random.Random, made: PullRequest, tag: str) -> None:
    text = f"{rng.choice(_COMMENTS)} ({tag} {rng.random():.6f})"
    lines = made.text.splitlines(keepends=True)
    free = [
        at
        for at, line in enumerate(lines)
        if re.match(r"    (name|status|owner): |version: |notes: ", line) and "#" not in line
    ]
    at = rng.choice(free)
    above = [line.split('"')[1] for line in lines[:at] if line.startswith("  - id")]
    if rng.random() < 0.5:
        lines[at] = lines[at].rstrip("\n") + f"  # {text}\n"
    else:
        indent = re.match(r" *", lines[at])
        lines.insert(at, f"{indent[0] if indent else ''}# {text}\n")
    made.text = "".join(lines)
    made.comments[f"# {text}"] = above[-1] if above and lines[at].startswith("    ") else None


def is_true_conflict(ours: PullRequest, theirs: PullRequest) -> bool:
    """Return whether two pull requests cannot both be had."""
    both = ours.fields.keys() & theirs.fields.keys()
    return (
        any(ours.fields[key] != theirs.fields[key] for key in both)
        or any(ours.added[name] != theirs.added[name] for name in ours.added.keys() & theirs.added)
        or bool(ours.removed & theirs.touched)
        or bool(theirs.removed & ours.touched)
    )


def expected_merge(base: dict[str, Any], *sides: PullRequest) -> dict[str, Any]:
    """Return the data that pull requests without a true conflict give together, packs by id."""
    result = {key: value for key, value in base.items() if key != "packs"}
    packs = {pack["id"]: dict(pack) for pack in base["packs"]}
    for side in sides:
        for name in side.removed:
            packs.pop(name, None)
        for name, title in side.added.items():
            packs[name] = {"id": name, "name": title, "status": "pending"}
        for (pack, key), value in side.fields.items():
            (result if pack is None else packs[pack])[key] = value
    return result | {"packs": packs}
