"""Describe what a command had done when SIGINT or SIGTERM interrupted it."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from valhalla_manifest.project.manifest_file import ManifestFile


class Interruption(KeyboardInterrupt):
    """An interruption with a message; it ends the command like the signal itself."""

    def __init__(
        self,
        cause: KeyboardInterrupt,
        message: str = "interrupted",
        details: Sequence[str] = (),
    ) -> None:
        super().__init__(*cause.args)
        self.message = message
        self.details = tuple(details)
        # The handler in __main__.py gives the number of the signal.
        number = cause.args[0] if cause.args else signal.SIGINT
        self.exit_code = 128 + int(number)

    @classmethod
    def of(cls, interrupt: KeyboardInterrupt) -> Interruption:
        """Return an interruption unchanged, or wrap a plain interrupt."""
        return interrupt if isinstance(interrupt, cls) else cls(interrupt)


@contextmanager
def effect_in_message(file: ManifestFile) -> Iterator[None]:
    """If a signal interrupts the block, say whether the block has changed a manifest."""
    before = _read_if_possible(file)
    try:
        yield
    except KeyboardInterrupt as interrupt:
        is_changed = _read_if_possible(file) != before
        effect = f", but {file} was written" if is_changed else "; nothing was changed"
        raise Interruption(interrupt, f"interrupted{effect}") from None


def _read_if_possible(file: ManifestFile) -> bytes | None:
    try:
        return file.read()
    except ManifestError:
        return None
