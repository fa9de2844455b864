"""Other readers of YAML, to compare with: PyYAML, ruamel.yaml in Python, and two of JavaScript."""

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
NODE = shutil.which("node")
HAS_JAVASCRIPT = NODE is not None and (HERE / "node_modules" / "yaml").exists()


class Readers:
    """Reads texts with every reader that is here; JavaScript's run in one process."""

    def __init__(self) -> None:
        self.node: subprocess.Popen[bytes] | None = None
        if HAS_JAVASCRIPT:
            self.node = subprocess.Popen(
                [str(NODE), str(HERE / "read.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )

    def close(self) -> None:
        """End the process."""
        if self.node:
            assert self.node.stdin
            assert self.node.stdout
            self.node.stdin.close()
            self.node.wait()
            self.node.stdout.close()

    def read(self, data: bytes) -> dict[str, Any]:
        """Return what each reader makes of a text; an exception where it refuses it."""
        found = {
            "PyYAML": _attempt(lambda: yaml.load(data, yaml.SafeLoader)),
            "PyYAML with libyaml": _attempt(lambda: yaml.load(data, yaml.CSafeLoader)),
            "ruamel.yaml": _attempt(lambda: YAML(typ="safe", pure=True).load(io.BytesIO(data))),
        }
        return found | self._javascript(data)

    def _javascript(self, data: bytes) -> dict[str, Any]:
        if self.node is None:
            return {}
        assert self.node.stdin
        assert self.node.stdout
        self.node.stdin.write(base64.b64encode(data) + b"\n")
        self.node.stdin.flush()
        answer = json.loads(self.node.stdout.readline())
        return {
            name: each["value"] if "value" in each else ValueError(each.get("error"))
            for name, each in answer.items()
        }

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
