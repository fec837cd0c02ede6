"""What an installed package offers: its types, and every page that its README names."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

from tests.conftest import ROOT


def test_type_checkers_are_told_that_the_package_has_types():
    assert files("slotfill").joinpath("py.typed").is_file()


def test_a_source_archive_holds_every_page_that_the_readme_links_to():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    held = [*settings["tool"]["hatch"]["build"]["targets"]["sdist"]["include"], "/LICENSE", "/README.md"]
    linked = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / "README.md").read_text())
    assert linked
    assert [
        page for page in linked if not any(f"/{page}" == one or f"/{page}".startswith(f"{one}/") for one in held)
    ] == []
