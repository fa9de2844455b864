"""Reads YAML with other parsers, in Python, JavaScript, Ruby and Go, for comparison."""

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

# Each program reads one YAML text per line and prints the result of each of its parsers.
_PROGRAMS = [
    *([[str(NODE), str(HERE / "read.mjs")]] if HAS_JAVASCRIPT else []),
    *([[str(RUBY), str(HERE / "read.rb")]] if HAS_RUBY else []),
    *([[str(HERE / "build" / "read-go")]] if HAS_GO else []),
]


class Readers:
    """Reads YAML with every installed parser; each program is started once."""

    def __init__(self) -> None:
        self.programs = [
            subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for program in _PROGRAMS
        ]

    def close(self) -> None:
        """Stop the programs."""
        for program in self.programs:
            program.communicate()

    def read(self, data: bytes) -> dict[str, Any]:
        """Return the data, or the exception, of each parser."""
        request = base64.b64encode(data) + b"\n"
        for program in self.programs:
            assert program.stdin
            program.stdin.write(request)
            program.stdin.flush()
        results = {
            "PyYAML": _attempt(lambda: yaml.load(data, yaml.SafeLoader)),
            "PyYAML with libyaml": _attempt(lambda: yaml.load(data, yaml.CSafeLoader)),
            "ruamel.yaml": _attempt(lambda: YAML(typ="safe", pure=True).load(io.BytesIO(data))),
        }
        for program in self.programs:
            assert program.stdout
            for name, each in json.loads(program.stdout.readline()).items():
                results[name] = each["value"] if "value" in each else ValueError(each.get("error"))
        return results

    def disagreement(self, data: bytes, ours: Any) -> str | None:
        """Return how one of the parsers differs from our data, or None."""
        for name, theirs in self.read(data).items():
            if isinstance(theirs, Exception):
                return f"{name} refuses it: {str(theirs).splitlines()[0]}"
            if to_comparable(theirs) != to_comparable(ours):
                return f"{name} reads {to_comparable(theirs)!r}, we read {to_comparable(ours)!r}"
        return None


def _attempt(read: Any) -> Any:
    try:
        return read()
    except Exception as error:  # noqa: BLE001  any exception counts as a rejection
        return error


def to_comparable(value: Any) -> Any:
    """Return a value that equals another only if both are the same JSON: true is not 1."""
    if isinstance(value, dict):
        if "$type" in value:
            return (value["$type"], value["value"])
        return {str(key): to_comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_comparable(item) for item in value]
    if isinstance(value, bool) or value is None:
        return ("constant", value)
    if isinstance(value, float) and not math.isfinite(value):
        return ("number", str(value))
    if isinstance(value, date):
        return ("date", value.isoformat())
    return value
