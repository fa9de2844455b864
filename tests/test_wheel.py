"""What a user installs: a wheel that holds the package, its data and its licence, and no more."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.support.manifests import REPOSITORY
from valhalla_manifest import __version__

PACKAGE = REPOSITORY / "valhalla_manifest"


def test_the_wheel_holds_the_package_and_nothing_else(tmp_path: Path) -> None:
    words = ["-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run([sys.executable, *words], cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"valhalla_manifest-{__version__}-py3-none-any.whl"
    names = set(zipfile.ZipFile(wheel).namelist())
    package = {name for name in names if ".dist-info/" not in name}
    here = (path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc")
    assert package == {path.relative_to(REPOSITORY).as_posix() for path in here}
    for data in ("py.typed", "report/templates/page.html", "manifest/snippets/github.yml"):
        assert f"valhalla_manifest/{data}" in package
    assert f"valhalla_manifest-{__version__}.dist-info/licenses/LICENSE" in names
