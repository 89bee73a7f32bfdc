"""Pages in a real browser that must be silent and ask nothing of anyone else."""

import contextlib
from collections.abc import Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

WIDTHS = (1280, 390)
THEMES = ("light", "dark")


@contextlib.contextmanager
def visit(
    browser: Browser, address: str, home: str, *, width: int = 1280, theme: Any = "light"
) -> Iterator[Page]:
    """A page; at the end its console is silent, and all that it asked for begins with `home`."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    context.set_default_timeout(60_000)
    page = context.new_page()
    heard: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    try:
        yield page
    finally:
        context.close()
    assert heard == []
    own = (home, "data:", "chrome:", "chrome-extension:")  # the last two: its viewer of PDFs
    assert [url for url in asked if not url.startswith(own)] == []


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds: the rule, and the first place. It loads no sheets, which files may not."""
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [(item["id"], item["nodes"][0]["html"]) for item in found]
