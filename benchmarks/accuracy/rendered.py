"""Rendered clips through the real model: what `analyze` says of them, held against their exact truth.

A clip is NAME.mp4 with NAME.truth.json beside it, as `python -m samples.renderer.render` writes them. Every figure is
a mean or a share over repetitions or frames of clips that the gates let through; what was not judged is counted apart.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.accuracy.table import Row, make_row, share_interval_pct
from formcheck.data import Finding, Report
from formcheck.events.lumbar import DEEP_SHARE
from formcheck.geometry import wrap
from formcheck.pipeline import analyze
from formcheck.settings import Settings

Floats = npt.NDArray[np.float64]

ANGLES = ("hip_flexion_deg", "knee_flexion_deg", "trunk_deg")
HELD_PCT = 86  # of 90 % intervals hold the truth, at least
ANGLE_TARGETS_DEG = {"hip_flexion_deg": 4.5, "knee_flexion_deg": 4.0, "trunk_deg": 3.0}
ANGLE_TARGET_DEG = 6.0
LOOSE_DEG = dict.fromkeys(ANGLES, ANGLE_TARGET_DEG)
SAME_REP_S = 0.8  # between the turns of a repetition and of its truth
ROUNDED_DEG = 35.0  # lumbar flexion from which a back is rounded beyond doubt, and up to ...
FLAT_DEG = 20.0  # ... which it is flat: between the two lies the limit of 30 with its margin
SOUND_OVERRUN_DEG = 3.0  # truth up to which an overrun fault is a false alarm
REAL_OVERRUN_DEG = 15.0  # and from which it has to be found
GATE_YAW_DEG = 35.0  # truth from which the view must be refused (limit 30, known to 5)
GOOD_YAW_DEG = 10.0  # and up to which it must not
SOUND: dict[str, Callable[[dict[str, Any]], bool]] = {  # truths in which a fault of that code is a false alarm
    "overrun": lambda truth: truth["overrun_deg"] <= SOUND_OVERRUN_DEG,
    "squatted": lambda truth: truth["squatted_deg"] <= 2,
    "rounding": lambda truth: truth["lumbar_max_deg"] <= FLAT_DEG,
    "tempo": lambda truth: truth["eccentric_s"] >= 2,
}


@dataclass(frozen=True, eq=False)
class Compared:
    """One clip: its truth as written, and the report."""

    name: str
    truth: dict[str, Any]
    report: Report

    @property
    def stratum(self) -> str:
        """What makes the clip hard."""
        return str(self.truth.get("stratum", "plain"))

    @property
    def yaw_deg(self) -> float:
        """Absolute yaw of the camera."""
        return abs(float(self.truth["camera"]["yaw_deg"]))

    @property
    def good(self) -> bool:
        """Whether nothing stands in the way of a judgement."""
        return self.stratum in {"plain", "fps"} and self.yaw_deg <= GOOD_YAW_DEG

    def pairs(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield (number of the repetition in the report, its truth), matched by the turn."""
        for truth in self.truth["reps"]:
            near = [rep for rep in self.report.reps if abs(rep.turn_s - truth["turn_s"]) <= SAME_REP_S]
            if near:
                yield min(near, key=lambda rep: abs(rep.turn_s - truth["turn_s"])).number, truth

    def finding(self, code: str, rep: int) -> Finding | None:
        """Return the finding of a code about a repetition, or about the set when it says nothing of single ones."""
        some = [each for each in self.report.findings if each.code == f"{self.truth['lift']}.{code}"]
        return next((each for each in some if each.rep == rep), some[0] if some and some[0].rep is None else None)


def compare(folder: Path, names: Sequence[str] | None = None) -> list[Compared]:
    """Analyse every clip of a folder that has a truth."""
    found = []
    for path in sorted(folder.glob("*.truth.json")):
        name = path.name.removesuffix(".truth.json")
        video = path.with_name(f"{name}.mp4")
        if not video.exists() or (names is not None and name not in names):
            continue
        truth = json.loads(path.read_text(encoding="utf-8"))
        for rep in truth["reps"]:
            rep["lumbar_deep_deg"] = lumbar_at_depth(truth["frames"], rep)
        found.append(Compared(name, truth, analyze(video, Settings(lift=truth["lift"]))))
    return found


def lumbar_at_depth(frames: dict[str, list[float]], rep: dict[str, Any]) -> float:
    """Return the true lumbar flexion where the check looks: its median over a rep's deepest tenth."""
    time_s, trunk_deg, lumbar_deg = (np.array(frames[name]) for name in ("time_s", "trunk_deg", "lumbar_deg"))
    inside = (time_s >= rep["start_s"]) & (time_s <= rep["stop_s"])
    low, high = trunk_deg[inside].min(), trunk_deg[inside].max()
    return float(np.median(lumbar_deg[inside & (trunk_deg >= low + DEEP_SHARE * (high - low))]))


def angle_errors(clip: Compared, angle: str) -> Floats:
    """Measured minus true angle, degrees, over the frames between the first start and the last stop."""
    frames, kinematics = clip.truth["frames"], clip.report.kinematics
    time_s = kinematics.time_s
    inside = (time_s >= clip.truth["reps"][0]["start_s"] - 0.5) & (time_s <= clip.truth["reps"][-1]["stop_s"] + 0.5)
    true_deg = np.interp(time_s[inside], frames["time_s"], frames[angle])
    errors = wrap(kinematics[angle][inside] - true_deg)
    return np.asarray(errors[np.isfinite(errors)])


def rms(values: Floats) -> float:
    """Root mean square; NaN of nothing."""
    return float(np.sqrt(np.mean(np.square(values)))) if len(values) else math.nan


@dataclass(frozen=True)
class Claim:
    """A finding's number with its interval against the truth; NaN value where it was not judged."""

    clip: str
    value: float
    low: float
    high: float
    truth: float

    @property
    def error(self) -> float:
        """Value minus truth."""
        return self.value - self.truth

    @property
    def covered(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low <= self.truth <= self.high


def claims(clips: Iterable[Compared], code: str, key: str) -> list[Claim]:
    """Every claim of `code` about a repetition whose truth is under `key`."""
    found = []
    for clip in clips:
        for number, truth in clip.pairs():
            finding = clip.finding(code, number)
            if finding is None or truth.get(key) is None:
                continue
            value = finding.value if finding.verdict != "not_judged" else math.nan
            found.append(Claim(clip.name, value, finding.low, finding.high, float(truth[key])))
    return found


def moments(clips: Iterable[Compared]) -> list[Claim]:
    """Return the ends of hip travel, seconds, where there is one and it was found."""
    found = []
    for clip in clips:
        for number, truth in clip.pairs():
            finding = clip.finding("hip_travel", number)
            if finding is None or truth.get("hip_travel_end_s") is None:
                continue
            stopped = finding.verdict != "not_judged" and bool(finding.detail.get("stops_before_bottom"))
            value = finding.start_s if stopped else math.nan
            found.append(Claim(clip.name, value, math.nan, math.nan, float(truth["hip_travel_end_s"])))
    return found


def held_row(name: str, claimed: Iterable[Claim]) -> Row:
    """Return how many 90 % intervals of what was judged hold the truth; those of a truth of 0 begin there."""
    held = [each.covered for each in claimed if math.isfinite(each.value) and each.truth]
    return row_of_share(f"{name} inside their 90 % interval", held, at_least=HELD_PCT)


def row_of_errors(
    name: str, some: Sequence[Claim], unit: str, target: float | None, *, percentile: float | None = None
) -> Row:
    """Return the mean (or a percentile of the) absolute error, with abstentions and coverage."""
    judged = [each for each in some if math.isfinite(each.value)]
    errors = np.abs([each.error for each in judged])
    figure = math.nan
    if len(errors):
        figure = float(np.mean(errors) if percentile is None else np.percentile(errors, percentile))
    spans = [each.covered for each in judged if math.isfinite(each.low)]
    return make_row(
        name,
        figure,
        unit,
        count=len(some),
        at_most=target,
        abstained=1 - len(judged) / len(some) if some else math.nan,
        coverage=sum(spans) / len(spans) if spans else math.nan,
    )


def row_of_share(
    name: str, hits: Sequence[bool], *, at_most: float | None = None, at_least: float | None = None
) -> Row:
    """Return a share of cases, percent."""
    n_hits = sum(map(bool, hits))  # numpy's own are no JSON
    figure = 100 * n_hits / len(hits) if hits else math.nan
    low, high = share_interval_pct(n_hits, len(hits))
    row = make_row(name, figure, "%", count=len(hits), at_most=at_most, at_least=at_least)
    return replace(row, low=low, high=high)


def angle_rows(name: str, clips: Sequence[Compared], targets_deg: Mapping[str, float]) -> list[Row]:
    """Return the RMSE of the three angles over all frames between the first start and the last stop; `name` has the
    place of the angle in it, as "{}".
    """
    rows = []
    for angle in ANGLES:
        errors = np.concatenate([np.empty(0), *(angle_errors(each, angle) for each in clips)])
        label = name.format(f"{angle.removesuffix('_deg').replace('_', ' ')}, RMSE")
        rows.append(make_row(label, rms(errors), "deg", count=len(clips), at_most=targets_deg[angle]))
    return rows


def is_fault(clip: Compared, code: str, number: int) -> bool:
    """Whether a repetition was called faulty."""
    finding = clip.finding(code, number)
    return finding is not None and finding.verdict == "fault"


def judged_at_all(clip: Compared) -> bool:
    """Whether any angle of the clip was judged."""
    codes = {f"{clip.truth['lift']}.{each}" for each in ("overrun", "hip_travel", "rounding", "break_point", "range")}
    return any(each.code in codes and each.verdict != "not_judged" for each in clip.report.findings)


def hinge_rows(clips: Sequence[Compared]) -> list[Row]:
    """Return the rows of the lifts with hip travel."""
    side = [each for each in clips if each.yaw_deg <= GOOD_YAW_DEG]
    stops = moments(side)
    pairs = [(clip, number, truth) for clip in clips for number, truth in clip.pairs()]

    def alarms(code: str, sound: Callable[[dict[str, Any]], bool]) -> list[bool]:
        return [is_fault(clip, code, number) for clip, number, truth in pairs if sound(truth)]

    def found(code: str, faulty: Callable[[dict[str, Any]], bool]) -> list[bool]:
        return [is_fault(clip, code, number) for clip, number, truth in pairs if clip.good and faulty(truth)]

    return [
        row_of_errors("end of hip travel, median", stops, "s", 0.07, percentile=50),
        row_of_errors("end of hip travel, p90", stops, "s", 0.25, percentile=90),
        row_of_errors("overrun, MAE", claims(side, "overrun", "overrun_deg"), "deg", 3.0),
        row_of_errors("lumbar flexion, MAE", claims(side, "rounding", "lumbar_deep_deg"), "deg", 5.0),
        row_of_share(
            "false alarms, overrun", alarms("overrun", lambda t: t["overrun_deg"] <= SOUND_OVERRUN_DEG), at_most=5
        ),
        row_of_share("false alarms, squatted", alarms("squatted", lambda t: t["squatted_deg"] <= 2), at_most=5),
        row_of_share(
            "false alarms, rounding", alarms("rounding", lambda t: t["lumbar_max_deg"] <= FLAT_DEG), at_most=5
        ),
        row_of_share("false alarms, tempo", alarms("tempo", lambda t: t["eccentric_s"] >= 2), at_most=5),
        row_of_share(
            f"overruns of {REAL_OVERRUN_DEG:g} deg and more called faults, good clips",
            found("overrun", lambda t: t["overrun_deg"] >= REAL_OVERRUN_DEG),
        ),
        row_of_share(
            f"backs rounded by {ROUNDED_DEG:g} deg and more called faults, good clips",
            found("rounding", lambda t: t["lumbar_max_deg"] >= ROUNDED_DEG),
        ),
    ]


def make_rows(clips: Sequence[Compared]) -> list[Row]:
    """Return the rows of the RDL; a row without a case is left out. Those of the other lifts: `rendered_lifts`."""
    side = [each for each in clips if each.yaw_deg <= GOOD_YAW_DEG]
    side = [each for each in side if each.truth["lift"] == "rdl"]
    rows = angle_rows("{}, side view", [each for each in side if each.stratum != "plates"], LOOSE_DEG)
    rows += angle_rows("{}, 45 cm plates", [each for each in side if each.stratum == "plates"], LOOSE_DEG)
    clips = [each for each in clips if each.truth["lift"] == "rdl"]
    exact = [sum(rep.complete for rep in each.report.reps) == len(each.truth["reps"]) for each in clips]
    rows += [
        row_of_share("clips whose reps are counted exactly", exact, at_least=98),
        row_of_errors("eccentric, MAE", claims(side, "tempo", "eccentric_s"), "s", 0.10),
    ]
    rows += hinge_rows(clips)
    beyond = [not judged_at_all(each) for each in clips if each.yaw_deg >= GATE_YAW_DEG]
    rows += [
        row_of_share(f"clips at {GATE_YAW_DEG:g} deg of yaw and more that abstain", beyond, at_least=95),
        row_of_share("good clips that abstain", [not judged_at_all(each) for each in clips if each.good], at_most=10),
    ]
    return [row for row in rows if row.count]


def describe(clip: Compared) -> str:
    """Return one line on a clip: what the table averages."""
    errors = [angle_errors(clip, each) for each in ANGLES]
    angles = " ".join(f"{rms(each):5.1f} ({np.mean(each):+5.1f})" if len(each) else "    -" for each in errors)
    pairs = {
        name: " ".join(f"{each.value:.0f}/{each.truth:.0f}" for each in claims([clip], code, key))
        for name, code, key in (("overrun", "overrun", "overrun_deg"), ("lumbar", "rounding", "lumbar_deep_deg"))
    }
    faults = sorted({each.code for each in clip.report.findings if each.verdict == "fault"})
    return (
        f"{clip.name:24} {clip.stratum:10} hip, knee, trunk RMSE (bias) {angles}  measured/true overrun "
        f"{pairs['overrun']}  lumbar {pairs['lumbar']}  faults: {', '.join(faults) or 'none'}"
    )
