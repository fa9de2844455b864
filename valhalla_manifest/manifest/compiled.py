"""Made by scripts/compile_model.py from model.py; then `make generate`."""

from __future__ import annotations

from typing import Any

from valhalla_manifest.manifest import validators

# The keys of the manifest and of an item of each list, with an example of a value.
FIELDS: dict[str, dict[str, str]] = {
    "": {
        "schema_version": "1",
        "name": "Valhalla backend",
        "version": '"1.0.0"',
        "backend_complete": "false",
        "completed_at": '"2026-01-31T12:00:00Z"',
        "notes": "System metadata initialized.",
        "summary": "A platform for professional services.",
        "packs": "[]",
    },
    "packs": {
        "id": '"H"',
        "name": "Contract Lifecycle Engine",
        "status": "installed",
        "category": "professional",
        "description": "Tracks a contract's life.",
        "owner": "platform team",
        "depends_on": '["H", "I"]',
        "replaced_by": '"I"',
    },
}

# The lists whose items have an identity, and the field that is it.
KEYED: dict[str, str] = {"packs": "id"}

CONFIG: Any = {"strict": True, "extra_fields_behavior": "allow"}

CORE_SCHEMA: Any = {
    "type": "model-fields",
    "fields": {
        "schema_version": {
            "type": "model-field",
            "schema": {
                "type": "function-before",
                "function": {"type": "no-info", "function": validators.whole_number},
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
                    "function": {
                        "type": "with-info",
                        "function": validators.agrees_with_completion,
                    },
                    "schema": {
                        "type": "nullable",
                        "schema": {
                            "type": "function-after",
                            "function": {"type": "no-info", "function": validators.existing_time},
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
                                "schema": {"type": "str", "pattern": "^[A-Z]{1,4}$"},
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
                                            {"type": "str", "pattern": "^[A-Z]{1,4}$"}
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
                                            "function": validators.only_when_deprecated,
                                        },
                                        "schema": {"type": "str", "pattern": "^[A-Z]{1,4}$"},
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
