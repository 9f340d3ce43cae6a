"""Joints that a plate hides are found again: a hip from the back, whose outline above the plate turns with the trunk; a
shoulder from the plate itself, which turns with the trunk when the bar lies on the back.
"""

from dataclasses import replace

import numpy as np

from formcheck import signals
from formcheck.data import BoolArray, FloatArray, Tracks
from formcheck.geometry import FACING_SIGN, distance, incline
from formcheck.skeleton import Side

HIDDEN = 1.05  # radii of the plate from its centre within which a hip is hidden, or drawn to what is seen beside it [S]
CLEAR = 1.12  # radii from where on the outline is the back's, not the plate's
TOP_STATION = 0.92  # of the back: above it the outline is the neck's
MIN_POINTS = 8  # of the outline, of 51 over the trunk
MIN_CLEAR_S = 0.3  # with the hip in sight; less teaches nothing
STANDING_SPAN_DEG = 5.0  # frames this near to the most upright tenth count as standing [D]
# Trunks above the hip, as a median over the set, of a plate on the back: 0.73 to 1.59 in 81 good mornings, -0.13 and
# -0.08 in two more; in the hands, -0.68 to -0.11 in 100 deadlifts and 0.19 in one [S].
ABOVE_HIP = 0.45
PLATE_MOVES = 0.25  # trunks that a plate on the back goes across or down at least [D]
# By which the way from hip to plate may differ from its usual length: beyond, one of them is wrong [D].
PLATE_STEADY = 0.25
PLATE_SEEN = 0.6  # of the frames at least: else the plate tells too little of trunk and view [D]
# By how much the line from hip to plate leans otherwise than the trunk, as the plate lies behind the shoulder: -12.3
# deg in 13 good mornings, this sigma between lifters (widened); and one sigma of what their standing shows [S].
BEHIND_DEG, BEHIND_SIGMA_DEG, STANDING_SIGMA_DEG = -12.3, 5.0, 6.0
# Trunks of radius from which a plate hides the shoulder always: 0.38 to 0.51 in 29 rendered sets with 35 cm, more with
# 45 cm, 0.25 to 0.36 in 149 with 25 cm [S].
LARGE = 0.37
# How far a trunk under a smaller plate has to lean from where the plate says before that is believed, and wholly: in
# 16 of 17 good mornings with 25 cm plates the landmarks were within 16 deg at the bottom, in one 20 off [S].
APART_DEG = (16.0, 20.0)
LOW = 0.5  # of the trunk's length below the shoulder: a plate that hangs lower was taken out of the picture [D]
# Trunks that a leg is long at least: where nothing hides it, four fifths of the frames show 1.39 and more (49 rendered
# and real sets); behind plates it is 1.49 and more in nine sets, and 1.05 to 1.33 in the three that are worst, of which
# one reaches SHORT_OFTEN [S].
SHORT_LEG_TRUNKS = 1.36
SHORT_OFTEN = 0.1  # of the frames: now and then a leg looks short in a set that is measured well [D]
CELLS = 24  # distances from the shoulder at which the outline's bearing is learnt, up to the trunk's length


def mend_hip(tracks: Tracks, facing: Side) -> Tracks:
    """Return the tracks with the hip (and `hip_mid`, moved alike) set anew where the plate hides it.

    The outline of the back is learnt as bearings from the shoulder, against the line to the hip, in the frames that
    show the hip; in the others the trunk leans as the outline above the plate says, at the trunk's own length. In
    standing, where trunk and thigh are one line, the landmarks hold, and what the outline says there otherwise (a back
    is rounder at the bottom) is taken off, less and less down to where the hip comes into sight. Nothing changes
    without a plate or an outline, and where too little of either is seen.
    """
    if tracks.back is None or tracks.plate_px is None or not taken_out(tracks).any():
        return tracks
    hip_px, shoulder_px = tracks.joints_px["hip"], tracks.joints_px["shoulder"]
    hidden = distance(hip_px, tracks.plate_px[:, :2]) <= HIDDEN * tracks.plate_px[:, 2]
    lean_deg = incline(hip_px, shoulder_px, facing)
    trunk_px = signals.median(distance(hip_px, shoulder_px)[~hidden])
    bearing_deg = bearings(dorsal_points(tracks, facing), shoulder_px, trunk_px, facing)
    clear = ~hidden & np.isfinite(lean_deg) & np.isfinite(bearing_deg).any(axis=1)
    if clear.sum() < MIN_CLEAR_S * tracks.rate_hz or not hidden.any():
        return tracks
    shape_deg = np.array([signals.median(column) for column in (bearing_deg - lean_deg[:, None])[clear].T])
    found_deg = np.array([signals.median(row) for row in bearing_deg - shape_deg])
    upright = hidden & (lean_deg <= np.nanpercentile(lean_deg, 10) + STANDING_SPAN_DEG)
    standing_deg, clear_deg = signals.median(lean_deg[upright]), float(np.percentile(lean_deg[clear], 10))
    if not clear_deg > standing_deg + STANDING_SPAN_DEG:
        return tracks
    left = np.clip((clear_deg - found_deg) / (clear_deg - standing_deg), 0.0, 1.0)
    found_deg = signals.running_median(found_deg - left * signals.median((found_deg - lean_deg)[upright]), 5)
    return _lean_trunk(tracks, np.where(hidden, found_deg, np.nan), trunk_px, facing)


def mend_shoulder(tracks: Tracks, facing: Side) -> Tracks:
    """Return the tracks with the shoulder set anew where the bar lies on the back.

    Its plate hides the shoulder, and what the model makes of it lags behind the trunk by up to 30 deg. The line from
    the hip to the plate's middle turns with the trunk; how it stands to it is what standing shows, drawn to what is
    usual. Where the plate is not seen, or not at its
    distance from the hip, nothing is known. Nothing changes where it is not at the shoulder, or seldom seen.
    """
    if tracks.plate_px is None or not shows_plate(tracks.plate_px):
        return tracks
    hip_px, shoulder_px, plate_px = tracks.joints_px["hip"], tracks.joints_px["shoulder"], tracks.plate_px[:, :2]
    lean_deg, plate_deg = incline(hip_px, shoulder_px, facing), incline(hip_px, plate_px, facing)
    upright = plate_deg <= np.nanpercentile(plate_deg, 10) + STANDING_SPAN_DEG
    trunk_px = signals.median(distance(hip_px, shoulder_px)[upright])
    low_px, high_px = np.nanpercentile(plate_px, (10, 90), axis=0)
    moves = float((high_px - low_px).max()) > PLATE_MOVES * trunk_px  # what hangs on the wall does not
    if not (moves and signals.median(hip_px[:, 1] - plate_px[:, 1]) > ABOVE_HIP * trunk_px):
        return tracks
    shown_deg, trust = signals.median((plate_deg - lean_deg)[upright]), (BEHIND_SIGMA_DEG / STANDING_SIGMA_DEG) ** 2
    behind_deg = (BEHIND_DEG + trust * shown_deg) / (1 + trust)
    away_px = distance(hip_px, plate_px)
    with np.errstate(invalid="ignore"):
        steady = np.abs(away_px / signals.median(away_px) - 1) <= PLATE_STEADY
    found_deg = np.where(steady, plate_deg - behind_deg, np.nan)
    if signals.median(tracks.plate_px[:, 2]) < LARGE * trunk_px:
        found_deg = _believe(lean_deg, found_deg)
    lean = np.radians(found_deg)
    up = np.stack([FACING_SIGN[facing] * np.sin(lean), -np.cos(lean)], axis=1)
    return replace(tracks, joints_px={**tracks.joints_px, "shoulder": hip_px + trunk_px * up})


def shows_plate(plate_px: FloatArray | None) -> bool:
    """Whether circles (T, 3) hold a plate in most frames; False of none."""
    return plate_px is not None and float(np.isfinite(plate_px[:, 0]).mean()) >= PLATE_SEEN


def _believe(lean_deg: FloatArray, found_deg: FloatArray) -> FloatArray:
    """Return the trunk's lean (T,) by landmarks, or by a small plate where that says something else by far."""
    apart_deg = signals.running_median(found_deg - lean_deg, 5)
    share = np.interp(np.abs(apart_deg), APART_DEG, (0.0, 1.0))
    mixed_deg = np.where(np.isfinite(apart_deg), lean_deg + np.nan_to_num(share * (found_deg - lean_deg)), lean_deg)
    return np.where(np.isnan(lean_deg), found_deg, mixed_deg)


def taken_out(tracks: Tracks) -> BoolArray:
    """Return the frames (T,) whose landmarks come from a picture without the plate: it hangs low, at the leg."""
    if tracks.plate_px is None:
        return np.zeros(len(tracks.time_s), bool)
    hip_px, shoulder_px = tracks.joints_px["hip"], tracks.joints_px["shoulder"]
    below = (tracks.plate_px[:, 1] - shoulder_px[:, 1]) / distance(hip_px, shoulder_px)
    low = signals.median(below) > LOW
    return np.asarray(low & np.isfinite(tracks.plate_px[:, 0]))


def find_taken_out(tracks: Tracks) -> FloatArray | None:
    """Return the circles (T, 3) of plates that were taken out of the picture, NaN where none was; None without any."""
    if tracks.plate_px is None:
        return None
    return np.where(taken_out(tracks)[:, None], tracks.plate_px, np.nan)


def find_short_leg(tracks: Tracks) -> BoolArray:
    """Return the frames (T,) in which a plate hides the leg and what the model makes of it is too short to be one: then
    nobody knows whether hip, knee or foot is wrong. None when they are fewer than SHORT_OFTEN of all.
    """
    joints_px = tracks.joints_px
    trunk_px = signals.median(distance(joints_px["hip"], joints_px["shoulder"]))
    leg_px = distance(joints_px["hip"], joints_px["knee"]) + distance(joints_px["knee"], joints_px["ankle"])
    with np.errstate(invalid="ignore"):
        short = taken_out(tracks) & (signals.running_median(leg_px, 5) < SHORT_LEG_TRUNKS * trunk_px)
    return np.asarray(short & (short.mean() >= SHORT_OFTEN))


def _lean_trunk(tracks: Tracks, lean_deg: FloatArray, trunk_px: float, facing: Side) -> Tracks:
    """Set hip and `hip_mid` where `lean_deg` (T,) is not NaN."""
    hip_px, shoulder_px = tracks.joints_px["hip"], tracks.joints_px["shoulder"]
    lean = np.radians(lean_deg)
    down = np.stack([-FACING_SIGN[facing] * np.sin(lean), np.cos(lean)], axis=1)
    moved_px = np.nan_to_num(shoulder_px + trunk_px * down - hip_px)
    moved = {name: tracks.joints_px[name] + moved_px for name in ("hip", "hip_mid")}
    return replace(tracks, joints_px={**tracks.joints_px, **moved})


def dorsal_points(tracks: Tracks, facing: Side) -> FloatArray:
    """Return the back's outline in pixels, (T, S, 2); NaN where it is covered by the plate, or the neck's."""
    back, plate_px = tracks.back, tracks.plate_px
    assert back is not None
    assert plate_px is not None
    points = back.trace(facing)
    seen = distance(points, plate_px[:, None, :2]) > CLEAR * plate_px[:, None, 2]
    seen &= back.stations < TOP_STATION
    return np.where(seen[..., None], points, np.nan)


def bearings(outline_px: FloatArray, shoulder_px: FloatArray, trunk_px: float, facing: Side) -> FloatArray:
    """Return the inclination of the lines from points of the outline to the shoulder, by their distance, (T, CELLS)."""
    table = np.full((len(outline_px), CELLS), np.nan)
    shoulders = np.broadcast_to(shoulder_px[:, None], outline_px.shape)
    lean_deg = incline(outline_px, shoulders, facing)
    away = distance(outline_px, shoulders) / trunk_px
    middles = (np.arange(CELLS) + 0.5) / CELLS
    for frame in range(len(table)):
        seen = np.isfinite(lean_deg[frame]) & np.isfinite(away[frame])
        if seen.sum() < MIN_POINTS:
            continue
        order = np.argsort(away[frame][seen])
        table[frame] = np.interp(
            middles, away[frame][seen][order], lean_deg[frame][seen][order], left=np.nan, right=np.nan
        )
    return table
