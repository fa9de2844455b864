"""From bytes to problems: the one pipeline that every command and the API go through."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.problems import Problem
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import Source
from valhalla_manifest.validation.rule_settings import RuleSettings
from valhalla_manifest.validation.rules import (
    RULES,
    change,
    extension_keys,
    file,
    rules_for,
    schema,
)
from valhalla_manifest.validation.rules.subjects import (
    File,
    Overflow,
    ParsedManifest,
    RemovalTransition,
    RemovedManifest,
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
_UNLESS = {rule.code: rule.unless for rule in RULES if rule.unless}


@dataclass(frozen=True)
class Checked:
    """What is known of one text: its tree and its problems, in the order of the file.

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
        return self.source.root.value if self.source.root else None

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
        told = {(problem.line, problem.column, problem.code) for problem in self.problems}
        ordered = sorted(
            (
                problem
                for problem in self.problems
                if (problem.line, problem.column, _UNLESS.get(problem.code)) not in told
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
    return refused or _check_text(read(found.text), now, rule_settings)


def check_source(source: Source, rule_settings: RuleSettings, *, now: datetime) -> Checked:
    """Check a parsed manifest, like its bytes."""
    refused = _check_file(File(source.whole.encode()), rule_settings)
    return refused or _check_text(source, now, rule_settings)


def _check_file(found: File, rule_settings: RuleSettings) -> Checked | None:
    """Return what is wrong with bytes as such: after that, nothing else is worth saying."""
    report = _Report(found.unread, rule_settings)
    for rule in rules_for(File):
        report.add(rule, found)
        if report.problems:
            return report.done()
    return None


def _check_text(source: Source, now: datetime, rule_settings: RuleSettings) -> Checked:
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
    if rule_settings.extensions:
        report.add(
            extension_keys.extension_key,
            extension_keys.ExtensionSubject(source, rule_settings.extensions),
            settled,
        )
    known = ParsedManifest(source, now, CLOCK_TOLERANCE)
    for meaning in rules_for(ParsedManifest):
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


def check_settings(
    text: str, found: Iterable[SettingRelaxation], rule_settings: RuleSettings
) -> Checked:
    """Tell what a change of the settings lets pass, by the earlier settings."""
    report = _Report(Source(text), rule_settings)
    for weakening in found:
        report.add(change.settings_weakened, weakening)
    return report.done()


def check_removal(text: str, rule_settings: RuleSettings) -> Checked:
    """Return the problem of a manifest that was removed, in its last content."""
    report = _Report(Source(text), rule_settings)
    report.add(change.manifest_removed, RemovedManifest())
    return report.done()


def check_change(
    old: Checked, new: Checked, rule_settings: RuleSettings
) -> tuple[Checked, Checked]:
    """Check the step from one state to the next.

    Returns both states with the problems of the change: those of what is gone stand in the old
    one. A state that is not valid cannot be compared; of an old one in a newer format, only the
    format is.
    """
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
