"""Makes the pictures of the report page and of the annotated video: `python docs/build_pictures.py`.

They show the shipped sample clip and nobody else. Run it after a change to the page, the figure or the cues; it needs
chromium (`.ci/system browse`) and takes as long as one analysis with `--video`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import av
from PIL import Image
from playwright.sync_api import sync_playwright

from formcheck.rendering.set_captions import hold_for

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "img"
CLIP = ROOT / "samples" / "rdl_four_reps.mp4"
WIDTH_PX = 480  # of one picture of the strip
DESK = {"width": 1280, "height": 860}


def analyse(folder: Path) -> Path:
    """Return the sample's results, with the annotated video, in `folder`."""
    analyze = [sys.executable, "-m", "formcheck", "analyze"]
    subprocess.run([*analyze, CLIP, "--lift", "rdl", "--video", "--out", folder], cwd=ROOT, check=True)  # noqa: S603
    shutil.copy(CLIP, folder)
    return folder / f"{CLIP.stem}_formcheck"


def choose_moments(report: dict[str, Any]) -> list[float]:
    """Return three moments of the annotated video, seconds: a lowering, and one second into the stop at each cue.

    Each stop pushes back what comes after it.
    """
    first, second = sorted(report["cues"], key=lambda cue: cue["start_s"])
    lowering_s = report["reps"][0]["start_s"] + 1.5
    return [lowering_s, first["start_s"] + 1, second["start_s"] + hold_for(first["text"]) + 1]


def cut_frames(video: Path, moments_s: list[float]) -> list[Image.Image]:
    """Return the first frame at or after each of the moments, which come in order."""
    frames: list[Image.Image] = []
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            if len(frames) < len(moments_s) and float(frame.time or 0.0) >= moments_s[len(frames)]:
                frames.append(frame.to_image())
    return frames


def draw_strip(frames: list[Image.Image]) -> Image.Image:
    """Return the frames side by side with a white gap between."""
    gap_px = 8
    height_px = round(WIDTH_PX * frames[0].height / frames[0].width)
    strip = Image.new("RGB", (len(frames) * (WIDTH_PX + gap_px) - gap_px, height_px), "white")
    for place, frame in enumerate(frames):
        strip.paste(frame.resize((WIDTH_PX, height_px), Image.Resampling.LANCZOS), (place * (WIDTH_PX + gap_px), 0))
    return strip


def photograph(page_file: Path, target: Path) -> None:
    """Save what the page shows at a desk, with the video at its first finding."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=DESK)
        page.goto(page_file.as_uri())
        page.wait_for_selector("html[data-charts=ready]", state="attached", timeout=120_000)
        page.keyboard.press("n")
        page.wait_for_timeout(1500)
        page.screenshot(path=target)
        browser.close()


def build() -> None:
    """Write docs/img/report.webp and docs/img/strip.webp."""
    with tempfile.TemporaryDirectory() as name:
        results = analyse(Path(name))
        report = json.loads((results / "report.json").read_text(encoding="utf-8"))
        frames = cut_frames(results / "annotated.mp4", choose_moments(report))
        draw_strip(frames).save(PICTURES / "strip.webp", quality=80)
        shot = Path(name) / "report.png"
        photograph(results / "report.html", shot)
        Image.open(shot).convert("RGB").save(PICTURES / "report.webp", quality=80)


if __name__ == "__main__":
    build()
