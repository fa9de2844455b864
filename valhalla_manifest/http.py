"""The router for the running backend, under its public name: ``web/api.py`` has the code."""

from valhalla_manifest.web.api import create_router

__all__ = ["create_router"]
