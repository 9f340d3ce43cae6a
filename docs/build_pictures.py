"""Makes the pictures of the report page, of the annotated video and of the checks: `python docs/build_pictures.py`.

They show the shipped sample clips and nobody else. Run it after a change to the page, the figure or the cues; it needs
chromium (`.ci/system browse`) and takes as long as one analysis with `--video`.
"""

import io
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import av
from PIL import Image
from playwright.sync_api import sync_playwright

import formcheck
from formcheck.rendering.annotated_video import take_stills
from formcheck.rendering.overlay import figure_of
from formcheck.rendering.set_captions import hold_for
from formcheck.report.page.content import picture_finding

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "img"
CLIP = ROOT / "samples" / "rdl_four_reps.mp4"
SPOILT = {
    "rdl_four_reps": "rdl",
    "good_morning_overrun": "good_morning",
    "ghr_stall_shake": "ghr",
    "nordic_break_60": "nordic",
    "seated_curl_partial": "seated_curl",
    "lying_curl_hip_lift": "lying_curl",
}
ATHLETES = ("Ana", "Ben", "Chris")
WIDTH_PX = 480  # of one picture of the strip
CHECK_PX = 260  # of one picture of a check
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


def draw_strip(frames: list[Image.Image], width_px: int = WIDTH_PX) -> Image.Image:
    """Return the frames side by side with a white gap between."""
    gap_px = 8
    height_px = round(width_px * frames[0].height / frames[0].width)
    strip = Image.new("RGB", (len(frames) * (width_px + gap_px) - gap_px, height_px), "white")
    for place, frame in enumerate(frames):
        strip.paste(frame.resize((width_px, height_px), Image.Resampling.LANCZOS), (place * (width_px + gap_px), 0))
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


def draw_checks() -> None:
    """Write docs/img/checks/<code>.webp: of each check that finds something in a spoilt sample the worst moment."""
    for name, lift in SPOILT.items():
        clip = ROOT / "samples" / f"{name}.mp4"
        report = formcheck.analyze(clip, lift=lift)
        found = [each for each in report.findings if each.verdict in {"fault", "note"} and math.isfinite(each.start_s)]
        worst = {each.code: each for each in sorted(found, key=lambda each: (each.verdict == "fault", each.severity))}
        moments = [picture_finding(each, report.reps) for each in worst.values()]
        for moment in moments:
            backs_s = moment.times_s if moment.of_back else ()
            stills = take_stills(clip, figure_of(report), moment.times_s, backs_s=backs_s).pictures
            frames = [Image.open(io.BytesIO(stills[time_s])) for time_s in moment.times_s if time_s in stills]
            draw_strip(frames, CHECK_PX).save(PICTURES / "checks" / f"{moment.finding.code}.webp", quality=75)


def photograph_desk(folder: Path, target: Path) -> None:
    """Save what the desk shows of the samples, each in the folder of an athlete, once all are judged."""
    for place, name in enumerate(SPOILT):
        home = folder / "week" / ATHLETES[place % len(ATHLETES)]
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "samples" / f"{name}.mp4", home)
    (folder / "lifts.csv").write_text("path,lift\n" + "".join(f"{name}.mp4,{lift}\n" for name, lift in SPOILT.items()))
    command = [sys.executable, "-m", "formcheck", "desk", "--home", folder / "home", "--port", "0"]
    environment = {**os.environ, "FORMCHECK_DB": str(folder / "history.db")}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as desk:  # noqa: S603
        assert desk.stderr is not None
        address = desk.stderr.readline().removeprefix("open ").strip()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport=DESK)
            page.goto(address)
            page.set_input_files("#files", folder / "lifts.csv")
            page.wait_for_selector("#said:has-text('The table speaks')")
            page.set_input_files("#folder", folder / "week")
            page.wait_for_selector(f"#done li:nth-child({len(SPOILT)})", timeout=1_800_000)
            page.goto(f"{address}sets?show=new")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=target)
            browser.close()
        desk.terminate()


def save_desk(folder: Path) -> None:
    """Write docs/img/desk.webp."""
    photograph_desk(folder, folder / "desk.png")
    Image.open(folder / "desk.png").convert("RGB").save(PICTURES / "desk.webp", quality=80)


def build() -> None:
    """Write docs/img/report.webp, desk.webp, strip.webp and those of the checks."""
    draw_checks()
    with tempfile.TemporaryDirectory() as name:
        save_desk(Path(name))
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
