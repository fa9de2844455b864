"""What changes a repository, and is only run when a user output for just that; and text merges."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.git.process import error_text, output, run
from valhalla_manifest.git.reading import SHORT, literal

if TYPE_CHECKING:
    from valhalla_manifest.git.reading import Place


def commit_file(place: Place, message: str) -> str:
    """Commit one file and nothing else that is staged; return the commit's short id.

    Raises:
        ManifestError: git, or a hook, says no; file and index stay as they are.
    """
    folder, pathspec = place.folder, literal(place.path)
    untracked = run(folder, "ls-files", "--error-unmatch", "--", pathspec).returncode != 0
    if untracked:
        output(folder, "add", "--intent-to-add", "--", pathspec)
    ended = run(
        folder, "commit", "--quiet", "--only", "-F", "-", "--", pathspec, stdin=message.encode()
    )
    if ended.returncode != 0:
        if untracked:
            run(folder, "rm", "--cached", "--force", "--quiet", "--", pathspec)
        raise ManifestError(error_text(ended))
    return output(folder, "rev-parse", f"--short={SHORT}", "HEAD").strip()


def merged_file(
    ours: Path, base: Path, theirs: Path, labels: tuple[str, str, str], marker_size: int
) -> tuple[bytes, bool]:
    """Return git's own text merge of three files, and whether it is without conflicts.

    Raises:
        ManifestError: git cannot merge them.
    """
    named = [word for label in labels for word in ("-L", label)]
    files = [str(file.resolve()) for file in (ours, base, theirs)]
    ended = run(
        ours.resolve().parent,
        "merge-file",
        "-p",
        f"--marker-size={marker_size}",
        *named,
        "--",
        *files,
    )
    if ended.returncode < 0 or ended.returncode > 127:  # noqa: PLR2004  below that: conflicts
        raise ManifestError(error_text(ended))
    return ended.stdout, ended.returncode == 0


def root(folder: Path) -> Path:
    """Return the top folder of the work tree.

    Raises:
        ManifestError: there is none.
    """
    return Path(output(folder, "rev-parse", "--show-toplevel").removesuffix("\n"))


def set_config(folder: Path, key: str, value: str | None) -> None:
    """Set a key of the repository's own configuration, or remove it and its section."""
    if value is None:
        run(folder, "config", "--local", "--remove-section", key)
    else:
        output(folder, "config", "--local", key, value)


def get_config(folder: Path, key: str) -> str | None:
    """Return the value of a key, None where it is not set."""
    ended = run(folder, "config", "--local", "--get", key)
    return ended.stdout.decode(errors="replace").rstrip("\n") if ended.returncode == 0 else None
