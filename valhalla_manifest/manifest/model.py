"""What a manifest is: the Pydantic models that decide, and the words that the schema shows."""

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
    """Where a pack is in its life: planned, to be tried, in use, to be removed."""

    # In the order of reports; the number tells how far in its life a pack is.
    INSTALLED = "installed", 3
    PENDING = "pending", 1
    DEPRECATED = "deprecated", 4
    EXPERIMENTAL = "experimental", 2

    stage: int

    def __new__(cls, value: str, stage: int) -> PackStatus:
        """Make a member whose value is the text alone."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.stage = stage
        return member


class Mark(NamedTuple):
    """What an annotation tells the rest of the tool about a key; Pydantic ignores it."""

    quoted: bool = False  # some reader could take it for something else without quotes
    reference: bool = False  # it names packs: rules check them, and renaming follows
    dependency: bool = False  # the pack needs those that it names
    column: bool = False  # it has a column and a filter in the lists of packs
    label: bool = False  # it is a Prometheus label
    describes: bool = False  # it tells whether an id still means the same pack


QUOTED, REFERENCE = Mark(quoted=True), Mark(reference=True)
DEPENDENCY = Mark(reference=True, dependency=True)
DESCRIBES = Mark(describes=True)

PackId = Annotated[str, StringConstraints(pattern=formats.PACK_ID), QUOTED]
PackIds = Annotated[tuple[PackId, ...], Field(strict=False)]  # a list, to the model a tuple
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
    """Marks ``X | None`` as: the key may be left out (then it is None), but may not hold null."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        nullable = handler(source)
        inner: CoreSchema = nullable["schema"]
        return inner


_OPTIONAL = NotNull()


class Entry(BaseModel):
    """What the manifest and a pack share: frozen, and no unknown key but the ``x-`` ones."""

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
        description="What the pack is called, in one line.", examples=["Contract Lifecycle Engine"]
    )
    status: PackStatus = Field(
        strict=False,
        description=(
            "pending: planned. experimental: may be tried. installed: in use. "
            "deprecated: still there, to be removed."
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
        default=None, description="What the pack does.", examples=["Tracks a contract's life."]
    )
    owner: Annotated[str | None, _OPTIONAL, DESCRIBES] = Field(
        default=None, description="Who answers for the pack.", examples=["platform team"]
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

    # What the generic layers need to know: which lists are keyed, and by which field.
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
            "When it became complete: RFC 3339, UTC, whole seconds, in quotes. "
            "There exactly when backend_complete is true."
        ),
        examples=["2026-01-31T12:00:00Z"],
    )
    notes: Annotated[str, StringConstraints(max_length=10_000)] | None = Field(
        default=None,
        description="What a reader should know about this state.",
        examples=["System metadata initialized."],
    )
    summary: Annotated[str, StringConstraints(pattern=formats.NOT_BLANK, max_length=4_000)] = Field(
        description="One paragraph on what the backend does.",
        examples=["A platform for professional services."],
    )
    packs: tuple[Pack, ...] = Field(
        strict=False,
        description="The registry, in the order in which reports show it.",
        examples=[[]],
    )
