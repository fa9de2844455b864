"""From bytes to problems: the one pipeline that every command and the API go through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.problems import Finding, Problem, Severity
from valhalla_manifest.document.source import Source, read
from valhalla_manifest.validation.diagnosis import diagnose
from valhalla_manifest.validation.rules import PORTABLE, change, file, schema, semantics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from valhalla_manifest.manifest.model import Manifest
    from valhalla_manifest.validation.rules.base import AnyRule

PROBLEM_LIMIT = 10_000  # of one file; more are not worth listing
CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Policy:
    """Which codes count as what, where a project differs from the rules themselves."""

    ignore: frozenset[str] = frozenset()
    warn: frozenset[str] = frozenset()
    error: frozenset[str] = frozenset()

    def severity(self, rule: AnyRule) -> Severity | None:
        """Return the severity of a rule's problems, None where they are not reported."""
        if rule.code in self.ignore:
            return None
        if rule.code in self.error:
            return Severity.ERROR
        return Severity.WARNING if rule.code in self.warn else rule.severity


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of one text: its tree and its problems, in the order of the file.

    ``revision`` is the commit that the text is of; None for a file as it is.
    """

    source: Source
    problems: tuple[Problem, ...] = ()
    revision: str | None = None
    _manifest: list[Manifest] = field(default_factory=list)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that make the manifest invalid."""
        return tuple(problem for problem in self.problems if problem.is_error)

    @property
    def data(self) -> Any:
        """The data as plain lists, dicts and values; None where nothing could be read."""
        return self.source.root.value if self.source.root else None

    @property
    def manifest(self) -> Manifest:
        """The manifest; only a text without errors has one."""
        if not self._manifest:
            from valhalla_manifest.manifest.model import Manifest

            self._manifest.append(Manifest.model_validate(self.data))
        return self._manifest[0]


@dataclass(slots=True)
class _Report:
    """Collects findings as problems under a policy."""

    source: Source
    policy: Policy
    problems: list[Problem] = field(default_factory=list)

    def add(self, rule: AnyRule, findings: Finding | Iterable[Finding] | None) -> None:
        severity = self.policy.severity(rule)
        if isinstance(findings, Finding) or findings is None:
            findings = [findings] if findings else []
        for finding in findings if severity else ():
            if len(self.problems) == PROBLEM_LIMIT:
                more = file.too_many_problems(finding.span, PROBLEM_LIMIT)
                self.problems.append(as_problem(self.source, file.too_many_problems, None, more))
            if len(self.problems) > PROBLEM_LIMIT:
                break
            self.problems.append(as_problem(self.source, rule, severity, finding))

    def done(self) -> Checked:
        ordered = sorted(self.problems, key=lambda found: (found.line, found.column, found.code))
        return Checked(self.source, tuple(ordered))


def as_problem(
    source: Source, rule: AnyRule, severity: Severity | None, finding: Finding
) -> Problem:
    """Return a finding with its code and its place in lines and columns."""
    return Problem(
        rule.code,
        severity or rule.severity,
        finding.message,
        finding.pointer,
        *source.position(finding.span.start),
        *source.position(finding.span.end),
        finding.hint,
    )


def check(data: bytes, *, now: datetime | None = None, policy: Policy | None = None) -> Checked:
    """Check the bytes of a manifest; whatever they are, the answer is a list of problems.

    ``now`` is the time that ``completed_at`` may not be after; without it, the clock's.
    """
    now, policy = now or datetime.now(UTC), policy or Policy()
    empty = _Report(Source(""), policy)
    empty.add(file.too_large, file.too_large(len(data)))
    if empty.problems:
        return empty.done()
    empty.add(file.other_kind_of_file, file.other_kind_of_file(data))
    if empty.problems:
        return empty.done()
    other = file.not_utf_8(data)
    if other:
        readable = data[: other.span.end].decode(errors="replace").removeprefix("\ufeff")
        report = _Report(Source(readable), policy)
        report.add(file.not_utf_8, other)
        return report.done()
    return _check_text(data.decode(), now, policy)


def _check_text(text: str, now: datetime, policy: Policy) -> Checked:
    conflict = list(file.conflict_markers(text.removeprefix("\ufeff")))
    if conflict:
        report = _Report(Source(text.removeprefix("\ufeff")), policy)
        report.add(file.conflict_markers, conflict)
        return report.done()
    source = read(text)
    report = _Report(source, policy)
    newer = schema.newer_format(source)
    if newer:
        report.add(schema.newer_format, newer)
        return report.done()
    for rule in (*file.FOR_SOURCE, *PORTABLE):
        report.add(rule, rule(source))
    # One cause is one problem: where the YAML itself is at fault, its shape is not judged.
    settled = {problem.pointer for problem in report.problems if problem.is_error}
    for rule, finding in schema.check(source, settled - {""}):
        report.add(rule, finding)
    known = semantics.Known(source, now, CLOCK_TOLERANCE)
    for rule in semantics.FOR_KNOWN:
        report.add(rule, _only_new(rule(known), settled))
    if source.faults and not any(problem.is_error for problem in report.problems):
        # Whatever the rules and the policy say: a text that is not YAML is never valid.
        report.add(file.syntax, [diagnose(source, fault) for fault in source.faults])
    return report.done()


def _only_new(findings: Iterable[Finding], settled: set[str]) -> Iterator[Finding]:
    return (finding for finding in findings if finding.pointer not in settled)


def check_change(
    old: Checked, new: Checked, policy: Policy | None = None
) -> tuple[Checked, Checked]:
    """Check the step from one state to the next.

    Returns both states with the problems of the change: those of what is gone stand in the old
    one. A state that is not valid cannot be compared; of an old one in a newer format, only the
    format is.
    """
    policy = policy or Policy()
    in_old, in_new = _Report(old.source, policy), _Report(new.source, policy)
    in_new.problems = list(new.problems)
    newer = [problem.code for problem in old.errors] == [schema.newer_format.code]
    if not new.errors and (newer or not old.errors):
        step = change.Step(old.source, new.source)
        for rule in [change.format_went_down] if newer else change.FOR_STEP:
            in_new.add(rule, rule(step))
        for rule in [] if newer else change.IN_OLD:
            in_old.add(rule, rule(step))
    return in_old.done(), in_new.done()
