"""What git knows: where a file is, its revisions and their contents. Nothing here writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.git.process import error_text, output, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_FORMAT = "%H%x00%P%x00%aN <%aE>%x00%cI%x00%s"
SHORT = 10


class Commit(NamedTuple):
    """One commit: the time is the committer's (RFC 3339), the author goes through the mailmap."""

    id: str
    parents: tuple[str, ...]
    author: str
    date: str
    subject: str

    @property
    def short(self) -> str:
        """The first digits of the id, as reports show it."""
        return self.id[:SHORT]

    @property
    def author_name(self) -> str:
        """The author without the address."""
        return self.author.rpartition(" <")[0] or self.author


class Place(NamedTuple):
    """Where a file is in a repository: a folder to run git in, and the path from the root."""

    folder: Path
    path: str
    bare: bool


def locate(path: Path) -> Place:
    """Return where a file is in its repository; the file itself need not be there.

    Raises:
        ManifestError: it is in no repository.
    """
    folder = path.parent
    while not folder.is_dir():
        folder = folder.parent
    below = path.relative_to(folder).as_posix()
    ended = run(folder, "rev-parse", "--is-bare-repository", "--is-inside-git-dir", "--show-prefix")
    if ended.returncode != 0:
        unusable = b"not a git repository" not in ended.stderr
        raise ManifestError(error_text(ended) if unusable else f"{path} is in no git repository")
    bare, inside, prefix, *_ = [*ended.stdout.decode(errors="surrogateescape").split("\n"), ""]
    if inside == "true" and bare != "true":
        raise ManifestError(f"{path} is inside the .git folder")
    return Place(folder, prefix + below, bare == "true")


def resolve(place: Place, revision: str) -> str:
    """Return the id of the commit that a revision means.

    Raises:
        ManifestError: there is none.
    """
    found = run(
        place.folder,
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        f"{revision}^{{commit}}",
    )
    commit = found.stdout.decode(errors="replace").strip()
    if found.returncode != 0 or not commit:
        if revision == "HEAD":
            raise ManifestError("there is no commit yet")
        raise ManifestError(f"unknown revision {revision!r}")
    return commit


def merge_base(place: Place, one: str, other: str) -> str:
    """Return the commit where two lines of history parted.

    Raises:
        ManifestError: they have nothing in common.
    """
    found = run(place.folder, "merge-base", one, other)
    if found.returncode != 0:
        raise ManifestError(
            f"{one[:SHORT]} and {other[:SHORT]} have no commit in common"
            + (" here; fetch more of the history" if is_shallow(place) else "")
        )
    return found.stdout.decode().split()[0]


def is_shallow(place: Place) -> bool:
    """Return whether the clone lacks older history."""
    return output(place.folder, "rev-parse", "--is-shallow-repository").strip() == "true"


def boundary(place: Place) -> frozenset[str]:
    """Return the commits whose parents a shallow clone does not have."""
    if not is_shallow(place):
        return frozenset()
    file = place.folder / output(place.folder, "rev-parse", "--git-path", "shallow").rstrip("\n")
    return frozenset(file.read_text().split())


def read(place: Place, commit: str) -> bytes | None:
    """Return the file as of a commit, None where it was not there."""
    return next(iter(contents(place.folder, [f"{commit}:{place.path}"])))


def contents(folder: Path, names: Iterable[str]) -> Iterator[bytes | None]:
    """Yield the content of each object, None for those that are missing; one process for all."""
    raw = run(folder, "cat-file", "--batch", stdin=_lines(names)).stdout
    at = 0
    while at < len(raw):
        end = raw.index(b"\n", at)
        header = raw[at:end].split(b" ")
        if header[-1] in (b"missing", b"ambiguous"):
            yield None
            at = end + 1
        else:
            size = int(header[-1])
            yield raw[end + 1 : end + 1 + size] if header[-2] == b"blob" else None
            at = end + size + 2


def blobs(folder: Path, names: Iterable[str]) -> list[str | None]:
    """Return the id of each file, None for those that are missing; one process for all."""
    form = "--batch-check=%(objectname) %(objecttype)"
    listed = run(folder, "cat-file", form, stdin=_lines(names)).stdout.decode(errors="replace")
    rows = (row.rpartition(" ") for row in listed.splitlines())
    return [name if kind == "blob" else None for name, _, kind in rows]


def _lines(names: Iterable[str]) -> bytes:
    listed = list(names)
    if any("\n" in name for name in listed):
        raise ManifestError("a path with a line break in it has no history here")
    return "".join(f"{name}\n" for name in listed).encode(errors="surrogateescape")


def log(place: Place, paths: Iterable[str], start: str) -> list[Commit]:
    """Return the commits that touched any of the paths, and the merges between them.

    The newest comes first, and no commit before its children. Parents are the nearest of these
    commits, not those that git itself keeps.
    """
    arguments = ("--full-history", "--simplify-merges", "--parents", "--date-order")
    return _commits(place, *arguments, start, "--", *map(literal, paths))


def last_commit(place: Place, start: str) -> Commit | None:
    """Return the last commit that touched the file as of a revision; None where none did."""
    found = _commits(place, "-1", start, "--", literal(place.path))
    return found[0] if found else None


def _commits(place: Place, *arguments: str) -> list[Commit]:
    printed = output(place.folder, "log", "-z", f"--format={_FORMAT}", *arguments)
    rows = zip(*[iter(printed.split("\0"))] * 5, strict=False)
    return [Commit(row[0], tuple(row[1].split()), *row[2:]) for row in rows]


def renamed_from(place: Place, before: str, after: str) -> str | None:
    """Return the path that the file had in an earlier tree; None where it was not renamed."""
    listed = run(place.folder, "diff-tree", "-r", "-M", "-z", "--diff-filter=R", "--name-status",
                 before, after)  # fmt: skip
    fields = listed.stdout.decode(errors="surrogateescape").split("\0")
    renames = zip(fields[1::3], fields[2::3], strict=False)
    return next((old for old, new in renames if new == place.path), None)


def since(place: Place, text: str) -> int:
    """Return the seconds since 1970 that git takes a text such as "2 weeks ago" for."""
    return int(output(place.folder, "rev-parse", f"--since={text}").strip().partition("=")[2])


def tags(place: Place, commit: str) -> list[str]:
    """Return the names of the tags that point at a commit."""
    return output(place.folder, "tag", "--points-at", commit).split()


def is_modified(place: Place) -> bool:
    """Return whether the file differs from the last commit, or is not tracked."""
    if place.bare:
        return False
    status = run(
        place.folder, "status", "--porcelain", "-z", "--ignored", "--untracked-files=all",
        "--", literal(place.path),
    )  # fmt: skip
    return bool(status.stdout)


def literal(path: str) -> str:
    """Return a path from the root as a pathspec that means just itself."""
    return f":(top,literal){path}"
