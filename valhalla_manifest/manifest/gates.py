"""The conditions of ``require``, which a release pipeline checks before it goes on."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.problems import ManifestError, closest
from valhalla_manifest.manifest import lookup
from valhalla_manifest.manifest.operations import parse_version
from valhalla_manifest.manifest.statuses import IN_USE, PLANNED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from valhalla_manifest.manifest.views import ManifestView

Reason = str | None  # why a condition is not met, or None if it is met


class ConditionResult(NamedTuple):
    """One condition as written, and the reason if it is not met."""

    condition: str
    reason: Reason

    @property
    def holds(self) -> bool:
        """Whether the condition is met."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class GateContext:
    """The manifest, and callbacks that ask Git only if a condition needs it."""

    manifest: ManifestView
    is_clean: Callable[[], bool]
    tags: Callable[[], Iterable[str]]


def _complete(state: GateContext, _: str) -> Reason:
    return None if state.manifest.backend_complete else "the backend is not complete"


def _installed(state: GateContext, ids: str) -> Reason:
    packs = [(pack.id, pack) for pack in state.manifest.packs]
    wanted = [part.strip() for part in ids.split(",") if part.strip()]
    found = [(name, lookup.find(name, packs)) for name in wanted]
    missing = [
        f"{pack.id} is {pack.status}" if pack else f"there is no pack {name}"
        for name, pack in found
        if not pack or pack.status not in IN_USE
    ]
    return ", ".join(missing) or None


def _no_pending(state: GateContext, _: str) -> Reason:
    pending = [pack.id for pack in state.manifest.packs if pack.status in PLANNED]
    are = "is" if len(pending) == 1 else "are"
    return f"{', '.join(pending)} {are} pending" if pending else None


_COMPARISONS = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


def _version(state: GateContext, wanted: str) -> Reason:
    sign = next(sign for sign in _COMPARISONS if wanted.startswith(sign))
    present, other = parse_version(state.manifest.version), parse_version(wanted[len(sign) :])
    return None if _COMPARISONS[sign](present, other) else f"the version is {present}"


def _clean(state: GateContext, _: str) -> Reason:
    return None if state.is_clean() else "the manifest has uncommitted edits"


def _tag(state: GateContext, pattern: str) -> Reason:
    wanted = pattern.replace("{version}", state.manifest.version)
    present = list(state.tags())
    others = f", but has {', '.join(present)}" if present else ""
    return None if wanted in present else f"the commit has no tag {wanted}{others}"


class Kind(NamedTuple):
    """One kind of condition: its form, an example, and its check."""

    form: re.Pattern[str]
    example: str
    check: Callable[[GateContext, str], Reason]


_PLACEHOLDER = re.compile(r"\{(?!version\})[^{}]*\}")
_ONE_EQUALS_SIGN = re.compile(r"\s*version\s*=\s*(?!=)")
_ID = "[A-Za-z][A-Za-z0-9-]*"

KINDS = (
    Kind(re.compile(r"complete()"), "complete", _complete),
    Kind(re.compile(rf"installed:({_ID}(?:\s*,\s*{_ID})*)"), "installed:ID,ID", _installed),
    Kind(re.compile(r"no-pending()"), "no-pending", _no_pending),
    Kind(re.compile(r"version((?:[<>=!]=|[<>]).+)"), "version>=1.2.0", _version),
    Kind(re.compile(r"clean()"), "clean", _clean),
    Kind(re.compile(r"tag:(.+)"), "tag:v{version}", _tag),
)


def check_conditions(state: GateContext, conditions: Iterable[str]) -> list[ConditionResult]:
    """Check all conditions; raise ManifestError if one is malformed or Git fails."""
    parsed = [(text, *_parse_condition(text)) for text in conditions]
    return [ConditionResult(text, kind.check(state, argument)) for text, kind, argument in parsed]


def _parse_condition(text: str) -> tuple[Kind, str]:
    for kind in KINDS:
        match = kind.form.fullmatch(text.strip())
        if match:
            if kind.check is _version:
                parse_version(match[1].lstrip("<>=!"))  # reject an invalid version
            unknown = _PLACEHOLDER.search(match[1]) if kind.check is _tag else None
            if unknown:
                raise ManifestError(f"{text!r} names {unknown[0]}; write {{version}}")
            return kind, match[1]
    examples = [kind.example for kind in KINDS]
    equals = _ONE_EQUALS_SIGN.match(text)
    guess = f"version=={text[equals.end() :]}" if equals else closest(text, examples)
    if text == "version":
        hint = 'write "version>=1.2.0" in quotes, because the shell reads > as a redirection'
    elif guess:
        hint = f'did you mean "{guess}"?'
    else:
        hint = f"write one of: {', '.join(examples)}"
    raise ManifestError(f"{text!r} is not a condition; {hint}")
