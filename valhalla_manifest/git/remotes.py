"""The name of a repository: the address of its remote, without secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from valhalla_manifest.git.process import ask, path_output

if TYPE_CHECKING:
    from valhalla_manifest.git.reading import Place

_URL = r"(?s)[A-Za-z][A-Za-z0-9+.:-]*://(?:[^/]*@)?([^/?#]*)([^?#]*).*"
_SCP = r"(?:[^/]*@)?([^/:@\[]{2,}|\[[^]/]*\]):(?!:)(.*)"  # A single letter is a Windows drive.


def name_repository(place: Place) -> str:
    """Return the address of the remote ``origin``, or else the name of the repository's folder."""
    words = ("config", "--local", "--get", "remote.origin.url")
    ended = ask(place.folder, *words, answers=(0, 1))
    if name := origin_name(ended.stdout.decode(errors="replace").strip()):
        return name
    top = "--absolute-git-dir" if place.bare else "--show-toplevel"
    return origin_name(path_output(place.folder, "rev-parse", top)).rpartition("/")[2]


def origin_name(address: str) -> str:
    """Return the host and path of a remote's address, equal for HTTPS and SSH.

    The result has no user, password or token. A local path is unchanged. The result is empty
    for an address with a remote helper (``helper::address``).

    >>> origin_name("https://ci:token@git.example.com/team/backend.git?key=1")
    'git.example.com/team/backend'
    >>> origin_name("git@git.example.com:team/backend.git")
    'git.example.com/team/backend'
    """
    if found := re.fullmatch(_URL, address) or re.fullmatch(_SCP, address):
        address = f"{found[1]}/{found[2].strip('/')}"
    elif "::" in address:
        return ""
    return address.rstrip("/").removesuffix(".git").rstrip("/")
