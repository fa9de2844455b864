"""Checks many versions of a manifest, and reads each of their parts once.

From one revision to the next most of a manifest stays. Its top-level entries, and the items of
its keyed lists, are read once each; a version is put together from them. If the border of a
part is not certain, or anything is wrong, the whole manifest is checked as usual.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.problems import Severity
from valhalla_manifest.document.reader import DEPTH_LIMIT, NODE_LIMIT, read
from valhalla_manifest.document.source import MappingNode, Node, SequenceNode, Source
from valhalla_manifest.validation.check import CLOCK_TOLERANCE, Checked, check
from valhalla_manifest.validation.rules import RULES, rules_for, schema
from valhalla_manifest.validation.rules.file import SIZE_LIMIT
from valhalla_manifest.validation.rules.subjects import ParsedManifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from valhalla_manifest.validation.rule_settings import RuleSettings

_OF_A_PART = tuple(rule for rule in rules_for(Source) if not rule.whole)
_OF_THE_WHOLE = rules_for(ParsedManifest)
# Both look for line breaks, which is faster than ``^``.
_ENTRY = re.compile(r"\n(?=[A-Za-z_])")
# A line that starts in any other way could belong to what stands above it, or end the document.
_UNCERTAIN = re.compile(r"\n(?:[^A-Za-z_#\s-]|-(?! ))")
_ODD = ("\r", "\t", "\ufeff")
_SURELY_FLAT = DEPTH_LIMIT // 2
_LIST_HEAD = re.compile(r"[A-Za-z_]+:[ ]*(?:#.*)?\n(?:[ ]*(?:#.*)?\n)*(?=([ ]*)- )")


class Remembering:
    """A check like ``check.check`` for manifests that have much in common.

    It says whether a manifest is valid: rules that only warn are not run.
    """

    def __init__(self, keyed: Mapping[str, str], rule_settings: RuleSettings) -> None:
        self.keyed = keyed
        self.rule_settings = _deciding(rule_settings)
        self.of_a_part = [rule for rule in _OF_A_PART if self.rule_settings.severity(rule)]
        self.of_the_whole = [rule for rule in _OF_THE_WHOLE if self.rule_settings.severity(rule)]
        self.now = datetime.now(UTC)
        self.known: dict[str, Node | None] = {}
        self.items: dict[str, Node | None] = {}
        self.empty: dict[str, bool] = {}

    def check(self, data: bytes) -> Checked:
        """Check the bytes of a manifest."""
        source = None if self.rule_settings.extensions else self._assembled(data)
        if source and self._is_flawless(source):
            return Checked(source)
        return check(data, self.rule_settings, now=self.now)

    def _is_flawless(self, source: Source) -> bool:
        if _finds_any(schema.cases(source, frozenset())) or _finds_any(schema.newer_format(source)):
            return False
        known = ParsedManifest(source, self.now, CLOCK_TOLERANCE)
        return not _finds_any(chain.from_iterable(rule.check(known) for rule in self.of_the_whole))

    def _assembled(self, data: bytes) -> Source | None:
        """Return the text as a tree whose data is right; its positions are those of the parts."""
        if len(data) > SIZE_LIMIT:
            return None
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return None
        # The text gets a line break before it.
        head, *parts = _split(text, [found.start() for found in _ENTRY.finditer(f"\n{text}")])
        if head and not self._is_empty(head):
            return None
        root = MappingNode(0, 0, (), {})
        for part in parts:
            entry = self._list(part) if part.partition(":")[0] in self.keyed else self._read(part)
            if entry is None or not _take_over(root, entry):
                return None
        return None if _is_for_the_full_check(text, root) else Source(text, root=root)

    def _list(self, part: str) -> Node | None:
        """Return a mapping of one key, a list, put together from the list's items."""
        head = _LIST_HEAD.match(part)
        if head is None:
            return self._read(part)
        starts = re.compile(rf"\n(?={head[1]}- )").finditer(part, head.end() - 1)
        title, *texts = _split(part, [found.end() for found in starts])
        name, items = self._read(title), [self._item(text) for text in texts]
        nodes = [item for item in items if item]
        if not isinstance(name, MappingNode) or len(nodes) < len(items):
            return None
        (key, _) = name.entries[0]
        listed = SequenceNode(0, 0, (), [node.value for node in nodes], items=nodes)
        return MappingNode(0, 0, (), {key.value: listed.value}, entries=[(key, listed)])

    def _item(self, part: str) -> Node | None:
        """Return the item of a list that a part contains, if it contains one."""
        if part not in self.items:
            match self._read(part):
                case SequenceNode(items=[item]):
                    self.items[part] = item
                case _:
                    self.items[part] = None
        return self.items[part]

    def _read(self, part: str) -> Node | None:
        """Return a part as it was read, None if anything is wrong with it."""
        if part not in self.known:
            source = read(part)
            self.known[part] = source.root if self._is_flawless_part(source) else None
        return self.known[part]

    def _is_empty(self, part: str) -> bool:
        """Return whether a part holds comments alone."""
        if part not in self.empty:
            source = read(part)
            self.empty[part] = source.root is None and self._is_flawless_part(source)
        return self.empty[part]

    def _is_flawless_part(self, source: Source) -> bool:
        """Return whether nothing is wrong with a part, and its border is where it seems to be."""
        # A part is nested less deep than the whole.
        deep = any(len(node.path) > _SURELY_FLAT for node in source.nodes.all)
        text = f"\n{source.whole}"
        uncertain = _UNCERTAIN.search(text) or any(char in text for char in _ODD)
        found = chain.from_iterable(rule.check(source) for rule in self.of_a_part)
        return not (deep or uncertain or _finds_any(found))


def _deciding(rule_settings: RuleSettings) -> RuleSettings:
    """Return the settings without rules that only warn: they do not make a manifest invalid.

    A rule stays where its warning takes the place of another rule's error.
    """
    instead = {rule.unless for rule in RULES}
    warning = {rule.code for rule in RULES if rule_settings.severity(rule) is Severity.WARNING}
    return replace(rule_settings, ignore=rule_settings.ignore | (warning - instead))


def _is_for_the_full_check(text: str, root: MappingNode) -> bool:
    """Return whether the limits of a whole text, or what kind of file it is, need a look at it."""
    return (
        (len(text) > NODE_LIMIT and _size(root) > NODE_LIMIT)
        or "=" in next(iter(root.value), "")  # it may be TOML
    )


def _size(node: Node) -> int:
    """Return how many keys and values a node is, itself included."""
    parts = [node]
    for part in parts:  # and those that come behind it
        if isinstance(part, MappingNode):
            parts += [each for entry in part.entries for each in entry]
        elif isinstance(part, SequenceNode):
            parts += part.items
    return len(parts)


def _finds_any(findings: Iterable[object]) -> bool:
    return next(iter(findings), None) is not None


def _split(text: str, starts: list[int]) -> list[str]:
    """Return the text before the first start, and the parts from each start to the next."""
    return [text[start:end] for start, end in pairwise([0, *starts, len(text)])]


def _take_over(root: MappingNode, entry: Node) -> bool:
    """Add the entries of a part to the whole; a duplicate key needs the full check."""
    if not isinstance(entry, MappingNode) or any(key in root.value for key in entry.value):
        return False
    values: dict[str, Any] = entry.value
    root.value.update(values)
    root.entries += entry.entries
    return True
