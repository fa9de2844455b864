"""Views of a valid manifest for reports, made from plain data without importing Pydantic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from valhalla_manifest.manifest.compiled import FIELDS, KEYED

if TYPE_CHECKING:
    from collections.abc import Mapping

Data = dict[str, Any]
COLUMNS = tuple(name for name, field in FIELDS["packs"].items() if field.column)


@dataclass(frozen=True, slots=True)
class PackView:
    """One pack; ``fields`` has all keys of the format (None if unset), then extension keys."""

    fields: Data

    @property
    def id(self) -> str:
        """The id of the pack; case makes no difference."""
        return str(self.fields["id"])

    @property
    def name(self) -> str:
        """The name of the pack, on one line."""
        return str(self.fields["name"])

    @property
    def status(self) -> str:
        """The stage in the life cycle of the pack."""
        return str(self.fields["status"])

    @property
    def category(self) -> str | None:
        """The slug that groups packs, if any."""
        found: str | None = self.fields["category"]
        return found

    @property
    def present(self) -> Data:
        """The fields that are set."""
        return {name: value for name, value in self.fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ManifestView:
    """A manifest; ``fields`` has all top-level keys except the packs, like those of a pack."""

    fields: Data
    packs: tuple[PackView, ...]

    @classmethod
    def of(cls, data: Data) -> ManifestView:
        """Return the view of a valid manifest's data."""
        top = _complete(data, FIELDS[""])
        packs = (PackView(_complete(pack, FIELDS["packs"])) for pack in data["packs"])
        return cls({name: top[name] for name in top if name not in KEYED}, tuple(packs))

    @property
    def version(self) -> str:
        """The backend's version (SemVer 2.0.0)."""
        return str(self.fields["version"])

    @property
    def backend_complete(self) -> bool:
        """Whether the backend is complete."""
        return bool(self.fields["backend_complete"])

    @property
    def completed_at(self) -> str | None:
        """When the backend became complete (RFC 3339, UTC), if it is complete."""
        found: str | None = self.fields["completed_at"]
        return found

    @property
    def name(self) -> str | None:
        """The title of reports, if there is one."""
        found: str | None = self.fields["name"]
        return found

    @property
    def notes(self) -> str | None:
        """Notes about this state for readers, if any."""
        found: str | None = self.fields["notes"]
        return found

    @property
    def summary(self) -> str:
        """One paragraph about what the backend does."""
        return str(self.fields["summary"])

    @property
    def extension_keys(self) -> Data:
        """The top-level extension keys that are set."""
        return {
            name: value
            for name, value in self.fields.items()
            if name not in FIELDS[""] and value is not None
        }


def _complete(given: Data, known: Mapping[str, object]) -> Data:
    return dict.fromkeys(known) | given
