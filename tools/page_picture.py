"""The README's picture of the page of `make try`: a call of the stack dev that lacks its key.

`make picture` writes it, with the Chromium of this machine.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PICTURE: Final = ROOT / "docs" / "try.png"
_WIDTH, _HEIGHT = 1180, 860
_MOST_BYTES: Final = 200_000


def main() -> int:
    """Returns the exit status: 1 without a browser."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("There is no Chromium on the PATH. On Debian and Ubuntu: apt install chromium", file=sys.stderr)
        return 1
    command = [sys.executable, "-m", "review.cli", "try", "dev", "--log", "json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as served:
        try:
            assert served.stdout is not None
            lines = map(json.loads, served.stdout)
            draw(next(line["page"] for line in lines if "page" in line), chromium)
        finally:
            served.terminate()
    size = PICTURE.stat().st_size
    print(f"{PICTURE.relative_to(ROOT)}: {size:,} bytes")
    return 0 if size <= _MOST_BYTES else 1


def draw(url: str, chromium: str) -> None:
    """Send two calls, of which the second lacks the key, and write the picture."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        page.goto(url)
        page.wait_for_selector(".node")
        for status in ("200", "403"):
            page.click("#submit")
            page.wait_for_selector(f"#way b:has-text('{status}')")
            page.select_option("[data-need='key']", label="✗ no key")
        page.evaluate("document.activeElement.blur()")
        page.evaluate("scrollTo(0, 0)")
        # Until the colours of the way have changed.
        page.wait_for_timeout(500)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    raise SystemExit(main())
