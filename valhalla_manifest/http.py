"""The public name of the FastAPI router; ``web/api.py`` has the code."""

from valhalla_manifest.web.api import create_router

__all__ = ["create_router"]
