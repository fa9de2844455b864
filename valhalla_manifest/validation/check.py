"""From bytes to problems: the one pipeline that every command and the API go through."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.fast_reader import UnreadSource, read_lazily
from valhalla_manifest.document.problems import Problem
from valhalla_manifest.document.source import Source
from valhalla_manifest.manifest import shape
from valhalla_manifest.validation.rule_settings import RuleSettings
from valhalla_manifest.validation.rules import file, semantics
from valhalla_manifest.validation.rules.base import declared_in
from valhalla_manifest.validation.rules.subjects import (
    File,
    Overflow,
    ParsedManifest,
    RemovalTransition,
    Transition,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from valhalla_manifest.document.problems import Finding, Severity
    from valhalla_manifest.manifest.model import Manifest
    from valhalla_manifest.manifest.views import ManifestView
    from valhalla_manifest.validation.rules.base import AnyRule, Rule, Subject
    from valhalla_manifest.validation.rules.subjects import SettingRelaxation

PROBLEM_LIMIT = 10_000  # of one file; more are not worth listing
CLOCK_TOLERANCE = timedelta(minutes=5)
# All other rules are imported when a text needs the full check.
_OF_BYTES = tuple(rule for rule in declared_in(file) if rule.scope is File)
OF_MEANING = tuple(rule for rule in declared_in(semantics) if rule.scope is ParsedManifest)


@dataclass(frozen=True)
class Checked:
    """What is known of one text: its data and its problems, in the order of the file.

    ``revision`` is the commit that the text is of; None for a file as it is. ``not_judged`` says
    why its change was not judged, where that was asked for.
    """

    source: Source
    problems: tuple[Problem, ...] = ()
    revision: str | None = None
    not_judged: str | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that make the manifest invalid."""
        return tuple(problem for problem in self.problems if problem.is_error)

    @property
    def data(self) -> Any:
        """The data as plain lists, dicts and values; None where nothing could be read."""
        return None if self.source.is_empty else self.source.data

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest; only a text without errors has one."""
        from valhalla_manifest.manifest.model import Manifest

        return Manifest.model_validate(self.data)

    @cached_property
    def view(self) -> ManifestView:
        """What the manifest says, for reports; only a text without errors has it."""
        from valhalla_manifest.manifest.views import ManifestView

        return ManifestView.of(self.data)

    @property
    def verdict(self) -> Checked:
        """The same without the tree, which among thousands of files would fill the memory."""
        return replace(self, source=Source(self.source.text if self.problems else ""))


@dataclass(slots=True)
class _Report:
    """Collects what rules find as problems under a rule_settings."""

    source: Source
    rule_settings: RuleSettings
    problems: list[Problem] = field(default_factory=list)

    def add(
        self, rule: Rule[Subject], subject: Subject, settled: frozenset[str] = frozenset()
    ) -> None:
        """Judge a subject by a rule, but for the pointers where a problem is known already."""
        severity = self.rule_settings.severity(rule)
        if severity is None:
            return
        for finding in rule(subject):
            if len(self.problems) > PROBLEM_LIMIT:
                return
            if len(self.problems) == PROBLEM_LIMIT:
                more = file.too_many_problems
                (last,) = more(Overflow(finding.span, PROBLEM_LIMIT))
                self.problems.append(_problem(self.source, more, more.severity, last))
            elif finding.pointer not in settled:
                self.problems.append(_problem(self.source, rule, severity, finding))

    def settled(self) -> frozenset[str]:
        """Return the pointers of what is refused so far: of one cause one problem is told."""
        return frozenset(problem.pointer for problem in self.problems if problem.is_error)

    def done(self) -> Checked:
        if not self.problems:
            return Checked(self.source)
        from valhalla_manifest.validation.rules.registry import RULES

        unless = {rule.code: rule.unless for rule in RULES if rule.unless}
        told = {(problem.line, problem.column, problem.code) for problem in self.problems}
        ordered = sorted(
            (
                problem
                for problem in self.problems
                if (problem.line, problem.column, unless.get(problem.code)) not in told
            ),
            key=lambda found: (found.line, found.column, found.code),
        )
        return Checked(self.source, tuple(ordered))


def _problem(source: Source, rule: AnyRule, severity: Severity, finding: Finding) -> Problem:
    """Return a finding with its code and its place in lines and columns."""
    return Problem(
        rule.code,
        severity,
        finding.message,
        finding.pointer,
        *source.position(finding.span.start),
        *source.position(finding.span.end),
        finding.hint,
    )


def unreadable(reason: str) -> Checked:
    """Return what is known of a file that cannot be read: why."""
    report = _Report(Source(""), RuleSettings())
    report.add(file.unreadable, Unreadable(reason))
    return report.done()


def check(data: bytes, rule_settings: RuleSettings, *, now: datetime | None = None) -> Checked:
    """Check the bytes of a manifest; whatever they are, the answer is a list of problems.

    ``completed_at`` may not be after ``now``, by default the present time.
    """
    now = now or datetime.now(UTC)
    found = File(data)
    refused = _check_file(found, rule_settings)
    return refused or _check_text(read_lazily(found.text), now, rule_settings)


def check_source(source: Source, rule_settings: RuleSettings, *, now: datetime) -> Checked:
    """Check a parsed manifest, like its bytes."""
    refused = _check_file(File(source.whole.encode()), rule_settings)
    return refused or _check_text(source, now, rule_settings)


def _check_file(found: File, rule_settings: RuleSettings) -> Checked | None:
    """Return what is wrong with bytes as such: after that, nothing else is worth saying."""
    report = _Report(found.unread, rule_settings)
    for rule in _OF_BYTES:
        report.add(rule, found)
        if report.problems:
            return report.done()
    return None


def _check_text(source: Source, now: datetime, rule_settings: RuleSettings) -> Checked:
    if isinstance(source, UnreadSource) and is_flawless(source, now, rule_settings):
        return Checked(source)
    from valhalla_manifest.validation.rules import extension_keys, schema
    from valhalla_manifest.validation.rules.registry import rules_for

    report = _Report(source, rule_settings)
    report.add(schema.newer_format, source)
    if report.problems:
        return report.done()
    for rule in rules_for(Source):
        report.add(rule, source)
    # Where the YAML itself is at fault, its shape is not judged; nor the meaning of what is
    # refused already.
    settled = report.settled()
    for refused, case in schema.cases(source, settled - {""}):
        report.add(refused, case)
    if rule_settings.extensions and not source.is_empty:
        report.add(
            extension_keys.extension_key,
            extension_keys.ExtensionSubject(source, rule_settings.extensions),
            settled,
        )
    known = ParsedManifest(source, now, CLOCK_TOLERANCE)
    for meaning in OF_MEANING:
        report.add(meaning, known, settled)
    if source.faults and not any(problem.is_error for problem in report.problems):
        # Whatever the rules and the rule_settings say: a text that is not YAML is never valid.
        from valhalla_manifest.validation.syntax_hints import describe_syntax_error

        syntax, faults = (
            file.syntax,
            (describe_syntax_error(source, fault) for fault in source.faults),
        )
        report.problems += [_problem(source, syntax, syntax.severity, fault) for fault in faults]
    return report.done()


def is_flawless(source: UnreadSource, now: datetime, rule_settings: RuleSettings) -> bool:
    """Return whether the data alone shows that a text has no problem.

    No rule about a tree reports what the fast reader takes, so the rules about data remain.
    """
    if _turns_on_rules_about_trees(rule_settings) or shape.errors(source.data):
        return False
    known = ParsedManifest(source, now, CLOCK_TOLERANCE)
    found = [rule(known) for rule in OF_MEANING if rule_settings.severity(rule)]
    if rule_settings.extensions:
        from valhalla_manifest.validation.rules import extension_keys

        subject = extension_keys.ExtensionSubject(source, rule_settings.extensions)
        found.append(extension_keys.extension_key(subject))
    return next(chain.from_iterable(found), None) is None


def _turns_on_rules_about_trees(rule_settings: RuleSettings) -> bool:
    named = rule_settings.warn | rule_settings.error
    if not named:
        return False
    from valhalla_manifest.validation.rules.registry import rules_for

    return any(rule.code in named and not rule.enabled for rule in rules_for(Source))


def check_settings(
    text: str, found: Iterable[SettingRelaxation], rule_settings: RuleSettings
) -> Checked:
    """Tell what a change of the settings lets pass, by the earlier settings."""
    from valhalla_manifest.validation.rules import change

    report = _Report(Source(text), rule_settings)
    for weakening in found:
        report.add(change.settings_weakened, weakening)
    return report.done()


def check_change(
    old: Checked, new: Checked, rule_settings: RuleSettings
) -> tuple[Checked, Checked]:
    """Check the step from one state to the next.

    Returns both states with the problems of the change: those of what is gone stand in the old
    one. A state that is not valid cannot be compared; of an old one in a newer format, only the
    format is.
    """
    from valhalla_manifest.validation.rules import change, schema
    from valhalla_manifest.validation.rules.registry import rules_for

    in_old, in_new = _Report(old.source, rule_settings), _Report(new.source, rule_settings)
    in_new.problems = list(new.problems)
    newer = [problem.code for problem in old.errors] == [schema.newer_format.code]
    if newer and not new.errors:
        in_new.add(change.format_went_down, Transition(old.source, new.source))
    elif not new.errors and not old.errors:
        for rule in rules_for(Transition):
            in_new.add(rule, Transition(old.source, new.source))
        for loss in rules_for(RemovalTransition):
            in_old.add(loss, RemovalTransition(old.source, new.source))
    return in_old.done(), in_new.done()
