"""Load, check and edit the state of a backend, which one YAML file in Git holds.

>>> from valhalla_manifest import load, open_manifest
>>> load("manifest/system.yaml").version
'1.0.0'
>>> with open_manifest("manifest/system.yaml") as manifest:
...     manifest.complete(notes="Released", version="1.1.0")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from valhalla_manifest.document.problems import ManifestError
    from valhalla_manifest.manifest.model import Manifest, Pack, PackStatus
    from valhalla_manifest.project.editor import open_manifest
    from valhalla_manifest.project.manifest_file import load

__version__ = "0.1.0"
__all__ = ["Manifest", "ManifestError", "Pack", "PackStatus", "load", "open_manifest"]

_MODULES = {
    "Manifest": "manifest.model",
    "ManifestError": "document.problems",
    "Pack": "manifest.model",
    "PackStatus": "manifest.model",
    "load": "project.manifest_file",
    "open_manifest": "project.editor",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, because the command line needs few of them."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
