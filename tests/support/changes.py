"""Random pull requests on a manifest, and the expected result of merging two of them.

The expected result is computed from the recorded edits, without the code of the project.
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
    """A changed text, and its edits: fields set, packs added and removed, comments added."""

    text: str = FIRST
    fields: dict[Key, Any] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    comments: dict[str, str | None] = field(default_factory=dict)  # comment → pack that contains it

    @property
    def touched(self) -> set[str]:
        """The packs with a changed field or a new comment."""
        changed = {pack for pack, _ in self.fields}
        return {pack for pack in changed | {*self.comments.values()} if pack}


def pull_request(rng: random.Random, tag: str) -> PullRequest:
    """Return a pull request with one to three random edits, and sometimes a comment."""
    request = PullRequest()
    for _ in range(rng.choice([1, 1, 2, 3])):
        rng.choice(_EDITS)(rng, request)
    if rng.random() < 0.4:
        _add_comment(rng, request, tag)
    return request


def _items(request: PullRequest) -> dict[str, re.Match[str]]:
    return {match[1]: match for match in _ITEM.finditer(request.text)}


def _pick_pack(rng: random.Random, request: PullRequest) -> tuple[str, re.Match[str]] | None:
    items = {name: item for name, item in _items(request).items() if name not in request.added}
    if not items:
        return None
    name = rng.choice(sorted(items))
    return name, items[name]


def _set_line(rng: random.Random, request: PullRequest, key: str, value: str) -> None:
    picked = _pick_pack(rng, request)
    if picked is None:
        return
    name, item = picked
    line = f"    {key}: {value}\n"
    new, number = re.subn(rf"(?m)^    {key}: .*\n", line, item[0])
    if not number:
        new = item[0] + line
    request.text = request.text[: item.start()] + new + request.text[item.end() :]
    request.fields[name, key] = value


def _change_status(rng: random.Random, request: PullRequest) -> None:
    _set_line(rng, request, "status", rng.choice(_STATUSES))


def _change_name(rng: random.Random, request: PullRequest) -> None:
    _set_line(rng, request, "name", rng.choice(["Renamed Engine", "Another Engine"]))


def _change_owner(rng: random.Random, request: PullRequest) -> None:
    _set_line(rng, request, "owner", rng.choice(["platform team", "operations"]))


def _change_version(rng: random.Random, request: PullRequest) -> None:
    value = rng.choice(["1.0.1", "1.1.0", "2.0.0"])
    request.text = re.sub(r"(?m)^version: .*$", f'version: "{value}"', request.text)
    request.fields[None, "version"] = value


def _change_notes(rng: random.Random, request: PullRequest) -> None:
    value = rng.choice(["Ready for review", "Waiting for packs", "In progress"])
    request.text = re.sub(r"(?m)^notes: .*$", f"notes: {value}", request.text)
    request.fields[None, "notes"] = value


def _add_pack(rng: random.Random, request: PullRequest) -> None:
    name = rng.choice(["X", "Y", "Z", "AA", "AB"])
    if name in request.added:
        return
    title = rng.choice(["Export Engine", "Import Engine", "Report Engine"])
    items = [*_items(request).values()]
    place = rng.choice(items).end() if rng.random() < 0.5 and items else len(request.text)
    item = f'  - id: "{name}"\n    name: {title}\n    status: pending\n'
    request.text = request.text[:place] + item + request.text[place:]
    request.added[name] = title


def _remove_pack(rng: random.Random, request: PullRequest) -> None:
    picked = _pick_pack(rng, request)
    if picked is None:
        return
    name, item = picked
    request.text = request.text[: item.start()] + request.text[item.end() :]
    request.removed.add(name)
    request.fields = {key: value for key, value in request.fields.items() if key[0] != name}


def _add_comment(rng: random.Random, request: PullRequest, tag: str) -> None:
    text = f"{rng.choice(_COMMENTS)} ({tag} {rng.random():.6f})"
    lines = request.text.splitlines(keepends=True)
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
    request.text = "".join(lines)
    request.comments[f"# {text}"] = above[-1] if above and lines[at].startswith("    ") else None


_EDITS = (
    *(_change_status, _change_status, _change_name, _change_owner, _change_version),
    *(_change_notes, _add_pack, _remove_pack),
)


def is_true_conflict(ours: PullRequest, theirs: PullRequest) -> bool:
    """Return whether two pull requests contradict each other."""
    both = ours.fields.keys() & theirs.fields.keys()
    return (
        any(ours.fields[key] != theirs.fields[key] for key in both)
        or any(ours.added[name] != theirs.added[name] for name in ours.added.keys() & theirs.added)
        or bool(ours.removed & theirs.touched)
        or bool(theirs.removed & ours.touched)
    )


def expected_merge(base: dict[str, Any], *sides: PullRequest) -> dict[str, Any]:
    """Return the data after pull requests without a true conflict, with the packs by id."""
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
