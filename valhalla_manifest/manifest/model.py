"""The Pydantic models that define a manifest and describe each key for the schema."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema  # noqa: TC002  read by Pydantic

from valhalla_manifest.manifest import formats, validators


class PackStatus(StrEnum):
    """The life cycle of a pack: planned, may be tried, in use, to be removed."""

    # In the order of reports. The number is the stage in the life cycle.
    INSTALLED = "installed", 3
    PENDING = "pending", 1
    DEPRECATED = "deprecated", 4
    EXPERIMENTAL = "experimental", 2

    stage: int

    def __new__(cls, value: str, stage: int) -> PackStatus:
        """Create a member with the string as its only value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.stage = stage
        return member


class Mark(NamedTuple):
    """Properties of a key for the rest of the tool; Pydantic ignores them."""

    quoted: bool = False  # without quotes, some parser could read another type
    reference: bool = False  # contains ids of packs; rules check and `packs rename` changes them
    dependency: bool = False  # contains the ids of packs that this pack needs
    column: bool = False  # has a column and a filter in lists of packs
    label: bool = False  # is a Prometheus label
    describes: bool = False  # shows whether an id still means the same pack (VM403)


QUOTED, REFERENCE = Mark(quoted=True), Mark(reference=True)
DEPENDENCY = Mark(reference=True, dependency=True)
DESCRIBES = Mark(describes=True)

PackId = Annotated[str, StringConstraints(pattern=formats.PACK_ID), QUOTED]
PackIds = Annotated[tuple[PackId, ...], Field(strict=False)]  # a list in YAML, a tuple in the model
Slug = Annotated[str, StringConstraints(pattern=formats.SLUG)]
Line = Annotated[str, StringConstraints(pattern=formats.ONE_LINE, max_length=120)]
FilledLine = Annotated[str, StringConstraints(pattern=formats.ONE_LINE_NOT_BLANK, max_length=120)]
SemVer = Annotated[
    str, StringConstraints(pattern=formats.SEMVER, max_length=formats.LONGEST_VERSION), QUOTED
]
UtcTime = Annotated[
    str,
    StringConstraints(pattern=formats.UTC_TIME),
    AfterValidator(validators.check_date_exists),
    QUOTED,
]


class NotNull:
    """Marks a key of type ``X | None`` that may be missing, but may not be null."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        nullable = handler(source)
        inner: CoreSchema = nullable["schema"]
        return inner


_OPTIONAL = NotNull()


class Entry(BaseModel):
    """The base of manifest and pack: frozen, with extension keys, but no other unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow")
    __pydantic_extra__: dict[Annotated[str, StringConstraints(pattern="^x-")], Any]


class Pack(Entry):
    """One pack of the registry."""

    id: PackId = Field(
        description=(
            "ASCII letters, digits and hyphens, a letter first, up to 32; "
            "unique without regard to case."
        ),
        examples=["H"],
    )
    name: FilledLine = Field(
        description="The name of the pack, on one line.", examples=["Contract Lifecycle Engine"]
    )
    status: PackStatus = Field(
        strict=False,
        description=(
            "pending: planned. experimental: may be tried. installed: in use. "
            "deprecated: to be removed."
        ),
        examples=["installed"],
    )
    category: Annotated[Slug | None, _OPTIONAL, Mark(column=True, label=True, describes=True)] = (
        Field(
            default=None,
            description="A lower-case slug that groups packs in reports.",
            examples=["professional"],
        )
    )
    description: Annotated[str | None, _OPTIONAL, DESCRIBES] = Field(
        default=None, description="The purpose of the pack.", examples=["Tracks a contract's life."]
    )
    owner: Annotated[str | None, _OPTIONAL, DESCRIBES] = Field(
        default=None,
        description="The person or team responsible for the pack.",
        examples=["platform team"],
    )
    depends_on: Annotated[PackIds | None, _OPTIONAL, DEPENDENCY] = Field(
        default=None,
        description="The ids of the packs that this one needs.",
        examples=[["H", "I"]],
    )
    replaced_by: Annotated[
        PackId | None, _OPTIONAL, AfterValidator(validators.check_replaced_by), REFERENCE
    ] = Field(
        default=None,
        description="The id of the pack to use instead; only on a deprecated pack.",
        examples=["I"],
    )


class Manifest(Entry):
    """The state of a backend: its version, whether it is complete, and its packs."""

    # The lists whose items have an identity, and the key that contains it, for the generic layers.
    keyed_lists: ClassVar[dict[str, str]] = {"packs": "id"}

    schema_version: Annotated[Literal[1], BeforeValidator(validators.check_whole_number)] = Field(
        description="The version of this format.", examples=[1]
    )
    name: Annotated[Line | None, _OPTIONAL] = Field(
        default=None, description="The title of reports.", examples=["Valhalla backend"]
    )
    version: SemVer = Field(
        description="The backend's version: Semantic Versioning 2.0.0, in quotes.",
        examples=["1.0.0"],
    )
    backend_complete: bool = Field(description="Whether the backend is complete.", examples=[False])
    completed_at: Annotated[UtcTime | None, AfterValidator(validators.check_completed_at)] = Field(
        default=None,
        validate_default=True,
        description=(
            "When the backend became complete: RFC 3339, UTC, whole seconds, in quotes. "
            "Set if backend_complete is true, and only then."
        ),
        examples=["2026-01-31T12:00:00Z"],
    )
    notes: Annotated[str, StringConstraints(max_length=10_000)] | None = Field(
        default=None,
        description="Notes about this state for people.",
        examples=["System metadata initialized."],
    )
    summary: Annotated[str, StringConstraints(pattern=formats.NOT_BLANK, max_length=4_000)] = Field(
        description="One paragraph about what the backend does.",
        examples=["A platform for professional services."],
    )
    packs: tuple[Pack, ...] = Field(
        strict=False,
        description="The registry of packs, in the order of reports.",
        examples=[[]],
    )
