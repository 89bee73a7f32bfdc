"""What a real browser makes of a page: headless Chromium, without network."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--hide-scrollbars", "--virtual-time-budget=8000",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


def evaluate(page: Path, script: str, profile: Path, *, width: int = 1200) -> Any:
    """The value of an expression, which may be a promise, in a page loaded from disk."""
    browser = next((found for name in NAMES if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip("no Chromium here")
    probe = page.with_name("probe-page.html")
    code = (
        "<script>addEventListener('load', async () => {"
        "const errors = []; addEventListener('error', (e) => errors.push(String(e.message)));"
        f"let value; try {{ value = await ({script}); }} catch (e) {{ value = String(e); }}"
        "const out = document.createElement('pre'); out.id = 'probe';"
        "out.textContent = JSON.stringify({value, errors}); document.body.append(out); });</script>"
    )
    probe.write_text(page.read_text("utf-8").replace("</head>", code + "</head>", 1), "utf-8")
    command = [
        browser, *OPTIONS, f"--user-data-dir={profile}", f"--window-size={width},1000",
        "--dump-dom", probe.as_uri(),
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    finally:
        probe.unlink()
    match = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert match, done.stderr[-2000:]
    found = json.loads(html.unescape(match[1]))
    assert found["errors"] == []
    return found["value"]
