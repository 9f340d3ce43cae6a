"""How heavy report.html is and how soon a browser shows it; how long --video takes."""

import os
import shutil
import statistics
from pathlib import Path

from benchmarks.phone_clips import HD, make_clip
from benchmarks.timing import Bar, best_of, run_formcheck

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
OPENINGS = 5
MOMENTS = """
new MutationObserver(() => {
  const seen = (window.moments ||= {});
  for (const name of ["ready", "charts"])
    if (document.documentElement?.dataset[name]) seen[name] ||= performance.now();
}).observe(document, { subtree: true, attributes: true, childList: true });
"""


def measure_report(folder: Path, clip: Path, seconds: float) -> list[Bar]:
    """Return the lines about what `analyze` writes of a clip of so many seconds."""
    os.environ["FORMCHECK_CACHE_DIR"] = str(folder / "cache")
    run_formcheck("analyze", clip, "--lift", "rdl", "--out", folder)
    again_s = best_of(3, lambda: run_formcheck("analyze", clip, "--lift", "rdl", "--no-html", "--out", folder).wall_s)
    page = folder / f"{clip.stem}_formcheck" / "report.html"
    moments = open_page(page)
    small = folder / "hd.mp4"
    make_clip(small, "phone", 30, seconds, HD)
    run_formcheck("analyze", small, "--lift", "rdl", "--no-html", "--out", folder)
    plain_s = run_formcheck("analyze", small, "--lift", "rdl", "--no-html", "--out", folder).wall_s
    drawn_s = run_formcheck("analyze", small, "--lift", "rdl", "--no-html", "--video", "--out", folder).wall_s
    share = (drawn_s - plain_s) / seconds
    return [
        Bar("a second run of a minute, without the page", again_s, "s", "< 1", again_s < 1),
        Bar("report.html of a minute", page.stat().st_size / 1e6, "MB", "", None),
        Bar("report.html of a minute: first paint", moments["paint"], "s", "", None),
        Bar("report.html of a minute: player ready", moments["ready"], "s", "< 1", moments["ready"] < 1),
        Bar("report.html of a minute: charts drawn", moments["charts"], "s", "", None),
        Bar("--video at 720p 30 fps, per second of video", share, "s", "< 1", share < 1),
    ]


def open_page(page: Path) -> dict[str, float]:
    """Return the medians, over some openings in a new tab, of the seconds from the address to what is seen."""
    from playwright.sync_api import sync_playwright

    rows: list[dict[str, float]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for _ in range(OPENINGS + 1):
            tab = browser.new_page(viewport={"width": 1400, "height": 900})
            tab.add_init_script(MOMENTS)
            tab.goto(page.as_uri())
            tab.wait_for_selector("html[data-charts=ready]", state="attached", timeout=120_000)
            told = tab.evaluate("({...moments, paint: performance.getEntriesByType('paint')[0].startTime})")
            rows.append({name: ms / 1000 for name, ms in told.items()})
            tab.close()
        browser.close()
    return {name: statistics.median(row[name] for row in rows[1:]) for name in rows[0]}  # the first warms the disk
