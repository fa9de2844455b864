"""Audits the dependencies without a network: pins, hashes, licences, and what is installed.

Known weaknesses need a database and so a network; those are watched by the forge (Dependabot).
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]+\])?==([^ ;\\]+)(?: ; [^\\]+)?")
# What users get may be under these; tools for development may be under others.
PERMISSIVE = re.compile(r"MIT|BSD|Apache|Python Software|PSF|MPL-2|MPL 2|Mozilla|Unlicense|0BSD")


def normal(name: str) -> str:
    """Return a package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> tuple[dict[str, str], list[str]]:
    """Return the pinned versions, and what is wrong with the lock."""
    versions, complaints = {}, []
    entries = LOCK.replace("\\\n", " ").splitlines()
    for entry in entries:
        match = PINNED.match(entry)
        if match is None:
            complaints.append(f"not pinned: {entry[:60]}")
        elif not re.search(r"--hash=sha256:[0-9a-f]{64}", entry):
            complaints.append(f"without a hash: {match[1]}")
        else:
            versions[normal(match[1])] = match[2]
    if re.search(r"https?://|--index|--find-links", LOCK):
        complaints.append("the lock names an address")
    return versions, complaints


def for_users(name: str = "valhalla-manifest", seen: set[str] | None = None) -> set[str]:
    """Return all that a user installs, extras included."""
    known: set[str] = seen if seen is not None else set()
    for requirement in requires(name) or ():
        needs = normal(re.split(r"[ ;<>=!~\[(]", requirement)[0])
        own = name == "valhalla-manifest"
        if needs in known or ("extra ==" in requirement and not own):
            continue
        try:
            distribution(needs)
        except PackageNotFoundError:
            continue  # for another system, or another Python
        known.add(needs)
        for_users(needs, known)
    return known


def licence(name: str) -> str:
    """Return what a package says of its licence."""
    metadata = distribution(name).metadata
    classifiers = [each for each in metadata.get_all("Classifier") or () if "License ::" in each]
    return " ".join([str(metadata.get("License-Expression") or ""), *classifiers]) or str(
        metadata.get("License") or ""
    )


def main() -> int:
    """Print what is wrong, and return the exit code."""
    versions, complaints = locked()
    for name in sorted(for_users()):
        installed = distribution(name).version
        if versions.get(name) != installed:
            complaints.append(f"{name} {installed} is installed, {versions.get(name)} is locked")
        said = licence(name)
        if not PERMISSIVE.search(said):
            complaints.append(f"{name}: its licence is {said[:60] or 'not named'}")
    print("\n".join(complaints) or f"{len(versions)} dependencies are pinned with their hashes")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
