"""Builds what is published, and tries it out as its users get it: `make release-check`.

What is in dist/ afterwards is what was tried. Needs git and a package index; takes minutes.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import NoReturn

from packaging.metadata import Metadata

from valhalla_manifest import __version__

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
OLDEST = (3, 11)
FOREIGN = ("GIT_", "PYTHON", "VALHALLA_", "VIRTUAL_ENV")  # settings of this run, not of a user

TOUR = """
git init -q -b main
valhalla-manifest init
valhalla-manifest validate
git add -A
git commit -q -m first
valhalla-manifest packs add H --name Engine --status pending --commit
valhalla-manifest packs set h --status installed --commit --message Installed
valhalla-manifest version bump minor
valhalla-manifest complete --commit --all
valhalla-manifest status
valhalla-manifest require complete no-pending clean
valhalla-manifest history
valhalla-manifest blame h
valhalla-manifest validate --against HEAD~1
valhalla-manifest rules VM104
valhalla-manifest export badge-svg
valhalla-manifest export prometheus
valhalla-manifest schema export --check
"""
TOUR_WITH_EXTRAS = """
valhalla-manifest schema check
valhalla-manifest status --format html
valhalla-manifest site public
python -c "from valhalla_manifest.http import create_router; create_router('manifest/system.yaml')"
"""
# The tests that look at what surrounds the package: from the sdist, that must be there too.
TESTS = ("ci_files", "cli", "docs", "init", "precommit", "publishing", "rules", "schema", "wheel")
TIMED = "import time as t; t0 = t.time(); import valhalla_manifest.cli; print(t.time() - t0)"


def refuse(complaint: str) -> NoReturn:
    """End the check with what is wrong."""
    raise SystemExit(f"release-check: {complaint}")


def environment(**more: str) -> dict[str, str]:
    """Return what a user's shell would have, with a name to commit under."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    for role in ("AUTHOR", "COMMITTER"):
        kept |= {f"GIT_{role}_NAME": "Ada Lovelace", f"GIT_{role}_EMAIL": "ada@example.com"}
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull} | more


def run(*words: str | Path, folder: Path = ROOT, **more: str) -> str:
    """Run a program that must succeed, and return what it prints."""
    ran = subprocess.run(
        list(map(str, words)),
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if ran.returncode:
        refuse(f"$ {shlex.join(map(str, words))}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def build(source: Path, target: str, into: Path) -> Path:
    """Build a wheel or an sdist, dated as the commit is, and return it."""
    date = run("git", "log", "-1", "--format=%ct").strip()
    words = ("-m", "hatchling", "build", "-t", target, "-d", into)
    run(sys.executable, *words, folder=source, SOURCE_DATE_EPOCH=date)
    (built,) = into.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return built


def unpack(sdist: Path, into: Path) -> Path:
    """Unpack an sdist, and return the folder that it holds."""
    with tarfile.open(sdist) as archive:
        archive.extractall(into, filter="data")
    (folder,) = into.iterdir()
    return folder


def check_wheel(wheel: Path) -> int:
    """Refuse what is missing or too much in a wheel, and metadata that an index would refuse."""
    about = f"valhalla_manifest-{__version__}.dist-info"
    beside = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = Metadata.from_email(archive.read(f"{about}/METADATA"), validate=True)
    package = set(run("git", "ls-files", "valhalla_manifest").split())
    check_names("the wheel", names, package | {f"{about}/{name}" for name in beside})
    if (str(metadata.version), metadata.license_expression) != (__version__, "MIT"):
        refuse(f"the metadata say {metadata.version}, {metadata.license_expression}")
    return len(names)


def check_names(where: str, names: set[str], wanted: set[str]) -> None:
    """Refuse files that are missing, or that git does not know."""
    if names != wanted:
        refuse(f"{where} lacks {sorted(wanted - names)} and has besides {sorted(names - wanted)}")


def check_sdist(sdist: Path, wheel: Path, scratch: Path) -> str:
    """Refuse an sdist that is not the repository, builds another wheel, or fails its tests."""
    folder = unpack(sdist, scratch / "unpacked")
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    check_names("the sdist", names, {*run("git", "ls-files").split("\n"), "PKG-INFO"} - {""})
    if build(folder, "wheel", scratch / "again").read_bytes() != wheel.read_bytes():
        refuse("the sdist builds another wheel")
    tests = [f"tests/test_{name}.py" for name in TESTS]
    ran = run(sys.executable, "-m", "pytest", "-vv", *tests, folder=folder, PYTHONPATH=str(folder))
    return f"{ran.count(' PASSED ') or refuse('the sdist ran no test')} tests pass"


def pythons() -> dict[str, Path]:
    """Return the newest interpreter of each Python that is here, and may be used, by version."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [Path(sys.executable), *pyenv.glob("versions/*/bin/python")]
    for folder in map(Path, os.environ["PATH"].split(os.pathsep)):
        found += [
            path for path in folder.glob("python3.*") if re.search(r"3\.\d+(\.exe)?$", path.name)
        ]
    newest: dict[tuple[int, ...], tuple[int, Path]] = {}
    for path in found:
        words = [str(path), "-c", "import ensurepip, sys; print(*sys.version_info[:3])"]
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
        if ran.returncode == 0:  # unlike the shim of one that is not selected, or one without pip
            *minor, micro = map(int, ran.stdout.split())
            newest[tuple(minor)] = max(newest.get(tuple(minor), (-1, path)), (micro, path))
    usable = sorted(item for item in newest.items() if item[0] >= OLDEST)
    return {".".join(map(str, (*minor, micro))): path for minor, (micro, path) in usable}


def try_wheel(python: Path, wheel: Path, scratch: Path) -> str:
    """Install the wheel where nothing else is, use it, and return how long its import takes."""
    run(python, "-m", "venv", scratch / "venv")
    (scratch / "project").mkdir()
    tools = scratch / "venv" / SCRIPTS
    for needs, tour in (wheel, TOUR), (f"{wheel}[schema,site,http]", TOUR_WITH_EXTRAS):
        run(tools / "python", "-m", "pip", "install", "--quiet", needs, folder=scratch)
        take_tour(tour, tools, scratch / "project")
    times = [float(run(tools / "python", "-c", TIMED, folder=scratch)) for _ in range(5)]
    return f"the tour works, import in {min(times) * 1000:.0f} ms"


def take_tour(tour: str, tools: Path, project: Path) -> None:
    """Run each line of a tour with the tools of an environment."""
    for line in tour.strip().splitlines():
        program, *words = shlex.split(line)
        run(program if program == "git" else tools / program, *words, folder=project)


def try_lowest(wheel: Path, sdist: Path, scratch: Path) -> str:
    """Take the tour and run the tests with the lowest versions that the package declares.

    What only the tests need is of the version in the lock, if that goes with the lowest ones.
    """
    uv = shutil.which("uv")
    if uv is None:
        return "not tried, for there is no uv"
    source, (python, *_) = unpack(sdist, scratch / "source"), pythons().values()
    project, pins, locked = scratch / "pyproject.toml", scratch / "pins.txt", scratch / "locked.txt"
    # uv does not look into a project that it does not manage.
    text = (ROOT / project.name).read_text(encoding="utf-8").replace("managed = false", "")
    project.write_text(text, encoding="utf-8")
    locked.write_bytes((ROOT / "requirements.lock").read_bytes())
    (scratch / "more.txt").write_text("httpx\n")  # the test client of an old Starlette imports it
    compiled = (uv, "pip", "compile", "--quiet", "--python", python, "--all-extras", project)
    lowest = ("--resolution", "lowest-direct", "--no-deps", "--output-file", pins)
    run(*compiled, *lowest, folder=scratch)
    rest = ("--constraint", pins, "--group", f"{project}:dev", "--output-file", locked)
    run(*compiled, scratch / "more.txt", *rest, folder=scratch)
    run(uv, "venv", "--quiet", "--python", python, scratch / "venv")
    tools = scratch / "venv" / SCRIPTS
    install = (uv, "pip", "install", "--quiet", "--python", tools / "python")
    run(*install, "--requirement", locked, wheel, folder=scratch)
    (scratch / "project").mkdir()
    for tour in (TOUR, TOUR_WITH_EXTRAS):
        take_tour(tour, tools, scratch / "project")
    # New libraries deprecate what old ones use. check-jsonschema needs a newer click than it says.
    options = ("-W", "ignore::DeprecationWarning", "--ignore", "tests/test_ci_files.py")
    ran = run(tools / "python", "-m", "pytest", *options, folder=source)
    used = [line for line in pins.read_text(encoding="utf-8").split() if "==" in line]
    return f"{ran.splitlines()[-1]}\n  with {', '.join(used)}"


def try_hooks(scratch: Path) -> str:
    """Let pre-commit install the hooks of the last commit, and run them."""
    run("git", "init", "-q", "-b", "main", scratch)
    for name in ("manifest", "schemas"):
        (scratch / name).mkdir()
    schema = "schemas/system.schema.json"
    for source, name in ("tests/data/first.yaml", "manifest/system.yaml"), (schema, schema):
        (scratch / name).write_bytes((ROOT / source).read_bytes())
    hooks = re.findall(r"^- id: (.+)", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.MULTILINE)
    revision = run("git", "rev-parse", "HEAD").strip()
    used = ", ".join(f"{{id: {hook}}}" for hook in hooks)
    config = f"repos: [{{repo: '{ROOT.as_posix()}', rev: {revision}, hooks: [{used}]}}]\n"
    (scratch / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    run("git", "add", "-A", folder=scratch)
    words = ("-m", "pre_commit", "run", "--all-files")
    ran = run(
        sys.executable, *words, folder=scratch, PRE_COMMIT_HOME=str(scratch / ".git" / "home")
    )
    return f"{ran.count('Passed')} hooks pass"


def main() -> None:
    """Build, check, try, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tag", help="refuse to go on where the version is not that of this tag")
    parser.add_argument("--lowest", action="store_true", help="try the lowest versions alone")
    options = parser.parse_args()
    tag = options.tag
    if tag and tag != f"v{__version__}":
        refuse(f"the tag is {tag}, the version {__version__}")
    for old in DIST.glob("*"):
        old.unlink()
    wheel, sdist = build(ROOT, "wheel", DIST), build(ROOT, "sdist", DIST)
    print(f"{wheel.name}: {wheel.stat().st_size / 1000:.0f} kB, {check_wheel(wheel)} files")
    with tempfile.TemporaryDirectory(prefix="release-check-") as name:
        scratch = Path(name)
        (scratch / "lowest").mkdir()
        print(f"lowest versions: {try_lowest(wheel, sdist, scratch / 'lowest')}")
        if options.lowest:
            return
        for version, python in pythons().items():
            folder = scratch / version
            folder.mkdir()
            print(f"Python {version}: {try_wheel(python, wheel, folder)}")
        print(f"pre-commit: {try_hooks(scratch / 'hooks')}")
        print(
            f"{sdist.name}: {sdist.stat().st_size / 1000:.0f} kB, builds the same wheel, "
            f"{check_sdist(sdist, wheel, scratch)}"
        )


if __name__ == "__main__":
    main()
