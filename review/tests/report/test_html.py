"""The page in a real browser: nothing fetched, no error, readable on a desktop and on a phone, and searchable."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.report.render.html import fragment, page
from review.report.report import report
from tests.helpers.in_process.evaluation import evaluate
from tests.helpers.stacks import evaluation

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no chromium here; .ci/run installs it")]

PROBE = """
<script>
const seen = { errors: [] };
addEventListener("error", (event) => seen.errors.push(event.message));
addEventListener("securitypolicyviolation", (event) => seen.errors.push(event.violatedDirective));
</script>
"""

MEASURE = """
<script>
const page = document.documentElement;
seen.overflow = page.scrollWidth - page.clientWidth;
const outside = [...document.querySelectorAll("main *, section *, header *")].filter((one) => {
  const box = one.getBoundingClientRect();
  const scrolled = one.closest(".scroll, .drawing");
  return !scrolled && box.width > 0 && box.right > innerWidth + 1;
});
seen.outside = outside.map((one) => one.outerHTML.slice(0, 80));
const rectangle = (one) => one.getBoundingClientRect();
const meet = (one, other) =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
const boxes = [...document.querySelectorAll(".diagram .node")].map(rectangle);
seen.boxes = boxes.length;
seen.overlaps = boxes.some((one, at) => boxes.slice(at + 1).some((other) => meet(one, other)));
const labels = [...document.querySelectorAll(".diagram .traffic, .diagram .place")];
const frame = rectangle(document.querySelector(".diagram"));
const lines = [...document.querySelectorAll(".diagram .arrow")].flatMap((arrow) => {
  const length = arrow.getTotalLength();
  return [...Array(Math.ceil(length) - 8).keys()].map((step) => {
    const point = arrow.getPointAtLength(step + 4);
    const [x, y] = [frame.left + point.x, frame.top + point.y];
    return { left: x, right: x, top: y, bottom: y };
  });
});
seen.struck = labels.filter((one) => lines.some((line) => meet(rectangle(one), line))).map((one) => one.textContent);
seen.covered = labels.filter((one) => boxes.some((box) => meet(rectangle(one), box))).map((one) => one.textContent);
seen.pierced = boxes.some((box) => lines.some((line) => meet(box, line)));
seen.cut = [...document.querySelectorAll(".diagram g text:not(.traffic)")].filter((one) =>
  rectangle(one).width > rectangle(one.parentNode.querySelector(".node")).width).map((one) => one.textContent);
const drawing = document.querySelector(".drawing");
seen.scrolled = drawing.scrollWidth > drawing.clientWidth;
seen.hinted = !document.querySelector(".hint").hidden;
seen.pictured = frame.width > 0;
seen.chained = rectangle(document.querySelector(".chains")).height > 0;
const tiles = [...document.querySelectorAll(".card")].map(rectangle);
const differ = (one, other) => Math.abs(one - other) > 1;
seen.uneven = tiles.some((one) => differ(one.height, tiles[0].height) || differ(one.width, tiles[0].width));
seen.verdict = rectangle(document.querySelector(".banner")).bottom < tiles[0].top;
seen.clipped = [...document.querySelectorAll(".scroll")].some((one) => one.scrollWidth > one.clientWidth + 1);
const scale = frame.width / document.querySelector(".diagram").viewBox.baseVal.width;
const written = [...document.querySelectorAll("body *")]
  .filter((one) => one.textContent.trim() && one.getClientRects().length);
seen.smallest = Math.min(...written.map((one) =>
  Math.round(10 * parseFloat(getComputedStyle(one).fontSize) * (one.closest(".diagram") ? scale : 1)) / 10));
const open = document.querySelector("ol.paths [data-ways]");
open.focus();
seen.lit = document.querySelectorAll(".diagram .part.on").length;
seen.dim = document.querySelectorAll(".diagram.lit .part:not(.on)").length;
open.blur();
seen.unlit = document.querySelectorAll(".diagram .part.on").length;
const ruled = [...document.querySelectorAll(".diagram .part[tabindex]")].find((one) => one.querySelector(".arrow"));
ruled.focus();
seen.caption = document.querySelector(".caption").textContent;
ruled.blur();
document.dispatchEvent(new KeyboardEvent("keydown", { key: "/" }));
seen.focused = document.activeElement.type;
const shown = () => [...document.querySelectorAll("tbody tr")].filter((one) => !one.hidden).length;
seen.rows = shown();
const box = document.querySelector("input[type=search]");
box.value = "t4g.nano"; box.dispatchEvent(new Event("input"));
seen.found = shown();
seen.count = document.querySelector(".search output").textContent;
box.value = "found nowhere"; box.dispatchEvent(new Event("input"));
seen.bare = [...document.querySelectorAll("details")].filter((one) => rectangle(one).height > 0).length;
box.value = ""; box.dispatchEvent(new Event("input"));
seen.again = shown();
const out = document.createElement("pre"); out.id = "seen"; out.textContent = JSON.stringify(seen);
document.body.append(out);
</script>
"""


@pytest.fixture(scope="module")
def house() -> str:
    project = load(Path(__file__).parents[1] / "programs" / "house")
    part = fragment(report(evaluate(project, read_stack(project, "dev"))))
    return page([part])


def look(html: str, folder: Path, width: int, height: int) -> dict[str, object]:
    """What a browser of this size makes of a page."""
    file = folder / "page.html"
    file.write_text(html.replace("<header", PROBE + "<header", 1).replace("</body>", MEASURE + "</body>"))
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    # Headless browsers refuse windows narrower than 500; a frame of the wanted width is laid out as a phone is.
    command += [f"--window-size={max(width, 500)},{height}", "--virtual-time-budget=2000", "--dump-dom"]
    if width < 500:
        frame = folder / "phone.html"
        frame.write_text(
            f'<iframe src="page.html" style="width:{width}px;height:{height}px;border:0" onload="'
            "document.body.append(document.querySelector('iframe').contentDocument.querySelector('#seen'))\"></iframe>"
        )
        file = frame
        command.append("--allow-file-access-from-files")
    done = subprocess.run([*command, file.as_uri()], capture_output=True, text=True, timeout=90, check=True)
    found = done.stdout.partition('<pre id="seen">')[2].partition("</pre>")[0]
    assert found, done.stdout[-500:]
    seen: dict[str, object] = json.loads(found.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&"))
    return seen


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)], ids=["desktop", "phone"])
def test_the_page_fits_is_searchable_and_fetches_nothing(house: str, tmp_path: Path, width: int, height: int) -> None:
    seen = look(house, tmp_path, width, height)
    phone = width < 640
    # On a phone the chains of boxes take the picture's place.
    assert (seen["pictured"], seen["chained"]) == (not phone, phone)
    assert (seen["verdict"], seen["uneven"], seen["clipped"]) == (True, False, False)
    assert seen["errors"] == []
    assert seen["overflow"] == 0
    assert seen["outside"] == []
    assert seen["boxes"] == 4
    assert seen["overlaps"] is False
    assert (seen["cut"], seen["struck"], seen["covered"], seen["pierced"]) == ([], [], [], False)
    smallest, lit = seen["smallest"], seen["lit"]
    assert isinstance(smallest, float | int)
    assert smallest >= 12
    assert isinstance(lit, int)
    assert lit > 3
    assert (seen["unlit"], seen["focused"], seen["bare"]) == (0, "search", 0)
    assert phone or seen["caption"] == (
        "proxy to backend: tcp 8080; proxy-to-backend-egress (tcp 8080 to backend-group), proxy-to-backend-ingress "
        "(tcp 8080 from proxy-group)"
    )
    rows, found = seen["rows"], seen["found"]
    assert isinstance(rows, int)
    assert isinstance(found, int)
    assert 0 < found < rows == seen["again"]
    matches, _, entries = str(seen["count"]).partition(" of ")
    assert 0 < found <= int(matches) < int(entries)


@pytest.mark.xdist_group("prod")
@pytest.mark.parametrize(("width", "scrolls"), [(1024, False), (800, True)])
def test_a_wide_picture_is_scaled_while_its_text_is_legible(tmp_path: Path, width: int, scrolls: bool) -> None:
    """Below that it scrolls in its own box, which the page says; the page itself never does."""
    seen = look(page([fragment(report(evaluation("prod")))]), tmp_path, width, 768)
    assert (seen["scrolled"], seen["hinted"], seen["overflow"]) == (scrolls, scrolls, 0)
    smallest = seen["smallest"]
    assert isinstance(smallest, float | int)
    assert smallest >= 7.8
    assert (seen["outside"], seen["cut"]) == ([], [])


def test_the_probe_itself_sees_what_is_wrong(house: str, tmp_path: Path) -> None:
    broken = house.replace("<h2>", '<div style="width:3000px;height:9px">x</div><script>nope()</script><h2>', 1)
    seen = look(broken, tmp_path, 1280, 900)
    overflow = seen["overflow"]
    assert isinstance(overflow, int)
    assert overflow > 0
    assert seen["errors"] != []
