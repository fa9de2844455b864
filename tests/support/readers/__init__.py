"""Other readers of YAML, to compare with: in Python, JavaScript, Ruby and Go."""

from __future__ import annotations

import base64
import io
import json
import math
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML

HERE = Path(__file__).parent
NODE, RUBY = shutil.which("node"), shutil.which("ruby")
HAS_JAVASCRIPT = NODE is not None and (HERE / "node_modules" / "yaml").exists()
HAS_RUBY = RUBY is not None
HAS_GO = (HERE / "build" / "read-go").exists()

# What reads a text a line, and answers with what each of its readers makes of it.
_PROGRAMS = [
    *([[str(NODE), str(HERE / "read.mjs")]] if HAS_JAVASCRIPT else []),
    *([[str(RUBY), str(HERE / "read.rb")]] if HAS_RUBY else []),
    *([[str(HERE / "build" / "read-go")]] if HAS_GO else []),
]


class Readers:
    """Reads texts with every reader that is here; a program runs once for all texts."""

    def __init__(self) -> None:
        self.programs = [
            subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for program in _PROGRAMS
        ]

    def close(self) -> None:
        """End the programs."""
        for program in self.programs:
            program.communicate()

    def read(self, data: bytes) -> dict[str, Any]:
        """Return what each reader makes of a text; an exception where it refuses it."""
        asked = base64.b64encode(data) + b"\n"
        for program in self.programs:
            assert program.stdin
            program.stdin.write(asked)
            program.stdin.flush()
        found = {
            "PyYAML": _attempt(lambda: yaml.load(data, yaml.SafeLoader)),
            "PyYAML with libyaml": _attempt(lambda: yaml.load(data, yaml.CSafeLoader)),
            "ruamel.yaml": _attempt(lambda: YAML(typ="safe", pure=True).load(io.BytesIO(data))),
        }
        for program in self.programs:
            assert program.stdout
            for name, each in json.loads(program.stdout.readline()).items():
                found[name] = each["value"] if "value" in each else ValueError(each.get("error"))
        return found

    def disagreement(self, data: bytes, ours: Any) -> str | None:
        """Return how a reader differs from us about a text; None where none does."""
        for name, theirs in self.read(data).items():
            if isinstance(theirs, Exception):
                return f"{name} refuses it: {str(theirs).splitlines()[0]}"
            if told(theirs) != told(ours):
                return f"{name} reads {told(theirs)!r}, we read {told(ours)!r}"
        return None


def _attempt(read: Any) -> Any:
    try:
        return read()
    except Exception as error:  # noqa: BLE001  whatever a reader does, it refuses
        return error


def told(value: Any) -> Any:
    """Return a value so that only what JSON takes for the same is equal: true is not 1."""
    if isinstance(value, dict):
        if "$type" in value:
            return (value["$type"], value["value"])
        return {str(key): told(item) for key, item in value.items()}
    if isinstance(value, list):
        return [told(item) for item in value]
    if isinstance(value, bool) or value is None:
        return ("constant", value)
    if isinstance(value, float) and not math.isfinite(value):
        return ("number", str(value))
    if isinstance(value, date):
        return ("date", value.isoformat())
    return value
