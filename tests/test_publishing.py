"""What is published: badges, metrics and the site, each read by its real consumer."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import git, run
from tests.support import hostile
from tests.support.manifests import FIRST

# --- badges and metrics -------------------------------------------------------------------------


def test_the_endpoint_badge(manifest: Path) -> None:
    assert json.loads(run("export", "badge").out) == {
        "schemaVersion": 1,
        "label": "Valhalla backend",
        "message": "1.0.0 not complete",
        "color": "orange",
    }
    run("complete", "--version", "1.1.0")
    badge = json.loads(run("export", "badge").out)
    assert (badge["message"], badge["color"]) == ("1.1.0 complete", "brightgreen")


def test_the_svg_badge_says_what_it_shows(manifest: Path) -> None:
    manifest.write_text(FIRST.replace("Valhalla backend", "'A & B <\"x\">'"))
    root = ET.fromstring(run("export", "badge-svg").out)
    assert root.get("aria-label") == 'A & B <"x">: 1.0.0 not complete'
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ['A & B <"x">', "1.0.0 not complete"]


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = list(text_string_to_metric_families(text))
    assert all(family.documentation for family in families)
    return {
        (sample.name.removeprefix("valhalla_manifest_"), frozenset(sample.labels.items())): (
            sample.value
        )
        for family in families
        for sample in family.samples
    }


def test_the_metrics(repository: Path) -> None:
    run("packs", "set", "U", "--status", "deprecated", "--commit")
    found = samples(run("export", "prometheus").out)
    assert found["info", frozenset({("name", "Valhalla backend"), ("version", "1.0.0")})] == 1
    assert found["complete", frozenset()] == 0
    assert found["packs", frozenset({("status", "installed")})] == 15
    assert found["packs", frozenset({("status", "pending")})] == 0
    assert found["updated_timestamp_seconds", frozenset()] == 1795514400
    assert ("completed_timestamp_seconds", frozenset()) not in found


def test_metrics_of_hostile_texts(manifest: Path) -> None:
    hostile.make(manifest)
    names = [dict(labels).get("name") for _, labels in samples(run("export", "prometheus").out)]
    assert hostile.NAME in names


def test_an_export_into_a_file(manifest: Path) -> None:
    file = Path("metrics.prom")
    assert run("export", "prometheus", "-o", str(file)).out == ""
    assert samples(file.read_text()) == samples(run("export", "prometheus").out)
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~umask()
    file.chmod(0o600)
    run("incomplete")
    run("version", "set", "1.1.0")
    run("export", "prometheus", "-o", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in Path().iterdir()) == [".git", "manifest", "metrics.prom"]


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_an_export_that_cannot_be_written(manifest: Path) -> None:
    Path("file").touch()
    ran = run("export", "badge", "-o", "file/badge.json")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "cannot write file/badge.json" in ran.err


# --- status -------------------------------------------------------------------------------------


def test_status_in_markdown(repository: Path) -> None:
    commit = git("rev-parse", "HEAD")[:10]
    assert run("status", "--format", "markdown").out == (
        "## Valhalla backend 1.0.0\n\n**Not complete**, 16 packs.\n\n"
        "| packs | installed |\n| --- | ---: |\n"
        "| professional | 11 |\n| system | 5 |\n| all packs | 16 |\n\n"
        "> System metadata initialized.  \n\n"
        "Last change: 2026-11-24 12:00 +02:00 by Ada Lovelace \\<ada@<!-- -->example.com\\>, "
        f"{commit} manifest: first\n"
    )


def test_status_in_markdown_has_no_markup_of_the_manifest(manifest: Path) -> None:
    hostile.make(manifest)
    text = run("status", "--format", "markdown").out
    assert not re.search(r"(?<!\\)<(?!!-- -->)", text)
    assert not re.search(r"(?<!\\)[`*]", text.replace("**Not complete**", ""))


# --- the site -----------------------------------------------------------------------------------


@pytest.fixture
def history(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the manifest a past: versions, statuses, a broken revision, completion."""
    steps = (
        ("packs", "add", "X", "--name", "Export Engine", "--category", "system"),
        ("version", "bump", "minor"),
        ("packs", "set", "U", "--status", "deprecated", "--replaced-by", "V"),
        ("packs", "set", "X", "--status", "installed"),
        ("complete", "--version", "1.2.0"),
    )
    for day, step in enumerate(steps, 25):
        for role in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{role}_DATE", f"2026-11-{day}T10:00:00+00:00")
        assert run(*step, "--commit").code == 0
    return repository


def test_the_site_is_written_once(history: Path) -> None:
    assert run("site", "public").out == "public: 21 files, 21 changed\n"
    assert run("site", "public").out == "public: 21 files, 0 changed\n"
    Path("public/mine.html").touch()
    run("packs", "remove", "U")
    run("site", "public")
    assert not Path("public/system/status/packs/U.json").exists()
    assert Path("public/mine.html").exists()


def test_the_site_without_git(manifest: Path) -> None:
    Path(".git").rmdir()
    assert run("site", "public").code == 0
    page = Path("public/index.html").read_text()
    assert "Valhalla backend" in page
    assert "<svg" not in page


def test_the_site_of_a_bad_manifest_is_not_written(manifest: Path) -> None:
    manifest.write_text(FIRST.replace('"1.0.0"', "1.10"))
    assert run("site", "public").code == 1
    assert not Path("public").exists()


@pytest.mark.parametrize(
    "words", [["site", "public"], ["status", "--format", "html"]], ids=" ".join
)
def test_without_jinja_one_line_says_what_to_install(
    manifest: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    for name in ("jinja2", "markupsafe"):
        monkeypatch.setitem(sys.modules, name, None)
    ran = run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: HTML needs Jinja2; run `pip install 'valhalla-manifest[site]'`\n"


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture
def browser() -> Iterator[Any]:
    """Start a real browser; what it asks for, logs and fails at is kept on the page."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium here")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


def opened(browser: Any, file: Path, **options: Any) -> Any:
    page = browser.new_page(**options)
    page.requests, page.complaints = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("dialog", lambda dialog: page.complaints.append(dialog.message))
    page.goto(file.resolve().as_uri())
    return page


def visible_ids(page: Any) -> list[str]:
    rows = page.locator("tbody tr[data-status] th")
    return [row.inner_text() for row in rows.all() if row.is_visible()]


def test_the_page_in_a_browser(history: Path, browser: Any) -> None:
    run("site", "public")
    page = opened(browser, Path("public/index.html"))
    assert page.title() == "Valhalla backend 1.2.0"
    assert page.locator(".state").inner_text().startswith("Complete since")
    assert visible_ids(page) == [*"HIJKLMNOPQRSTUVW", "X"]
    page.keyboard.press("Tab")  # the link to the packs
    page.keyboard.press("Tab")  # the filter, at "all"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.locator("#show-deprecated").is_checked()
    assert visible_ids(page) == ["U"]
    page.get_by_text("Show as a table").click()  # the filter is of the packs alone
    assert page.get_by_role("region", name="Versions over time").locator("tbody tr").count() == 6
    assert (
        page.get_by_role("region", name="Versions over time").locator("tbody tr").first.is_visible()
    )
    page.get_by_text("Show as a table").click()
    page.get_by_label("all 17").check(force=True)
    assert len(visible_ids(page)) == 17
    chart = page.get_by_role("img", name="Packs by status over time")
    assert chart.is_visible()
    words = page.locator("#chart-text").text_content()
    assert "version 1.0.0 to 1.2.0, complete at the end, 16 installed, 1 deprecated" in words
    page.get_by_text("Show as a table").click()
    assert page.get_by_role("region", name="Versions over time").is_visible()
    assert "manifest: complete 1.2.0" in page.locator(".changes li").first.inner_text()
    assert page.requests == [Path("public/index.html").resolve().as_uri()]
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(history: Path, browser: Any, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    run("site", "public")
    # axe needs a script, which the page's own policy forbids.
    page = opened(browser, Path("public/index.html"), bypass_csp=True, color_scheme=scheme)
    results = Axe().run(page)
    assert results.response["passes"]
    assert [found["id"] for found in results.response["violations"]] == [], (
        results.generate_report()
    )


def test_the_page_fits_a_telephone_and_paper(history: Path, browser: Any) -> None:
    run("site", "public")
    page = opened(browser, Path("public/index.html"), viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_label("deprecated 1").check(force=True)
    page.emulate_media(media="print")
    assert len(visible_ids(page)) == 17
    assert not page.locator("fieldset").is_visible()


def test_hostile_texts_are_only_text_in_the_page(history: Path, browser: Any) -> None:
    hostile.make(Path("manifest/system.yaml"))
    git("commit", "-qam", hostile.NAME)
    run("site", "public")
    page = opened(browser, Path("public/index.html"))
    assert page.locator("dd").first.inner_text() == hostile.NOTES
    assert hostile.NAME in page.locator("tbody tr").first.inner_text()
    assert page.locator("script, img, textarea").count() == 0
    assert page.complaints == []
    assert len(page.requests) == 1


def test_the_html_of_status_stands_alone(history: Path, browser: Any) -> None:
    Path("status.html").write_text(run("status", "--format", "html").out)
    page = opened(browser, Path("status.html"))
    assert page.locator("h1").inner_text().split() == ["Valhalla", "backend", "1.2.0"]
    assert page.locator("a[href]:not([href^='#'])").count() == 0
    assert page.complaints == []
