"""The pipeline from bytes to problems, which every command and the API use."""

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
from valhalla_manifest.validation.rules.base import rules_in
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

PROBLEM_LIMIT = 10_000  # for one file
CLOCK_TOLERANCE = timedelta(minutes=5)
# All other rules are imported when a file needs the full check.
_OF_BYTES = tuple(rule for rule in rules_in(file) if rule.scope is File)
OF_MEANING = tuple(rule for rule in rules_in(semantics) if rule.scope is ParsedManifest)


@dataclass(frozen=True)
class Checked:
    """The result of a check: the data of a manifest, and its problems in file order.

    ``revision`` is the commit of the manifest, or None for a file in the work tree.
    ``skipped_reason`` explains why a requested check of its change was not possible.
    """

    source: Source
    problems: tuple[Problem, ...] = ()
    revision: str | None = None
    skipped_reason: str | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that make the manifest invalid."""
        return tuple(problem for problem in self.problems if problem.is_error)

    @property
    def data(self) -> Any:
        """The data as plain lists, dicts and values, or None if nothing could be read."""
        return None if self.source.is_empty else self.source.data

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest as a model; only a valid manifest has one."""
        from valhalla_manifest.manifest.model import Manifest

        return Manifest.model_validate(self.data)

    @cached_property
    def view(self) -> ManifestView:
        """The view of the manifest for reports; only a valid manifest has one."""
        from valhalla_manifest.manifest.views import ManifestView

        return ManifestView.of(self.data)

    @property
    def verdict(self) -> Checked:
        """The result without its tree, to save memory when thousands of files are checked."""
        return replace(self, source=Source(self.source.text if self.problems else ""))


@dataclass(slots=True)
class _Report:
    """The problems that rules have found so far, with the severities of the rule settings."""

    source: Source
    rule_settings: RuleSettings
    problems: list[Problem] = field(default_factory=list)

    def add(
        self, rule: Rule[Subject], subject: Subject, reported: frozenset[str] = frozenset()
    ) -> None:
        """Check a subject against a rule, except at the pointers in ``reported``."""
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
            elif finding.pointer not in reported:
                self.problems.append(_problem(self.source, rule, severity, finding))

    def pointers_with_errors(self) -> frozenset[str]:
        """Return the pointers that already have an error, so that each cause is reported once."""
        return frozenset(problem.pointer for problem in self.problems if problem.is_error)

    def finish(self) -> Checked:
        if not self.problems:
            return Checked(self.source)
        from valhalla_manifest.validation.rules.registry import RULES

        unless = {rule.code: rule.unless for rule in RULES if rule.unless}
        places = {(problem.line, problem.column, problem.code) for problem in self.problems}
        ordered = sorted(
            (
                problem
                for problem in self.problems
                if (problem.line, problem.column, unless.get(problem.code)) not in places
            ),
            key=lambda found: (found.line, found.column, found.code),
        )
        return Checked(self.source, tuple(ordered))


def _problem(source: Source, rule: AnyRule, severity: Severity, finding: Finding) -> Problem:
    """Return the problem for a finding: with its code, its severity, and its lines and columns."""
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
    """Return the result for a file that cannot be read."""
    report = _Report(Source(""), RuleSettings())
    report.add(file.unreadable, Unreadable(reason))
    return report.finish()


def check(data: bytes, rule_settings: RuleSettings, *, now: datetime | None = None) -> Checked:
    """Check the bytes of a manifest; any bytes give a list of problems, never an exception.

    ``completed_at`` may not be after ``now``, by default the current time.
    """
    now = now or datetime.now(UTC)
    file_content = File(data)
    unusable = _check_file(file_content, rule_settings)
    return unusable or _check_text(read_lazily(file_content.text), now, rule_settings)


def check_source(source: Source, rule_settings: RuleSettings, *, now: datetime) -> Checked:
    """Check a manifest that is already parsed, like ``check``."""
    unusable = _check_file(File(source.whole.encode()), rule_settings)
    return unusable or _check_text(source, now, rule_settings)


def _check_file(subject: File, rule_settings: RuleSettings) -> Checked | None:
    """Return the result if the bytes cannot be parsed, or None otherwise."""
    report = _Report(subject.unread, rule_settings)
    for rule in _OF_BYTES:
        report.add(rule, subject)
        if report.problems:
            return report.finish()
    return None


def _check_text(source: Source, now: datetime, rule_settings: RuleSettings) -> Checked:
    if isinstance(source, UnreadSource) and is_flawless(source, now, rule_settings):
        return Checked(source)
    from valhalla_manifest.validation.rules import extension_keys, schema
    from valhalla_manifest.validation.rules.registry import rules_for

    report = _Report(source, rule_settings)
    report.add(schema.newer_format, source)
    if report.problems:
        return report.finish()
    for rule in rules_for(Source):
        report.add(rule, source)
    # A value with a YAML problem is not checked for its shape, and a value with a shape problem is
    # not checked for its meaning. Missing top-level keys are always reported.
    reported = report.pointers_with_errors()
    for shape_rule, case in schema.cases(source, reported - {""}):
        report.add(shape_rule, case)
    if rule_settings.extensions and not source.is_empty:
        report.add(
            extension_keys.extension_key,
            extension_keys.ExtensionSubject(source, rule_settings.extensions),
            reported,
        )
    known = ParsedManifest(source, now, CLOCK_TOLERANCE)
    for meaning in OF_MEANING:
        report.add(meaning, known, reported)
    if source.faults and not any(problem.is_error for problem in report.problems):
        # VM004 drops some syntax errors in favor of rules that the settings can ignore. A file
        # that is not YAML is never valid, so report them all.
        from valhalla_manifest.validation.syntax_hints import describe_syntax_error

        rule = file.syntax
        faults = (describe_syntax_error(source, fault) for fault in source.faults)
        report.problems += [_problem(source, rule, rule.severity, fault) for fault in faults]
    return report.finish()


def is_flawless(source: UnreadSource, now: datetime, rule_settings: RuleSettings) -> bool:
    """Return whether the data is enough to show that a document has no problem.

    No rule about a tree reports a document that the fast reader accepts, so run only the rules
    about data.
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
    text: str, relaxations: Iterable[SettingRelaxation], rule_settings: RuleSettings
) -> Checked:
    """Report the settings that became less strict; ``rule_settings`` are the earlier ones."""
    from valhalla_manifest.validation.rules import change

    report = _Report(Source(text), rule_settings)
    for relaxation in relaxations:
        report.add(change.settings_weakened, relaxation)
    return report.finish()


def check_removal(text: str, rule_settings: RuleSettings) -> Checked:
    """Return the problem of a removed manifest, with a position in its last content."""
    from valhalla_manifest.validation.rules import change

    report = _Report(Source(text), rule_settings)
    report.add(change.manifest_removed, RemovedManifest())
    return report.finish()


def check_change(
    old: Checked, new: Checked, rule_settings: RuleSettings
) -> tuple[Checked, Checked]:
    """Check the change from one revision to the next, and return both with their problems.

    Problems about removed packs are added to the old revision. An invalid revision cannot be
    compared. If the old revision has a newer format, only ``schema_version`` is compared.
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
        for removal_rule in rules_for(RemovalTransition):
            in_old.add(removal_rule, RemovalTransition(old.source, new.source))
    return in_old.finish(), in_new.finish()
