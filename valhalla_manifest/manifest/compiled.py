"""Generated from model.py by `make generate`; do not edit."""

from __future__ import annotations

from typing import Any

from valhalla_manifest.document.fields import Field
from valhalla_manifest.manifest import validators

# The top-level keys, and the keys of an item of each list.
FIELDS: dict[str, dict[str, Field]] = {
    "": {
        "schema_version": Field(
            type="integer", required=True, choices=("1",), description="The version of this format."
        ),
        "name": Field(type="string", description="The title of reports."),
        "version": Field(
            type="string",
            quoted=True,
            required=True,
            description="The backend's version: Semantic Versioning 2.0.0, in quotes.",
        ),
        "backend_complete": Field(
            type="boolean", required=True, description="Whether the backend is complete."
        ),
        "completed_at": Field(
            type="string",
            quoted=True,
            description="When the backend became complete: RFC 3339, UTC, whole seconds, in quotes. Set if backend_complete is true, and only then.",
        ),
        "notes": Field(type="string", description="Notes about this state for people."),
        "summary": Field(
            type="string", required=True, description="One paragraph about what the backend does."
        ),
        "packs": Field(
            type="array",
            required=True,
            description="The registry of packs, in the order of reports.",
        ),
    },
    "packs": {
        "id": Field(
            type="string",
            quoted=True,
            required=True,
            description="ASCII letters, digits and hyphens, a letter first, up to 32; unique without regard to case.",
        ),
        "name": Field(
            type="string", required=True, description="The name of the pack, on one line."
        ),
        "status": Field(
            type="string",
            required=True,
            choices=("installed", "pending", "deprecated", "experimental"),
            description="pending: planned. experimental: may be tried. installed: in use. deprecated: to be removed.",
        ),
        "category": Field(
            type="string",
            column=True,
            label=True,
            describes=True,
            description="A lower-case slug that groups packs in reports.",
        ),
        "description": Field(type="string", describes=True, description="The purpose of the pack."),
        "owner": Field(
            type="string",
            describes=True,
            description="The person or team responsible for the pack.",
        ),
        "depends_on": Field(
            type="array",
            quoted=True,
            reference=True,
            dependency=True,
            description="The ids of the packs that this one needs.",
        ),
        "replaced_by": Field(
            type="string",
            quoted=True,
            reference=True,
            description="The id of the pack to use instead; only on a deprecated pack.",
        ),
    },
}

# The statuses in the order of reports, each with its stage in the life cycle of a pack.
STATUSES: dict[str, int] = {"installed": 3, "pending": 1, "deprecated": 4, "experimental": 2}

# The lists whose items have an identity, and the key that contains it.
KEYED: dict[str, str] = {"packs": "id"}

CONFIG: Any = {"strict": True, "extra_fields_behavior": "allow"}

CORE_SCHEMA: Any = {
    "type": "model-fields",
    "fields": {
        "schema_version": {
            "type": "model-field",
            "schema": {
                "type": "function-before",
                "function": {"type": "no-info", "function": validators.check_whole_number},
                "schema": {"type": "literal", "expected": [1]},
            },
        },
        "name": {
            "type": "model-field",
            "schema": {
                "type": "default",
                "schema": {"type": "str", "max_length": 120, "pattern": "^[^\\r\\n]*$"},
                "default": None,
            },
        },
        "version": {
            "type": "model-field",
            "schema": {
                "type": "str",
                "max_length": 255,
                "pattern": "^(?:0|[1-9][0-9]*)\\.(?:0|[1-9][0-9]*)\\.(?:0|[1-9][0-9]*)(?:-(?:(?:0|[1-9][0-9]*)|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\\.(?:(?:0|[1-9][0-9]*)|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$",
            },
        },
        "backend_complete": {"type": "model-field", "schema": {"type": "bool"}},
        "completed_at": {
            "type": "model-field",
            "schema": {
                "type": "default",
                "schema": {
                    "type": "function-after",
                    "function": {"type": "with-info", "function": validators.check_completed_at},
                    "schema": {
                        "type": "nullable",
                        "schema": {
                            "type": "function-after",
                            "function": {
                                "type": "no-info",
                                "function": validators.check_date_exists,
                            },
                            "schema": {
                                "type": "str",
                                "pattern": "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$",
                            },
                        },
                    },
                },
                "validate_default": True,
                "default": None,
            },
        },
        "notes": {
            "type": "model-field",
            "schema": {
                "type": "default",
                "schema": {"type": "nullable", "schema": {"type": "str", "max_length": 10000}},
                "default": None,
            },
        },
        "summary": {
            "type": "model-field",
            "schema": {
                "type": "str",
                "max_length": 4000,
                "pattern": "[^\\s\\u001c-\\u001f\\u0085\\ufeff]",
            },
        },
        "packs": {
            "type": "model-field",
            "schema": {
                "type": "tuple",
                "items_schema": [
                    {
                        "type": "model-fields",
                        "fields": {
                            "id": {
                                "type": "model-field",
                                "schema": {
                                    "type": "str",
                                    "pattern": "^[A-Za-z][A-Za-z0-9-]{0,31}$",
                                },
                            },
                            "name": {
                                "type": "model-field",
                                "schema": {
                                    "type": "str",
                                    "max_length": 120,
                                    "pattern": "^[^\\r\\n]*[^\\s\\u001c-\\u001f\\u0085\\ufeff][^\\r\\n]*$",
                                },
                            },
                            "status": {
                                "type": "model-field",
                                "schema": {
                                    "type": "literal",
                                    "expected": [
                                        "installed",
                                        "pending",
                                        "deprecated",
                                        "experimental",
                                    ],
                                },
                            },
                            "category": {
                                "type": "model-field",
                                "schema": {
                                    "type": "default",
                                    "schema": {
                                        "type": "str",
                                        "pattern": "^[a-z0-9]+(?:-[a-z0-9]+)*$",
                                    },
                                    "default": None,
                                },
                            },
                            "description": {
                                "type": "model-field",
                                "schema": {
                                    "type": "default",
                                    "schema": {"type": "str"},
                                    "default": None,
                                },
                            },
                            "owner": {
                                "type": "model-field",
                                "schema": {
                                    "type": "default",
                                    "schema": {"type": "str"},
                                    "default": None,
                                },
                            },
                            "depends_on": {
                                "type": "model-field",
                                "schema": {
                                    "type": "default",
                                    "schema": {
                                        "type": "tuple",
                                        "items_schema": [
                                            {
                                                "type": "str",
                                                "pattern": "^[A-Za-z][A-Za-z0-9-]{0,31}$",
                                            }
                                        ],
                                        "variadic_item_index": 0,
                                        "strict": False,
                                    },
                                    "default": None,
                                },
                            },
                            "replaced_by": {
                                "type": "model-field",
                                "schema": {
                                    "type": "default",
                                    "schema": {
                                        "type": "function-after",
                                        "function": {
                                            "type": "with-info",
                                            "function": validators.check_replaced_by,
                                        },
                                        "schema": {
                                            "type": "str",
                                            "pattern": "^[A-Za-z][A-Za-z0-9-]{0,31}$",
                                        },
                                    },
                                    "default": None,
                                },
                            },
                        },
                        "extras_keys_schema": {"type": "str", "pattern": "^x-"},
                    }
                ],
                "variadic_item_index": 0,
                "strict": False,
            },
        },
    },
    "extras_keys_schema": {"type": "str", "pattern": "^x-"},
}
