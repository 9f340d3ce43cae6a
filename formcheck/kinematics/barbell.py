"""The bar's path, scale and speed, from the near plate's circle."""

import math
from dataclasses import replace

import numpy as np

from formcheck import signals
from formcheck.data import BarPath, FloatArray, Kinematics, Rep, Tracks
from formcheck.geometry import FACING_SIGN
from formcheck.signals import MAX_GAP_S

FULL_SIZE_M = 0.45  # diameter of a competition plate [P IWF, IPF]
FULL_SIZE_LEG_M = (0.52, 0.74)  # leg length, at the plate's own scale, that makes a plate plausibly full size: a leg of
# 0.70 to 0.95 m that stands 15 to 25 % further from the camera than the plate [D]
MIN_PATH_SEEN = 0.5  # share of the frames without which there is no path [D]
SAME_PLATE = 0.03  # a circle whose radius is further off the set's is another [D]
BAR_OUTLIER_S = 0.23  # seven frames at 30 Hz: a longer one cuts off the turn of a touch-and-go rep
OUTLIER_FLOOR = 0.08  # of the radius: 18 mm of a 45 cm plate
PATH_TOP_PCT = 10.0  # percent of the frames, the highest: where the path begins
STROKE_EDGE = 0.05  # a stroke is timed between 5 % and 95 % of its height, as phases are [D]
CHANNELS = ("bar_x_leg", "bar_y_leg", "bar_x_m", "bar_y_m")


def add_bar(kinematics: Kinematics, tracks: Tracks, plate_m: float | None) -> Kinematics:
    """Return the kinematics with the bar's path: `bar`, and where a plate was seen the channels of CHANNELS.

    x is forward and y up from where the bar is when it is highest (the middle of its highest tenth); the camera stands
    still. `_m` is measured with the plate itself: NaN throughout unless its diameter is given or full size is
    plausible. `_leg` sees the near plate larger than the leg behind it, by some 20 %. NaN where the plate was not seen.
    """
    place_px, radius_px, seen = clean_path(tracks)
    if seen < MIN_PATH_SEEN:
        return replace(kinematics, bar=BarPath(math.nan, math.nan, seen, "no plate was seen at the bar's end"))
    scale_m, reason = choose_scale(radius_px, kinematics.leg_px, plate_m)
    height_px = -place_px[:, 1]
    top = height_px >= np.nanpercentile(height_px, 100 - PATH_TOP_PCT)
    start_px = np.nanmedian(place_px[top], axis=0)
    forward_px = FACING_SIGN[kinematics.view.facing] * (place_px[:, 0] - start_px[0])
    up_px = start_px[1] - place_px[:, 1]
    path = {
        "bar_x_leg": forward_px / kinematics.leg_px,
        "bar_y_leg": up_px / kinematics.leg_px,
        "bar_x_m": forward_px * scale_m,
        "bar_y_m": up_px * scale_m,
    }
    noise = {name: signals.white_noise(values) for name, values in path.items()}
    return replace(
        kinematics,
        channels={**kinematics.channels, **path},
        noise={**kinematics.noise, **noise},
        bar=BarPath(radius_px, scale_m, seen, reason),
    )


def clean_path(tracks: Tracks) -> tuple[FloatArray, float, float]:
    """Return the plate's centre (T, 2), smoothed, its radius, and the share of frames in which it was seen."""
    if tracks.plate_px is None or not np.isfinite(tracks.plate_px[:, 2]).any():
        return np.full((len(tracks.time_s), 2), np.nan), math.nan, 0.0
    radius_px = signals.median(tracks.plate_px[:, 2])
    same = np.abs(tracks.plate_px[:, 2] / radius_px - 1) <= SAME_PLATE
    raw_px = np.where(same[:, None], tracks.plate_px[:, :2], np.nan)
    window = signals.window_length(BAR_OUTLIER_S, tracks.rate_hz)
    length = signals.count_samples(MAX_GAP_S, tracks.rate_hz)
    place_px = np.empty_like(raw_px)
    for axis in (0, 1):
        wild = signals.find_outliers(raw_px[:, axis], window, OUTLIER_FLOOR * radius_px)
        mended = signals.fill_gaps(np.where(wild, np.nan, raw_px[:, axis]), length)
        place_px[:, axis] = signals.smooth(mended, tracks.rate_hz, signals.CUTOFFS_HZ[-1])
    return place_px, radius_px, float(same.mean())


def choose_scale(radius_px: float, leg_px: float, plate_m: float | None) -> tuple[float, str | None]:
    """Return metres per pixel at the plate, or NaN and the reason why it is not known."""
    if plate_m is not None:
        return plate_m / (2 * radius_px), None
    scale_m = FULL_SIZE_M / (2 * radius_px)
    leg_m = scale_m * leg_px
    if FULL_SIZE_LEG_M[0] <= leg_m <= FULL_SIZE_LEG_M[1]:
        return scale_m, None
    return math.nan, "the plate does not look like a 450 mm one, and its diameter was not given"


def measure_speed(kinematics: Kinematics, rep: Rep) -> tuple[float, float]:
    """Return the mean speed of the bar on the way down and on the way up, m/s, both positive.

    Each is taken between 5 % and 95 % of the stroke's own height. NaN without metres, and for a stroke that is not
    seen whole.
    """
    height_m = kinematics.channels.get("bar_y_m")
    if height_m is None or rep.cut_off:
        return math.nan, math.nan
    inside = slice(rep.start, rep.stop)
    time_s, height_m = kinematics.time_s[inside], height_m[inside]
    if not np.isfinite(height_m).all() or len(height_m) < 3:
        return math.nan, math.nan
    low = int(height_m.argmin())
    down = _stroke_speed(time_s[: low + 1], -height_m[: low + 1])
    up = _stroke_speed(time_s[low:], height_m[low:])
    return down, up


def _stroke_speed(time_s: FloatArray, rising_m: FloatArray) -> float:
    if len(time_s) < 3:
        return math.nan
    first, last = float(rising_m.min()), float(rising_m.max())
    levels = [first + STROKE_EDGE * (last - first), last - STROKE_EDGE * (last - first)]
    start = int(np.flatnonzero(rising_m >= levels[1])[0])
    before = np.flatnonzero(rising_m[: start + 1] <= levels[0])
    if not len(before):
        return math.nan
    begin = int(before[-1])
    from_s = np.interp(levels[0], rising_m[begin : begin + 2], time_s[begin : begin + 2])
    to_s = np.interp(levels[1], rising_m[start - 1 : start + 1], time_s[start - 1 : start + 1])
    return float((levels[1] - levels[0]) / (to_s - from_s)) if to_s > from_s else math.nan
