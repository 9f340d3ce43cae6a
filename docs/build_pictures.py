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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

import formcheck
from docs.stick_pictures import draw_stick_faults
from formcheck.rendering.annotated_video import take_stills
from formcheck.rendering.overlay import figure_of
from formcheck.rendering.set_captions import hold_for
from formcheck.report.page.content import picture_finding
from samples.renderer.clips import Clip, read_clips
from samples.renderer.lifts import LIFTS
from samples.renderer.render import seen_at, shots
from samples.renderer.scene import Lifter, make_lifter

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
END = 2.0  # see `Wrong`
AFTER_S = 0.6  # the end of a repetition: the top is reached
SOUND = {  # whose first repetition is drawn right, then wrong
    "rdl": "rdl_four_reps",
    "good_morning": "good_morning_sound",
    "ghr": "ghr_sound",
    "nordic": "nordic_controlled",
    "lying_curl": "lying_curl_sound",
    "seated_curl": "seated_curl_sound",
}


@dataclass(frozen=True)
class Wrong:
    """A fault to draw: what of the repetition (or of the whole set) is changed, and the moment that shows it: as a
    share of the way to the turn, 1 being the turn itself and 2 the top that the repetition ends in; and where the
    camera stands, 0 being the side and 90 the front.
    """

    changes: Mapping[str, float]
    moment: float = 1.0
    of_set: bool = False
    yaw_deg: float = 0.0


HINGES: Mapping[str, Wrong] = {
    "rounding": Wrong({"lumbar_deg": 45.0}),
    "squatted": Wrong({"squat_deg": 40.0}),
    "overrun": Wrong({"overrun_deg": 22.0, "trunk_deg": 95.0}),
    "lean_back": Wrong({"top_deg": -16.0}, END),
    "lockout": Wrong({"top_deg": 18.0}, END),
    "level": Wrong({"hands_tilt_deg": 12.0}, yaw_deg=88.0),
}
CURLS: Mapping[str, Wrong] = {
    "hip_lift": Wrong({"hip_lift_thigh": 0.2, "lumbar_deg": -12.0}),
    "range": Wrong({"knee_deg": 70.0}),
    "partial": Wrong({"knee_deg": 60.0}),
    "extension": Wrong({"knee_rest_deg": 35.0}, END, of_set=True),
}
FAULTS: Mapping[str, Mapping[str, Wrong]] = {  # by lift and the last part of the check's code
    "rdl": {**HINGES, "bar_drift": Wrong({"bar_away_m": 0.2})},
    "good_morning": HINGES,
    "ghr": {
        "arch": Wrong({"arch_deg": 35.0, "stall_s": 1.0, "stall_trunk_deg": 45.0}, 1.5),
        "hip_hinge": Wrong({"hip_hinge_deg": 45.0}, 0.7),
    },
    "nordic": {"hip_break": Wrong({"hip_hinge_deg": 45.0}, 0.7), "arch": Wrong({"lumbar_deg": -28.0}, 0.7)},
    "lying_curl": CURLS,
    "seated_curl": CURLS,
}
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
    """Write docs/img/checks/<code>.webp: of each check that finds something in a spoilt sample the worst moment; those
    that `draw_faults` draws are left to it.
    """
    drawn = {f"{lift}.{name}" for lift, faults in FAULTS.items() for name in faults}
    for name, lift in SPOILT.items():
        clip = ROOT / "samples" / f"{name}.mp4"
        report = formcheck.analyze(clip, lift=lift)
        found = [each for each in report.findings if each.verdict in {"fault", "note"} and math.isfinite(each.start_s)]
        found = [each for each in found if each.code not in drawn]
        worst = {each.code: each for each in sorted(found, key=lambda each: (each.verdict == "fault", each.severity))}
        moments = [picture_finding(each, report.reps) for each in worst.values()]
        for moment in moments:
            backs_s = moment.times_s if moment.of_back else ()
            stills = take_stills(clip, figure_of(report), moment.times_s, backs_s=backs_s).pictures
            frames = [Image.open(io.BytesIO(stills[time_s])) for time_s in moment.times_s if time_s in stills]
            draw_strip(frames, CHECK_PX).save(PICTURES / "checks" / f"{moment.finding.code}.webp", quality=75)


def draw_faults(only: Collection[str] = ()) -> None:
    """Write docs/img/checks/<code>.webp of all faults that the renderer draws, or of the codes in `only`: a sound
    repetition on the left, the same one with the fault on the right, at the same place in the lift.
    """
    for lift, faults in FAULTS.items():
        clip = read_clips()[SOUND[lift]]
        lifter = make_lifter(clip.scene)
        clip = replace(clip, moves=replace(clip.moves, reps=clip.moves.reps[:1]))
        for name, wrong in faults.items():
            code = f"{lift}.{name}"
            if only and code not in only:
                continue
            frames = []
            seen = film_from(clip, wrong.yaw_deg)
            for shown in (seen, spoil(seen, wrong)):
                moment_s = moment_of(truth_of(shown, lifter)[0], wrong.moment)
                frames += [Image.fromarray(picture) for picture in shots(shown, lifter, np.array([moment_s]))]
            draw_strip(frames, CHECK_PX).save(PICTURES / "checks" / f"{code}.webp", quality=75)


def draw_sticks() -> None:
    """Write docs/img/checks/<code>.webp of the faults that the renderer cannot draw, as stick figures."""
    for code, frames in draw_stick_faults().items():
        draw_strip(frames, CHECK_PX).save(PICTURES / "checks" / f"{code}.webp", quality=75)


def film_from(clip: Clip, yaw_deg: float) -> Clip:
    """Return the clip filmed from that far off the side."""
    camera = replace(clip.scene.camera, yaw_deg=yaw_deg)
    return replace(clip, scene=replace(clip.scene, camera=camera))


def spoil(clip: Clip, wrong: Wrong) -> Clip:
    """Return the clip with the fault in its one repetition."""
    if wrong.of_set:
        return replace(clip, moves=replace(clip.moves, **wrong.changes))
    (rep,) = clip.moves.reps
    return replace(clip, moves=replace(clip.moves, reps=(replace(rep, **wrong.changes),)))


def moment_of(rep: Any, share: float) -> float:
    """Return the moment (s) of a repetition's truth at a share of its way to the turn (up to 1) and back (up to 2)."""
    if share >= END:
        return float(rep.stop_s) + AFTER_S
    if share <= 1.0:
        return float(rep.start_s + share * (rep.turn_s - rep.start_s))
    return float(rep.turn_s + (share - 1.0) * (rep.stop_s - rep.turn_s))


def truth_of(clip: Clip, lifter: Lifter) -> Sequence[Any]:
    """Return what is true of a clip's repetitions."""
    dense_s = np.arange(0.0, clip.moves.duration_s, 1 / 60)
    return LIFTS[clip.lift].truths(seen_at(clip, lifter, dense_s), clip.moves)


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
    draw_faults()
    draw_sticks()
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
