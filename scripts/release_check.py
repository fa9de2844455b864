"""Builds a release in dist/ and tests exactly these files like a user: `make release-check`.

It needs Git and a package index, and takes some minutes.
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
# The prefixes of variables that belong to this run, and that a user would not have.
FOREIGN = ("GIT_", "PYTHON", "VALHALLA_", "VIRTUAL_ENV")

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
# The tests that need files outside the package, which the sdist must contain too.
TESTS = ("ci_files", "cli", "docs", "init", "precommit", "publishing", "rules", "schema", "wheel")
TIMED = "import time as t; t0 = t.time(); import valhalla_manifest.cli; print(t.time() - t0)"


def fail(message: str) -> NoReturn:
    """End the check with an error."""
    raise SystemExit(f"release-check: {message}")


def user_environment(**more: str) -> dict[str, str]:
    """Return the variables of a user's shell, with an author for commits."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    for role in ("AUTHOR", "COMMITTER"):
        kept |= {f"GIT_{role}_NAME": "Ada Lovelace", f"GIT_{role}_EMAIL": "ada@example.com"}
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull} | more


def run(*words: str | Path, folder: Path = ROOT, **more: str) -> str:
    """Run a program that must succeed, and return its output."""
    ran = subprocess.run(
        list(map(str, words)),
        cwd=folder,
        env=user_environment(**more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if ran.returncode:
        fail(f"$ {shlex.join(map(str, words))}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def build(source: Path, target: str, into: Path) -> Path:
    """Build a wheel or an sdist with the date of the commit, and return its path."""
    date = run("git", "log", "-1", "--format=%ct").strip()
    words = ("-m", "hatchling", "build", "-t", target, "-d", into)
    run(sys.executable, *words, folder=source, SOURCE_DATE_EPOCH=date)
    (built,) = into.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return built


def unpack(sdist: Path, into: Path) -> Path:
    """Unpack an sdist, and return the folder in it."""
    with tarfile.open(sdist) as archive:
        archive.extractall(into, filter="data")
    (folder,) = into.iterdir()
    return folder


def check_wheel(wheel: Path) -> int:
    """Fail unless a wheel has exactly the right files, and metadata that an index accepts."""
    info = f"valhalla_manifest-{__version__}.dist-info"
    info_files = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = Metadata.from_email(archive.read(f"{info}/METADATA"), validate=True)
    package = set(run("git", "ls-files", "valhalla_manifest").split())
    check_names("the wheel", names, package | {f"{info}/{name}" for name in info_files})
    if (str(metadata.version), metadata.license_expression) != (__version__, "MIT"):
        fail(f"the metadata has {metadata.version}, {metadata.license_expression}")
    return len(names)


def check_names(archive: str, names: set[str], expected: set[str]) -> None:
    """Fail if an archive lacks files, or has others."""
    if names != expected:
        missing, extra = sorted(expected - names), sorted(names - expected)
        fail(f"{archive}: missing files {missing}, unexpected files {extra}")


def check_sdist(sdist: Path, wheel: Path, scratch: Path) -> str:
    """Fail unless an sdist equals the repository, builds the same wheel and passes its tests."""
    folder = unpack(sdist, scratch / "unpacked")
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    check_names("the sdist", names, {*run("git", "ls-files").split("\n"), "PKG-INFO"} - {""})
    if build(folder, "wheel", scratch / "again").read_bytes() != wheel.read_bytes():
        fail("the sdist builds another wheel")
    tests = [f"tests/test_{name}.py" for name in TESTS]
    ran = run(sys.executable, "-m", "pytest", "-vv", *tests, folder=folder, PYTHONPATH=str(folder))
    return f"{ran.count(' PASSED ') or fail('the sdist ran no test')} tests pass"


def find_pythons() -> dict[str, Path]:
    """Return the newest interpreter of each supported Python on this machine, by version."""
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
        if ran.returncode == 0:  # it fails for an unselected pyenv shim, and without pip
            *minor, micro = map(int, ran.stdout.split())
            newest[tuple(minor)] = max(newest.get(tuple(minor), (-1, path)), (micro, path))
    usable = sorted(item for item in newest.items() if item[0] >= OLDEST)
    return {".".join(map(str, (*minor, micro))): path for minor, (micro, path) in usable}


def try_wheel(python: Path, wheel: Path, scratch: Path) -> str:
    """Install the wheel in a new environment, use it, and return how long its import takes."""
    run(python, "-m", "venv", scratch / "venv")
    (scratch / "project").mkdir()
    tools = scratch / "venv" / SCRIPTS
    for package, tour in (wheel, TOUR), (f"{wheel}[schema,site,http]", TOUR_WITH_EXTRAS):
        run(tools / "python", "-m", "pip", "install", "--quiet", package, folder=scratch)
        take_tour(tour, tools, scratch / "project")
    times = [float(run(tools / "python", "-c", TIMED, folder=scratch)) for _ in range(5)]
    return f"the tour works, import in {min(times) * 1000:.0f} ms"


def take_tour(tour: str, tools: Path, project: Path) -> None:
    """Run each line of a tour with the programs of an environment."""
    for line in tour.strip().splitlines():
        program, *words = shlex.split(line)
        run(program if program == "git" else tools / program, *words, folder=project)


def try_lowest(wheel: Path, sdist: Path, scratch: Path) -> str:
    """Take the tour and run the tests with the lowest versions that the package declares.

    Other packages that the tests need have their version from the lock file, if possible.
    """
    uv = shutil.which("uv")
    if uv is None:
        return "skipped, because uv is not installed"
    source, (python, *_) = unpack(sdist, scratch / "source"), find_pythons().values()
    project, pins, locked = scratch / "pyproject.toml", scratch / "pins.txt", scratch / "locked.txt"
    # uv ignores a project that it does not manage.
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
    # Old libraries use deprecated APIs of new ones. check-jsonschema needs a newer click than it
    # declares.
    options = ("-W", "ignore::DeprecationWarning", "--ignore", "tests/test_ci_files.py")
    ran = run(tools / "python", "-m", "pytest", *options, folder=source)
    used = [line for line in pins.read_text(encoding="utf-8").split() if "==" in line]
    return f"{ran.splitlines()[-1]}\n  with {', '.join(used)}"


def try_hooks(scratch: Path) -> str:
    """Install the hooks of the last commit with pre-commit, and run them."""
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
    """Build, check, test, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tag", help="fail unless the version matches this tag")
    parser.add_argument("--lowest", action="store_true", help="only test with the lowest versions")
    options = parser.parse_args()
    tag = options.tag
    if tag and tag != f"v{__version__}":
        fail(f"the tag is {tag}, but the version is {__version__}")
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
        for version, python in find_pythons().items():
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
