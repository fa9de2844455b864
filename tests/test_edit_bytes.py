"""An edit changes the value that it names, and not one other byte of the file."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

import pytest

from tests.conftest import NOW
from tests.support.manifests import FORMATS, Format
from valhalla_manifest import open_manifest
from valhalla_manifest.project.editor import Editor


def set_version(editor: Editor) -> None:
    editor.set_version("2.0.0")


def set_notes(editor: Editor) -> None:
    editor.set_notes("Other words")


def complete(editor: Editor) -> None:
    editor.complete()


def deprecate(editor: Editor) -> None:
    editor.set_pack("h", status="deprecated")


EDITS = {
    set_version: ("version",),
    set_notes: ("notes",),
    complete: ("complete", "at"),
    deprecate: ("status",),
}


def edited(path: Path, text: str, *edits: object) -> str:
    path.write_bytes(text.encode())
    with open_manifest(path, now=NOW) as editor:
        for edit in edits:
            assert callable(edit)
            edit(editor)
    return path.read_bytes().decode()


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
@pytest.mark.parametrize("style", FORMATS.values(), ids=list(FORMATS))
def test_only_the_value_changes(tmp_path: Path, style: Format, edit: object) -> None:
    marks = EDITS[edit]  # type: ignore[index]
    assert edited(tmp_path / "m.yaml", style.text(), edit) == style.text(*marks)


@pytest.mark.parametrize("style", FORMATS.values(), ids=list(FORMATS))
def test_all_edits_at_once_change_all_values_and_nothing_else(
    tmp_path: Path, style: Format
) -> None:
    assert edited(tmp_path / "m.yaml", style.text(), *EDITS) == style.text(*style.before)


@pytest.mark.parametrize("style", FORMATS.values(), ids=list(FORMATS))
def test_a_pack_that_is_added_and_removed_leaves_no_trace(tmp_path: Path, style: Format) -> None:
    def add(editor: Editor) -> None:
        editor.add_pack("Z", "A new one", "installed")

    def remove(editor: Editor) -> None:
        editor.remove_pack("Z")

    path = tmp_path / "m.yaml"
    with_pack = edited(path, style.text(), add)
    before = style.text()
    # Something is put in, and nothing else is touched.
    assert {
        kind for kind, *_ in SequenceMatcher(None, before, with_pack, autojunk=False).get_opcodes()
    } <= {"equal", "insert"}
    assert "A new one" in with_pack
    assert edited(path, with_pack, remove) == before


@pytest.mark.parametrize("style", FORMATS.values(), ids=list(FORMATS))
def test_nothing_to_change_leaves_the_file_untouched(tmp_path: Path, style: Format) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(style.text().encode())
    before = path.stat()
    with open_manifest(path) as editor:
        editor.set_version("1.0.0")
        editor.set_pack("H", status="installed")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
