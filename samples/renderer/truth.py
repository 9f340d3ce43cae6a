"""Posed joints -> exact truth: sagittal 2D angles, hip travel, tempo and faults of each repetition.

Conventions (the analysed video uses the same): inclinations from vertical, forward +, degrees; hip flexion = trunk -
thigh; knee flexion = shank - thigh. Joints are the means of left and right, the lateral axis is dropped: this is what
a camera exactly from the side would see without perspective. Nothing is taken from the requested parameters but the
windows in which to look for a repetition.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from samples.renderer.body import Body
from samples.renderer.camera import Camera
from samples.renderer.posing import Poses, Proportions, inclination_deg
from samples.renderer.props import Load, near_face_m

Floats = npt.NDArray[np.float64]

EDGE = 0.05  # phases lie between 5 % and 95 % of the range
TRAVEL_SHARE = 0.97  # of the plateau's excursion
PLATEAU_DEG = 1.0  # the last part of the way down, in which standing hips are looked for
PLATEAU_RATE = 0.1  # of the mean hip travel per degree: below it the hips stand still
KNEE_WAY = (0.33, 0.8)  # of the way down: where knees that stay soft keep their bend
STILL_S = 0.5  # at the clip's start: standing before the set
LATE_SHARE = 0.75  # of the way down: the knees have taken their bend long before
DROP_DPS2, DROP_RATIO = 150.0, 2.5  # a free fall: gains this, and passes the usual speed so
BOTTOM_DEG = 0.1  # the bottom lasts while the trunk is this near to its greatest lean
BONES = {
    "shoulder": "upperarm01", "elbow": "lowerarm01", "wrist": "wrist",
    "hip": "upperleg01", "knee": "lowerleg01", "ankle": "foot", "toe": "toe_tip",
}  # fmt: skip


@dataclass(frozen=True)
class Angles:
    """Truth over time, each (T,). hip_back_leg: hips behind the ankles, leg lengths; lumbar flexion + from upright."""

    hip_flexion_deg: Floats
    knee_flexion_deg: Floats
    trunk_deg: Floats
    thigh_deg: Floats
    shank_deg: Floats
    hip_back_leg: Floats
    lumbar_deg: Floats
    thoracic_deg: Floats
    phi_deg: Floats  # knee to shoulder


@dataclass(frozen=True)
class Seen:
    """Everything measured on a posed set, densely in time: joints are the means of left and right, (T, 3) metres."""

    time_s: Floats
    angles: Angles
    joints_m: Mapping[str, Floats]
    legs: Proportions
    unshaken: Angles  # the same movement without its shaking
    bar_m: Floats  # (T, 3) what is held
    head_deg: Floats  # (T,) lean of the head against rest


@dataclass(frozen=True)
class Phases:
    """Phases of one repetition, seconds; first: to the turn, second: back."""

    start_s: float
    turn_s: float
    stop_s: float
    first_s: float
    pause_s: float
    second_s: float


@dataclass(frozen=True)
class HingeTruth:
    """One RDL or good morning. Hips that travel until the bottom have no end of travel (None): overrun 0.

    start_s, stop_s: 5 % of the range on the way down and up. turn_s: middle of the bottom. squatted_deg: knee flexion
    added after the end of hip travel; in a rep without one, after three quarters of the way down. bar_ahead_leg: most
    that the bar is in front of mid-foot (between heel and toe) in the lower half. look_up_deg: extension of the head
    against the trunk at the bottom, against standing before the set. top_trunk_deg: the trunk's lean at the rep's top,
    against the same: + not up, - leaning back. knee_way_deg: knee flexion from a third of the way down to four fifths.
    """

    number: int
    start_s: float
    turn_s: float
    stop_s: float
    eccentric_s: float
    pause_s: float
    concentric_s: float
    trunk_max_deg: float
    hip_flexion_max_deg: float
    knee_flexion_max_deg: float
    hip_back_max_leg: float
    hip_travel_end_s: float | None
    hip_travel_end_trunk_deg: float | None
    overrun_deg: float
    squatted_deg: float
    lumbar_max_deg: float
    bar_ahead_leg: float
    look_up_deg: float
    top_trunk_deg: float
    knee_way_deg: float


def heel_m(body: Body, side: str) -> Floats:
    """Back of the bare heel at rest, (3,): the hindmost of the foot's skin."""
    carried = body.skin_bones[:, 0] == body.index(f"foot.{side}")
    points = body.vertices_m[carried & (body.vertices_m[:, 1] < body.joint(f"foot.{side}")[1] - 0.03)]
    hindmost: Floats = points[np.argmin(points[:, 2])]
    return hindmost


def points_m(body: Body, poses: Poses) -> dict[str, dict[str, Floats]]:
    """Give the joints that matter by side and name, each (T, 3) metres: joint centres, heel and toe tip on the skin."""
    points: dict[str, dict[str, Floats]] = {}
    for side, letter in (("right", "R"), ("left", "L")):
        named = {name: poses.joints_m[:, body.index(f"{bone}.{letter}")] for name, bone in BONES.items()}
        foot = body.index(f"foot.{letter}")
        step = heel_m(body, letter) - body.joints_m[foot]
        named["heel"] = poses.joints_m[:, foot] + poses.rotations[:, foot] @ step
        points[side] = named
    return points


def lean_deg(rotations: Floats) -> Floats:
    """Sagittal lean of bones against their rest, (T,), from rotations (T, 3, 3)."""
    return np.degrees(np.arctan2(rotations[:, 2, 1], rotations[:, 1, 1]))


def middle_m(body: Body, poses: Poses) -> dict[str, Floats]:
    """Give the means of left and right of the joints that matter, each (T, 3) metres."""
    sides = points_m(body, poses)
    return {name: (sides["left"][name] + sides["right"][name]) / 2.0 for name in sides["left"]}


def near_branch(angle_deg: Floats, other_deg: Floats) -> Floats:
    """Add whole turns to angles (T,) until they are -90 to 270 degrees beyond `other_deg` (T,)."""
    step = angle_deg - other_deg
    return np.where(step < -90.0, angle_deg + 360.0, np.where(step >= 270.0, angle_deg - 360.0, angle_deg))


def angles(body: Body, poses: Poses, legs: Proportions) -> Angles:
    """Measure the truth of posed joints."""
    middle = middle_m(body, poses)
    hip, knee, ankle, shoulder = (middle[name] for name in ("hip", "knee", "ankle", "shoulder"))
    thigh = inclination_deg(knee, hip)
    trunk = near_branch(inclination_deg(hip, shoulder), thigh)
    shank = near_branch(inclination_deg(ankle, knee), thigh)
    pelvis, waist, chest = (lean_deg(poses.rotations[:, body.index(name)]) for name in ("root", "spine02", "spine01"))
    return Angles(
        hip_flexion_deg=trunk - thigh,
        knee_flexion_deg=shank - thigh,
        trunk_deg=trunk,
        thigh_deg=thigh,
        shank_deg=shank,
        hip_back_leg=-(hip[:, 2] - ankle[:, 2]) / legs.leg_m,
        lumbar_deg=waist - pelvis,
        thoracic_deg=chest - waist,
        phi_deg=inclination_deg(knee, shoulder),
    )


def outward_deg(foot_m: Floats, side: float) -> Floats:
    """Angle of heel to toe (..., 3) out of the sagittal plane, outward +; side: +1 left, -1 right."""
    turn: Floats = np.degrees(np.arcsin(side * foot_m[..., 0] / np.linalg.norm(foot_m, axis=-1)))
    return turn


def toes_out_deg(body: Body, poses: Poses) -> float:
    """Mean outward turn of both feet against standing, median over time."""
    turns = []
    for side, letter, sign in (("left", "L", 1.0), ("right", "R", -1.0)):
        named = points_m(body, poses)[side]
        rest = outward_deg(body.joint(f"toe_tip.{letter}") - heel_m(body, letter), sign)
        turns.append(float(np.median(outward_deg(named["toe"] - named["heel"], sign) - rest)))
    return float(np.mean(turns))


def crossing_s(time_s: Floats, values: Floats, level: float) -> float:
    """Give the first time at which `values` (T,) has come up to `level`, between samples; NaN when never."""
    above = np.flatnonzero(values >= level)
    if len(above) == 0:
        return float("nan")
    i = int(above[0])
    if i == 0:
        return float(time_s[0])
    share = (level - values[i - 1]) / (values[i] - values[i - 1])
    return float(time_s[i - 1] + share * (time_s[i] - time_s[i - 1]))


def travel_end_s(time_s: Floats, trunk_deg: Floats, back_leg: Floats) -> float | None:
    """Give the end of hip travel on a way down, or None when the hips still travel at the bottom.

    All (T,), from upright to the bottom.
    """
    last = trunk_deg >= trunk_deg[-1] - PLATEAU_DEG
    late = (back_leg[-1] - back_leg[last][0]) / max(trunk_deg[-1] - trunk_deg[last][0], 1e-9)
    mean = (back_leg[-1] - back_leg[0]) / (trunk_deg[-1] - trunk_deg[0])
    if late > PLATEAU_RATE * mean:
        return None
    plateau = float(np.median(back_leg[last]))
    return crossing_s(time_s, back_leg, back_leg[0] + TRAVEL_SHARE * (plateau - back_leg[0]))


def phases(time_s: Floats, signal: Floats) -> Phases:
    """Find the phases of one repetition, a signal (T,) that rises to the turn and falls back; any unit, as degrees."""
    bottom = np.flatnonzero(signal >= float(signal.max()) - BOTTOM_DEG)
    down, up = slice(0, int(bottom[0]) + 1), slice(int(bottom[-1]), len(time_s))
    top = float(signal.max())
    falls = signal[down].min() + np.array([EDGE, 1.0 - EDGE]) * (top - signal[down].min())
    rises = signal[up].min() + np.array([1.0 - EDGE, EDGE]) * (top - signal[up].min())
    first = [crossing_s(time_s[down], signal[down], level) for level in falls]
    back = [crossing_s(time_s[up], -signal[up], -level) for level in rises]
    return Phases(
        start_s=first[0],
        turn_s=float((time_s[bottom[0]] + time_s[bottom[-1]]) / 2.0),
        stop_s=back[1],
        first_s=first[1] - first[0],
        pause_s=back[0] - first[1],
        second_s=back[1] - back[0],
    )


def drop_deg(time_s: Floats, signal: Floats) -> float:
    """Give the degrees of a lowering (T,), a signal that rises, that are a free fall; 0 without one.

    It lasts from where it gains most of its speed until half of its greatest is left: as the analysis says, on exact
    angles.
    """
    speed = np.gradient(signal, time_s)
    gaining = np.gradient(speed, time_s) > DROP_DPS2
    peak = int(speed.argmax())
    usual = float(np.median(speed[speed > 1.0])) if (speed > 1.0).any() else np.inf
    ends = np.concatenate([[-1], np.flatnonzero(~gaining[: peak + 1]), [peak + 1]])
    firsts, lasts = ends[:-1] + 1, ends[1:] - 1
    gained = speed[np.maximum(lasts, 0)] - speed[np.minimum(firsts, peak)]
    most = np.flatnonzero((lasts > firsts) & (gained >= (speed[peak] - usual) / 2.0))
    if speed[peak] <= DROP_RATIO * usual or not len(most):
        return 0.0
    first = int(firsts[most[-1]])  # the last one: getting going is no fall
    after = np.flatnonzero(speed[peak:] < speed[peak] / 2.0)
    stop = peak + int(after[0]) if len(after) else len(signal) - 1
    return float(signal[stop] - signal[first])


def hinge_truth(number: int, whole: Seen, window_s: tuple[float, float]) -> HingeTruth:
    """Measure one hip hinge inside a window that starts and ends upright; its instants should be dense."""
    time_s, seen = whole.time_s, whole.angles
    inside = (time_s >= window_s[0]) & (time_s <= window_s[1])
    t, trunk, back = time_s[inside], seen.trunk_deg[inside], seen.hip_back_leg[inside]
    knee = seen.knee_flexion_deg[inside]
    top = float(trunk.max())
    bottom = np.flatnonzero(trunk >= top - BOTTOM_DEG)
    turn = (int(bottom[0]) + int(bottom[-1])) // 2
    down = slice(0, int(bottom[0]) + 1)
    timing = phases(t, trunk)
    end = travel_end_s(t[down], trunk[down], back[down])
    end_trunk = None if end is None else float(np.interp(end, t, trunk))
    late = crossing_s(t[down], trunk[down], trunk[0] + LATE_SHARE * (top - trunk[0])) if end is None else end
    squatted = float(knee[(t >= late) & (t <= t[turn])].max() - np.interp(late, t, knee))
    return HingeTruth(
        number=number,
        start_s=timing.start_s,
        turn_s=timing.turn_s,
        stop_s=timing.stop_s,
        eccentric_s=timing.first_s,
        pause_s=timing.pause_s,
        concentric_s=timing.second_s,
        trunk_max_deg=top,
        hip_flexion_max_deg=float(seen.hip_flexion_deg[inside].max()),
        knee_flexion_max_deg=float(knee.max()),
        hip_back_max_leg=float(back.max()),
        hip_travel_end_s=end,
        hip_travel_end_trunk_deg=end_trunk,
        overrun_deg=0.0 if end_trunk is None else top - end_trunk,
        squatted_deg=squatted,
        lumbar_max_deg=float(seen.lumbar_deg[inside].max()),
        **form_truth(whole, inside, turn),
    )


def form_truth(whole: Seen, inside: npt.NDArray[np.bool_], turn: int) -> dict[str, float]:
    """Measure what a coach sees besides in one hinge, which turns at sample `turn` of those `inside` (T,)."""
    trunk, knee = whole.angles.trunk_deg[inside], whole.angles.knee_flexion_deg[inside]
    still = whole.time_s <= whole.time_s[0] + STILL_S
    middle_z = (whole.joints_m["heel"][:, 2] + whole.joints_m["toe"][:, 2]) / 2.0
    ahead = ((whole.bar_m[:, 2] - middle_z) / whole.legs.leg_m)[inside]
    look_up = whole.angles.trunk_deg - whole.head_deg
    share = (trunk[: turn + 1] - trunk[0]) / (trunk[turn] - trunk[0])
    one, other = (int(np.argmax(share >= level)) for level in KNEE_WAY)
    return {
        "bar_ahead_leg": float(ahead[trunk >= (trunk[0] + trunk[turn]) / 2.0].max()),
        "look_up_deg": float(look_up[inside][turn] - np.median(look_up[still])),
        "top_trunk_deg": float(trunk[-1] - np.median(whole.angles.trunk_deg[still])),
        "knee_way_deg": float(knee[other] - knee[one]),
    }


def points_px(points: Mapping[str, Mapping[str, Floats]], camera: Camera) -> dict[str, dict[str, Floats]]:
    """Project points by side and name to pixels, each (T, 2)."""
    return {side: {name: camera.project(place) for name, place in named.items()} for side, named in points.items()}


def bar_px(bar_m: Floats, load: Load, camera: Camera) -> Floats:
    """Project the centre of the near plate's outer face to pixels, (T, 2); the hands' middle of a pair of dumbbells.

    bar_m (T, 3): the bar's middle. The lens sees the near plate higher or lower than the bar's middle, so a plate's
    path is compared with this, at this face's own scale (`plate_radius_px`).
    """
    return camera.project(bar_m + _to_near_face(load, camera))


def plate_radius_px(bar_m: Floats, load: Load, camera: Camera) -> Floats:
    """Radius of the near plate's outer face in pixels, (T,): the mean of its half width and half height."""
    face = bar_m + _to_near_face(load, camera)
    reach = load.plate_m / 2.0
    ends = [
        camera.project(face + np.array(step)) for step in ((0, 0, reach), (0, 0, -reach), (0, reach, 0), (0, -reach, 0))
    ]
    width, height = (np.linalg.norm(ends[i] - ends[i + 1], axis=-1) for i in (0, 2))
    radius: Floats = (width + height) / 4.0
    return radius


def _to_near_face(load: Load, camera: Camera) -> Floats:
    near = near_face_m(load) if load.kind == "bar" else 0.0
    return np.array([-camera.facing * near, 0.0, 0.0])
