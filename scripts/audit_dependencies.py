"""Checks the pins, hashes, licences and installed versions of the dependencies, offline.

Dependabot checks for known vulnerabilities, which needs a database and so a network.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]+\])?==([^ ;\\]+)(?: ; [^\\]+)?")
# The licences allowed for what users install; development tools may have others.
PERMISSIVE = re.compile(r"MIT|BSD|Apache|Python Software|PSF|MPL-2|MPL 2|Mozilla|Unlicense|0BSD")


def normalize_name(name: str) -> str:
    """Return the normalized name of a package (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock() -> tuple[dict[str, str], list[str]]:
    """Return the pinned versions, and the problems of the lock file."""
    versions, problems = {}, []
    entries = LOCK.replace("\\\n", " ").splitlines()
    for entry in entries:
        match = PINNED.match(entry)
        if match is None:
            problems.append(f"not pinned: {entry[:60]}")
        elif not re.search(r"--hash=sha256:[0-9a-f]{64}", entry):
            problems.append(f"{match[1]} has no hash")
        else:
            versions[normalize_name(match[1])] = match[2]
    if re.search(r"https?://|--index|--find-links", LOCK):
        problems.append("the lock file contains a URL")
    return versions, problems


def user_packages(name: str = "valhalla-manifest", seen: set[str] | None = None) -> set[str]:
    """Return the packages that a user installs, extras included."""
    known: set[str] = seen if seen is not None else set()
    for requirement in requires(name) or ():
        dependency = normalize_name(re.split(r"[ ;<>=!~\[(]", requirement)[0])
        is_extra = "extra ==" in requirement and name != "valhalla-manifest"
        if dependency in known or is_extra:
            continue
        try:
            distribution(dependency)
        except PackageNotFoundError:
            continue  # only needed on another system or Python version
        known.add(dependency)
        user_packages(dependency, known)
    return known


def licence_of(name: str) -> str:
    """Return the licence in the metadata of a package."""
    metadata = distribution(name).metadata
    classifiers = [each for each in metadata.get_all("Classifier") or () if "License ::" in each]
    return " ".join([str(metadata.get("License-Expression") or ""), *classifiers]) or str(
        metadata.get("License") or ""
    )


def main() -> int:
    """Print all problems, and return the exit code."""
    versions, problems = read_lock()
    for name in sorted(user_packages()):
        installed = distribution(name).version
        if versions.get(name) != installed:
            problems.append(f"{name} {installed} is installed, but {versions.get(name)} is locked")
        licence = licence_of(name)
        if not PERMISSIVE.search(licence):
            problems.append(f"{name}: its licence is {licence[:60] or 'unknown'}")
    print("\n".join(problems) or f"{len(versions)} dependencies are pinned with their hashes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
