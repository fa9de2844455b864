"""Checks many revisions of one manifest part by part, and reads each part only once.

Most of a manifest stays the same from one revision to the next. A revision is split into its
top-level entries, and these into the items of their lists. The data of the parts is then joined.
A revision that cannot be split, or that has an error, is checked as a whole.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.characters import has_forbidden
from valhalla_manifest.document.fast_reader import UnreadSource, count_values, read_data
from valhalla_manifest.document.problems import Severity
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import DEPTH_LIMIT, NODE_LIMIT, MappingNode, Source
from valhalla_manifest.validation.check import Checked, check, is_flawless
from valhalla_manifest.validation.rules.file import SIZE_LIMIT
from valhalla_manifest.validation.rules.registry import RULES, rules_for

if TYPE_CHECKING:
    from valhalla_manifest.validation.rule_settings import RuleSettings

_ENTRY = re.compile(r"\n(?=[A-Za-z_])")  # searching for a line break is faster than ``^``
# A line that starts in any other way could belong to the line above it, or end the document.
_UNCERTAIN = re.compile(r"\n(?:[^A-Za-z_#\s-]|-(?! ))|[\r\t]")
_LIST_HEAD = re.compile(r"[A-Za-z_][\w-]*:[ ]*(?:#.*)?(?:\n[ ]*(?:#.*)?)*(\n[ ]*- )")
_BLANK_LINES = r"(?:\n[ ]*(?:#[^\n]*)?)*"
_HEAD = re.compile(rf"{_BLANK_LINES}(?:\n---[ ]*{_BLANK_LINES})?")
_BLOCK_SIGNS = frozenset("|>")
_SURELY_FLAT = DEPTH_LIMIT // 2  # a part is nested less deeply than the whole file


class RevisionChecker:
    """A check like ``check.check`` for revisions that have much in common.

    It finds all errors but not all warnings, because it skips rules that only warn.
    """

    def __init__(self, rule_settings: RuleSettings) -> None:
        self.rule_settings = _without_warnings(rule_settings)
        self.now = datetime.now(UTC)
        self.tree_rules = [r for r in rules_for(Source) if self.rule_settings.severity(r)]
        self.heads: dict[str, bool] = {}
        self.entries: dict[str, dict[str, Any] | None] = {}
        self.items: dict[str, dict[str, Any]] = {}  # by their content, for each head of a list

    def check(self, data: bytes) -> Checked:
        """Check the bytes of a manifest."""
        source = self._read(data)
        if source and is_flawless(source, self.now, self.rule_settings):
            return Checked(source)
        return check(data, self.rule_settings, now=self.now)

    def _read(self, data: bytes) -> UnreadSource | None:
        """Return a manifest with its parts' data, or None if a part or a border is uncertain."""
        if len(data) > SIZE_LIMIT:
            return None
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return None
        head, *parts = _ENTRY.split("\n" + text.removesuffix("\n"))
        if not parts or not self._is_blank(head) or "=" in parts[0].partition(":")[0]:
            return None  # with an equals sign it may be TOML
        if not text.endswith("\n") and not _BLOCK_SIGNS.isdisjoint(parts[-1]):
            return None  # it may end in a block scalar
        whole: dict[str, Any] = {}
        for part in parts:
            found = self._read_entry(part)
            if found is None or not whole.keys().isdisjoint(found):
                return None
            whole.update(found)
        if len(text) > NODE_LIMIT and count_values(whole) > NODE_LIMIT:
            return None
        return UnreadSource(text, whole)

    def _is_blank(self, head: str) -> bool:
        """Return whether only comments are above the first key."""
        if head not in self.heads:
            has_odd = "\t" in head or has_forbidden(head)
            self.heads[head] = not has_odd and _HEAD.fullmatch(head) is not None
        return self.heads[head]

    def _read_entry(self, part: str) -> dict[str, Any] | None:
        """Return a top-level key with its value; a list is joined from its items."""
        head = _LIST_HEAD.match(part)
        if head is None:
            return self._read_part(part)
        name = self._read_part(part[: head.start(1)])
        if name is None:
            return None
        (key,) = name
        known = self.items.setdefault(f"{key}:{head[1]}", {})
        texts = part[head.end() :].split(head[1])
        listed = list(map(known.get, texts))
        if None in listed:
            for text in texts:
                if text not in known:
                    found = self._read_part(f"{key}:{head[1]}{text}")
                    values = found[key] if found else []
                    known[text] = values[0] if len(values) == 1 else None
            listed = list(map(known.get, texts))
        return None if None in listed else {key: listed}

    def _read_part(self, part: str) -> dict[str, Any] | None:
        """Return the data of a part (one key with its value), or None if the part has a problem."""
        if part not in self.entries:
            text = f"{part}\n"
            data = None if _UNCERTAIN.search(text) else read_data(text) or self._read_tree(text)
            self.entries[part] = data if data and len(data) == 1 else None
        return self.entries[part]

    def _read_tree(self, text: str) -> dict[str, Any] | None:
        """Return the data of a part in any other style."""
        source = read(text)
        is_odd = source.has_forbidden or source.damaged or not isinstance(source.root, MappingNode)
        if is_odd or any(len(node.path) > _SURELY_FLAT for node in source.nodes.all):
            return None
        found = chain.from_iterable(rule.check(source) for rule in self.tree_rules)
        return source.data if next(found, None) is None else None


def _without_warnings(rule_settings: RuleSettings) -> RuleSettings:
    """Return the settings without rules that only warn, which never make a manifest invalid.

    A rule stays if its warning replaces the error of another rule.
    """
    instead = {rule.unless for rule in RULES}
    warning = {rule.code for rule in RULES if rule_settings.severity(rule) is Severity.WARNING}
    return replace(rule_settings, ignore=rule_settings.ignore | (warning - instead))
