"""Stick lifters with exact truth: landmarks as MediaPipe would give them, without a picture.

A lifter is three links (shank, thigh, trunk) on a planted ankle, placed by their inclinations alone; everything else
hangs on them. A camera far away turns metres into pixels by one scale, one at a `distance_m` sees with perspective;
yaw, pitch and roll turn it. The truth is the sagittal angle, not the one in the picture. `rdl_set` makes whole sets of
Romanian deadlifts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from formcheck.data import BackContour, BoolArray, FloatArray, PoseProvenance, PoseSequence
from formcheck.skeleton import CHAIN, N_LANDMARKS, Landmark, Side, landmark

SHANK_M, THIGH_M, TRUNK_M = 0.42, 0.43, 0.50
AIM_M = 0.8  # above the ankle: what a camera with perspective, pitch or roll looks at
STAGGER_M = 0.05  # the far foot stands this far in front
SLOW_S = 0.7  # time constant of slow noise
STATIONS: FloatArray = np.linspace(0.0, 1.0, 51)
UPRIGHT_KINK_DEG = -24.0
# The body's edge behind the hips, and before them: from the middle of the hips; it is skin, so it slides as the pelvis
# turns (as rendered bodies' does, docs/calibration.md), and the mask reads it to a part of a pixel.
EDGE_M = (0.14, 0.11)
EDGE_SLIDE_LEG = -0.00062  # leg lengths backwards a degree of trunk
EDGE_NOISE_PX = 0.4
LEG_JOINTS = ("hip", "knee", "ankle", "heel", "foot_index")
NAMED = {"nose": Landmark.NOSE}
PROVENANCE = PoseProvenance("stick", "0" * 64, "image", "none", 30.0, "auto", "none")


@dataclass(frozen=True)
class Body:
    """Lengths of the links; `half_width_m` of hips and shoulders is seen only when the camera is off the side view."""

    shank_m: float = SHANK_M
    thigh_m: float = THIGH_M
    trunk_m: float = TRUNK_M
    half_width_m: float = 0.16

    @property
    def leg_m(self) -> float:
        """Thigh plus shank."""
        return self.shank_m + self.thigh_m


BODY = Body()
LEG_M = BODY.leg_m


@dataclass(frozen=True)
class Posture:
    """Inclinations from the vertical (T,), degrees, forward +; `kink_deg` is what the outline adds to its upright
    one; `shift_leg` is how far the whole body is from its place, leg lengths, forward +. `hand_leg` is how far the
    wrists are in front of mid-foot, leg lengths, None where the arms hang.
    """

    trunk_deg: FloatArray
    thigh_deg: FloatArray
    shank_deg: FloatArray
    kink_deg: FloatArray
    shift_leg: FloatArray
    hand_leg: FloatArray | None = None

    @classmethod
    def make(cls, trunk_deg: FloatArray, thigh_deg: FloatArray, shank_deg: FloatArray) -> "Posture":
        """Return a posture with a flat back, in its place."""
        zero = np.zeros(len(trunk_deg))
        return cls(trunk_deg, thigh_deg, shank_deg, zero, zero)


@dataclass(frozen=True)
class Shot:
    """Body, camera and landmark model. `near` None: the side that `facing` shows in a picture that is not mirrored.

    distance_m : from the camera to the lifter, None for a camera far away. `scale_px_m` holds at the lifter's middle.
    pitch_deg : the camera looks down; roll_deg : it is turned clockwise (the picture turns anticlockwise).
    world_mm : one sigma of white and of slow noise of the world landmarks.
    outline_px : white noise of every station; outline_slow_deg : slow noise of the outline's kink.
    noise_mm : one sigma of white noise per axis and landmark; slow_mm : the same of slow noise (time constant 0.7 s).
    dropouts : (start_s, stop_s) in which nobody is found. swaps : the same, in which the legs carry each other's
        labels.
    outliers : (time_s, joint, x_px, y_px), one frame of one near joint displaced.
    jumps : (start_s, stop_s, joint, x_px, y_px), a stretch in which a near joint lies elsewhere (the knee behind a
        plate): x_px is forward, y_px down.
    covered : (start_s, stop_s) in which the outline of the back is not seen.
    with_back : False: no mask, so neither the outline of the back nor the body's edges beside the hips.
    """

    facing: Side = "right"
    near: Side | None = None
    body: Body = BODY
    scale_px_m: float = 300.0
    distance_m: float | None = None
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    world_mm: float = 0.0
    outline_slow_deg: float = 0.0
    noise_mm: float = 0.0
    slow_mm: float = 0.0
    outline_px: float = 0.0
    with_back: bool = True
    dropouts: Sequence[tuple[float, float]] = ()
    swaps: Sequence[tuple[float, float]] = ()
    outliers: Sequence[tuple[float, str, float, float]] = ()
    jumps: Sequence[tuple[float, float, str, float, float]] = ()
    covered: Sequence[tuple[float, float]] = ()
    seed: int = 0


@dataclass(frozen=True)
class RepTruth:
    """When one rep does what: its phases (5 and 95 % of the trunk's range), and where its hips stop.

    `stop_trunk_deg` is the trunk's inclination at which the hips have done 97 % of their travel, `stop_s` the end
    of the rep, `eot_s` the moment of `stop_trunk_deg`; `overrun_deg` is bottom minus that, 0 in a rep whose hips go on
    to the bottom.
    """

    start_s: float
    turn_s: float
    stop_s: float
    eccentric_s: float
    pause_s: float
    concentric_s: float
    trunk_max_deg: float
    travel_leg: float
    stop_trunk_deg: float
    eot_s: float
    overrun_deg: float
    squat_deg: float
    kink_deg: float


@dataclass(frozen=True)
class Truth:
    """Exact channels (T,) under the names of `Kinematics.channels`, joints without noise, and what was done to them."""

    time_s: FloatArray
    channels: Mapping[str, FloatArray]
    joints_px: Mapping[str, FloatArray]
    near: Side
    facing: Side
    found: BoolArray
    swapped: BoolArray
    leg_px: float
    reps: tuple[RepTruth, ...] = ()

    def __getitem__(self, channel: str) -> FloatArray:
        return self.channels[channel]


@dataclass(frozen=True)
class RdlRep:
    """One Romanian deadlift. Strokes are minimum-jerk in the trunk's inclination; hips and knees follow the trunk.

    eccentric_s, concentric_s : 5 to 95 % of the range (a stroke from still to still takes 1.6 times that).
    pause_s : quite still at the bottom (what is told is longer, by the slow ends); rest_s : still after the rep.
    travel_leg : how far the hips get; None: 0.004 a degree of trunk, which a sound rep of 75 deg turns into 0.29.
    overrun_deg : trunk inclination after the hips have stopped; 0: they go on to the bottom.
    squat_deg : knee flexion added on the way from the hips' stop to the bottom (without overrun: the last 12 deg).
    hip_curve : 0: the hips follow the trunk in a straight line up to their stop; 1.2: they slow down to 0.47 of their
    mean speed before it. counts : False for what looks like a rep and is none (picking the bar up).
    bar_leg : how far the weight is in front of mid-foot from half-way down, leg lengths. top_deg : trunk
    inclination in which the rep ends, against standing.
    knee_deg : soft knee, taken in the first 35 deg. kink_deg : rounding of the outline, whole from 80 % of the range.
    """

    eccentric_s: float = 2.5
    pause_s: float = 0.3
    concentric_s: float = 1.2
    rest_s: float = 0.8
    trunk_max_deg: float = 75.0
    travel_leg: float | None = None
    overrun_deg: float = 0.0
    squat_deg: float = 0.0
    knee_deg: float = 18.0
    kink_deg: float = 0.0
    hip_curve: float = 0.0
    bar_leg: float = 0.0
    top_deg: float = 0.0
    counts: bool = True


STANCE_TRUNK_DEG, STANCE_KNEE_DEG = 3.0, 4.0
MID_FOOT_M = 0.05  # before the ankle: half-way from heel to toe
ARM_M = 0.53  # shoulder to wrist
STANDING_BAR_LEG = 0.08  # before mid-foot: a bar against the thighs
WRIST_BEFORE_BAR_LEG = 0.05
TRAVEL_LEG_PER_DEG = 0.004
SQUAT_SPAN_DEG = 12.0
REACHED = 0.97


def rdl_set(
    n_reps: int = 4,
    *,
    reps: Sequence[RdlRep] | None = None,
    rate_hz: float = 30.0,
    jitter: float = 0.0,
    before_s: float = 1.5,
    after_s: float = 1.5,
    cut_s: tuple[float, float] | None = None,
    sway_deg: float = 0.0,
    walk_in_s: float = 0.0,
    noise_mm: float = 0.0,
    slow_mm: float | None = None,
    yaw_deg: float = 0.0,
    facing: Side = "right",
    near: Side | None = None,
    with_back: bool = True,
    dropouts: Sequence[tuple[float, float]] = (),
    swaps: Sequence[tuple[float, float]] = (),
    outliers: Sequence[tuple[float, str, float, float]] = (),
    jumps: Sequence[tuple[float, float, str, float, float]] = (),
    covered: Sequence[tuple[float, float]] = (),
    seed: int = 0,
    shot: Shot | None = None,
    **rep: float,
) -> tuple[PoseSequence, Truth]:
    """Return a set of RDLs as the pose model would see it, and its truth.

    All reps alike from RdlRep's fields (`rdl_set(3, overrun_deg=20)`), or each its own from `reps`. `jitter` varies
    the time between frames by that share. `cut_s` shows only a part of the clip (seconds; its times stay). `walk_in_s`
    puts steps from the side before the set. `slow_mm` is half of `noise_mm` unless given. `shot` replaces all that is
    said here of camera and noise.
    """
    each = tuple(reps) if reps is not None else (RdlRep(**rep),) * n_reps  # type: ignore[arg-type]
    starts_s, total_s = [], walk_in_s + before_s
    for one in each:
        starts_s.append(total_s)
        total_s += stroke_s(one.eccentric_s) + one.pause_s + stroke_s(one.concentric_s) + one.rest_s
    total_s += after_s
    low_s, high_s = cut_s if cut_s is not None else (0.0, total_s)
    generator = np.random.default_rng(seed + 1)
    time_s = frame_times(low_s, high_s, rate_hz, jitter, generator)
    posture = rdl_posture(time_s, each, starts_s, shot.body if shot else BODY)
    if sway_deg:
        sway = sway_deg * (0.7 * np.sin(2 * np.pi * 0.23 * time_s) + 0.3 * np.sin(2 * np.pi * 0.6 * time_s))
        posture = replace(posture, trunk_deg=posture.trunk_deg + sway)
    if walk_in_s:
        posture = walk_in(time_s, posture, walk_in_s)
    shot = shot or Shot(
        facing=facing,
        near=near,
        yaw_deg=yaw_deg,
        noise_mm=noise_mm,
        slow_mm=noise_mm / 2 if slow_mm is None else slow_mm,
        outline_px=0.7 if noise_mm else 0.0,
        with_back=with_back,
        dropouts=dropouts,
        swaps=swaps,
        outliers=outliers,
        jumps=jumps,
        covered=covered,
        seed=seed,
    )
    truths = tuple(rep_truth(one, start_s) for one, start_s in zip(each, starts_s, strict=True) if one.counts)
    return shoot(time_s, posture, shot, truths)


def minimum_jerk(share: FloatArray) -> FloatArray:
    """Go from 0 to 1 as smoothly as can be (Flash and Hogan 1985); flat outside 0..1."""
    u = np.clip(share, 0.0, 1.0)
    return np.asarray(u**3 * (10 - 15 * u + 6 * u**2))


_GRID: FloatArray = np.linspace(0.0, 1.0, 100001)
EDGE_SHARE = float(np.interp(0.05, minimum_jerk(_GRID), _GRID))  # of a stroke's time until 5 % of its way are done


def stroke_s(timed_s: float) -> float:
    """Time of a whole stroke whose 5 to 95 % take `timed_s`."""
    return timed_s / (1 - 2 * EDGE_SHARE)


def frame_times(
    low_s: float, high_s: float, rate_hz: float, jitter: float, generator: np.random.Generator
) -> FloatArray:
    """Frames from low to high; with `jitter` each interval varies evenly by up to that share to either side."""
    n_frames = round((high_s - low_s) * rate_hz) + 1
    steps = np.full(n_frames - 1, 1 / rate_hz) * (1 + jitter * generator.uniform(-1, 1, n_frames - 1))
    return low_s + np.concatenate([[0.0], np.cumsum(steps)])


def rdl_posture(time_s: FloatArray, reps: Sequence[RdlRep], starts_s: Sequence[float], body: Body = BODY) -> Posture:
    """Place the hips of every frame by ankle, hip travel and knee flexion, and read the inclinations off."""
    trunk_deg = np.full(len(time_s), STANCE_TRUNK_DEG)
    hip_leg, kink_deg = np.zeros((2, len(time_s)))
    hand_leg = np.full(len(time_s), STANDING_BAR_LEG + WRIST_BEFORE_BAR_LEG)
    knee_deg = np.full(len(time_s), STANCE_KNEE_DEG)
    from_deg = STANCE_TRUNK_DEG
    for rep, start_s in zip(reps, starts_s, strict=True):
        down_s, up_s = stroke_s(rep.eccentric_s), stroke_s(rep.concentric_s)
        back_s = start_s + down_s + rep.pause_s
        down, up = minimum_jerk((time_s - start_s) / down_s), minimum_jerk((time_s - back_s) / up_s)
        share, to_deg = down - up, STANCE_TRUNK_DEG + rep.top_deg
        active = (time_s >= start_s) & (time_s <= back_s + up_s)
        lean_deg = from_deg + (rep.trunk_max_deg - from_deg) * down - (rep.trunk_max_deg - to_deg) * up
        trunk_deg = np.where(time_s >= start_s, lean_deg, trunk_deg)
        from_deg = to_deg
        hand_leg = hand_leg + np.where(active, (rep.bar_leg - STANDING_BAR_LEG) * minimum_jerk(share / 0.5), 0.0)
        hip_leg = np.where(active, hip_travel(rep, lean_deg), hip_leg)
        knee_deg = np.where(active, knee_bend(rep, lean_deg), knee_deg)
        kink_deg = np.where(active, rep.kink_deg * minimum_jerk((share - 0.3) / 0.5), kink_deg)
    thigh_deg, shank_deg = pose_leg(hip_leg, knee_deg, body)
    return Posture(trunk_deg, thigh_deg, shank_deg, kink_deg, np.zeros(len(time_s)), hand_leg)


def corner_deg(rep: RdlRep) -> float:
    """Trunk inclination at which the hips come to rest."""
    return rep.trunk_max_deg - rep.overrun_deg


def hip_travel(rep: RdlRep, trunk_deg: FloatArray) -> FloatArray:
    """How far back the hips are: straight or concave in the trunk's inclination up to the corner, then still. Leg
    lengths.
    """
    range_deg = corner_deg(rep) - STANCE_TRUNK_DEG
    travel_leg = TRAVEL_LEG_PER_DEG * range_deg if rep.travel_leg is None else rep.travel_leg
    share = np.clip((trunk_deg - STANCE_TRUNK_DEG) / range_deg, 0.0, 1.0)
    return travel_leg * (np.sin(rep.hip_curve * share) / np.sin(rep.hip_curve) if rep.hip_curve else share)


def knee_bend(rep: RdlRep, trunk_deg: FloatArray) -> FloatArray:
    """Knee flexion: the soft knee early, the squat on top of it at the end. Degrees."""
    soft = minimum_jerk((trunk_deg - STANCE_TRUNK_DEG) / 35.0)
    span_deg = rep.overrun_deg or SQUAT_SPAN_DEG
    late = minimum_jerk((trunk_deg - rep.trunk_max_deg + span_deg) / span_deg)
    return STANCE_KNEE_DEG + (rep.knee_deg - STANCE_KNEE_DEG) * soft + rep.squat_deg * late


def pose_leg(hip_back_leg: FloatArray, knee_deg: FloatArray, body: Body = BODY) -> tuple[FloatArray, FloatArray]:
    """Inclinations of thigh and shank that put the hip that far behind the ankle with that much knee flexion."""
    knee = np.radians(knee_deg)
    across, along = (
        body.thigh_m * np.sin(knee),
        body.shank_m + body.thigh_m * np.cos(knee),
    )  # hip in the shank's own axes
    reach = np.hypot(along, across)
    shank = np.arcsin(-hip_back_leg * body.leg_m / reach) + np.arctan2(across, along)
    return np.degrees(shank - knee), np.degrees(shank)


def walk_in(time_s: FloatArray, posture: Posture, until_s: float) -> Posture:
    """Put steps of 0.55 s before the set, from 1.6 leg lengths behind the place, the legs swinging by 20 degrees."""
    left = np.clip((until_s - time_s) / until_s, 0.0, 1.0)
    swing = np.where(left > 0, 20 * np.sin(np.pi * (until_s - time_s) / 0.55), 0.0) * np.minimum(1, 5 * left)
    return Posture(
        posture.trunk_deg + 4 * np.minimum(1, 5 * left),
        posture.thigh_deg + swing,
        posture.shank_deg + swing - np.abs(swing),
        posture.kink_deg,
        -1.6 * left,
        posture.hand_leg,
    )


def rep_truth(rep: RdlRep, start_s: float) -> RepTruth:
    """Say what `find_reps` and `find_hip_stops` should find of a rep that begins to move at `start_s`."""
    down_s, up_s = stroke_s(rep.eccentric_s), stroke_s(rep.concentric_s)
    back_s = start_s + down_s + rep.pause_s
    stops = rep.overrun_deg > 0
    range_deg = rep.trunk_max_deg - STANCE_TRUNK_DEG
    reached = np.arcsin(REACHED * np.sin(rep.hip_curve)) / rep.hip_curve if rep.hip_curve else REACHED
    end_deg = STANCE_TRUNK_DEG + float(reached) * (corner_deg(rep) - STANCE_TRUNK_DEG) if stops else rep.trunk_max_deg
    eot_share = np.interp((end_deg - STANCE_TRUNK_DEG) / range_deg, minimum_jerk(_GRID), _GRID)
    return RepTruth(
        start_s=start_s + EDGE_SHARE * down_s,
        turn_s=start_s + down_s + rep.pause_s / 2,
        stop_s=back_s + (1 - EDGE_SHARE) * up_s,
        eccentric_s=rep.eccentric_s,
        pause_s=EDGE_SHARE * (down_s + up_s) + rep.pause_s,
        concentric_s=rep.concentric_s,
        trunk_max_deg=rep.trunk_max_deg,
        travel_leg=float(hip_travel(rep, np.array([rep.trunk_max_deg]))[0]),
        stop_trunk_deg=end_deg,
        eot_s=start_s + float(eot_share) * down_s,
        overrun_deg=rep.trunk_max_deg - end_deg,
        squat_deg=rep.squat_deg,
        kink_deg=rep.kink_deg,
    )


def shoot(
    time_s: FloatArray, posture: Posture, shot: Shot, reps: tuple[RepTruth, ...] = ()
) -> tuple[PoseSequence, Truth]:
    """Landmarks of a lifter who does `posture`, through the camera and the faults of `shot`."""
    generator = np.random.default_rng(shot.seed)
    near: Side = shot.near or shot.facing
    far: Side = "left" if near == "right" else "right"
    body = shot.body
    near_m, far_m = place_body(posture, 0.0, body), place_body(posture, STAGGER_M, body)
    spots = {near: near_m, far: far_m}
    xy_px, world_m = np.empty((len(time_s), N_LANDMARKS, 2)), np.empty((len(time_s), N_LANDMARKS, 3))
    for side, depth_m in ((far, -body.half_width_m), (near, body.half_width_m)):  # depth: towards the camera +
        for joint, spot_m in spots[side].items():
            index = NAMED[joint] if joint in NAMED else name_landmark(side, joint)
            depth = 0.0 if joint in NAMED else depth_m
            xy_px[:, index] = _project(spot_m, depth, shot)
            world_m[:, index] = _place_world(spot_m - near_m["hip"], depth, shot)
    clean_px = {joint: xy_px[:, landmark(near, joint)].copy() for joint in CHAIN}
    mid_m = (near_m["hip"] + far_m["hip"]) / 2
    clean_px["hip_mid"] = _project(mid_m, 0.0, shot)
    visibility = np.full((len(time_s), N_LANDMARKS), 0.95)
    visibility[:, [name_landmark(far, joint) for joint in (*LEG_JOINTS, "shoulder")]] = 0.55
    back = _outline(time_s, xy_px, posture, shot, generator) if shot.with_back else None
    white, slow = _draw_noise(xy_px.shape, time_s, generator)
    xy_px += shot.scale_px_m / 1000 * (shot.noise_mm * white + shot.slow_mm * slow)
    if shot.world_mm:
        white, slow = _draw_noise(world_m.shape, time_s, generator)
        world_m += shot.world_mm / 1000 * (white + slow)
    xy_px, found, swapped = _spoil(time_s, xy_px, near, shot)
    edge_px = _edges(clean_px["hip_mid"], posture, shot) if shot.with_back else None
    for each in (world_m, visibility) if edge_px is None else (world_m, visibility, edge_px):
        each[~found] = np.nan
    poses = PoseSequence(time_s, xy_px, world_m, visibility, (1280, 720), back, PROVENANCE, edge_px=edge_px)
    channels = _channels(posture, mid_m, near_m, body)
    truth = Truth(time_s, channels, clean_px, near, shot.facing, found, swapped, body.leg_m * shot.scale_px_m, reps)
    return poses, truth


def name_landmark(side: Side, joint: str) -> Landmark:
    """`landmark`, for the mouth too, whose name carries its side behind."""
    return Landmark[f"MOUTH_{side}".upper()] if joint == "mouth" else landmark(side, joint)


def place_body(posture: Posture, stagger_m: float, body: Body = BODY) -> dict[str, FloatArray]:
    """Every joint of one side, (T, 2) metres from the near ankle's place, forward + and up +. The foot of a side with
    `stagger_m` stands that far in front, its knee half as far; both hips coincide.
    """
    ankle = np.stack([posture.shift_leg * body.leg_m, np.zeros(len(posture.shift_leg))], axis=1)
    knee = ankle + body.shank_m * _direction(posture.shank_deg)
    hip = knee + body.thigh_m * _direction(posture.thigh_deg)
    axis = _direction(posture.trunk_deg)
    front = np.stack([axis[:, 1], -axis[:, 0]], axis=1)
    shoulder = hip + body.trunk_m * axis
    step, down = np.array([stagger_m, 0.0]), _aim_arm(posture, ankle, shoulder, body)
    joints = {
        "hip": hip,
        "knee": knee + step / 2,
        "ankle": ankle + step,
        "heel": ankle + step + np.array([-0.05, -0.07]),
        "foot_index": ankle + step + np.array([0.15, -0.08]),
        "shoulder": shoulder,
        "elbow": shoulder + 0.28 * down,
        "wrist": shoulder + 0.53 * down,
        "pinky": shoulder + 0.59 * down,
        "index": shoulder + 0.60 * down,
        "thumb": shoulder + 0.57 * down,
    }
    head = {
        "ear": (0.18, 0.02),
        "mouth": (0.15, 0.10),
        "nose": (0.19, 0.12),
        "eye": (0.22, 0.09),
        "eye_inner": (0.22, 0.10),
        "eye_outer": (0.22, 0.08),
    }
    return joints | {name: shoulder + up * axis + ahead * front for name, (up, ahead) in head.items()}


def _aim_arm(posture: Posture, ankle: FloatArray, shoulder: FloatArray, body: Body) -> FloatArray:
    """Direction (T, 2) of straight arms: down, or to where the wrists are in front of mid-foot."""
    if posture.hand_leg is None:
        return np.tile([0.0, -1.0], (len(shoulder), 1))
    across = (ankle[:, 0] + MID_FOOT_M + posture.hand_leg * body.leg_m - shoulder[:, 0]) / ARM_M
    across = np.clip(across, -0.9, 0.9)
    return np.stack([across, -np.sqrt(1.0 - across**2)], axis=1)


def _direction(deg: FloatArray) -> FloatArray:
    return np.stack([np.sin(np.radians(deg)), np.cos(np.radians(deg))], axis=1)


def _turn(spot_m: FloatArray, depth_m: float, shot: Shot) -> FloatArray:
    """Metres (forward, up) at a depth towards the camera -> (T, 3) in the camera's axes: right, up, towards it."""
    sign, yaw, pitch = (1.0 if shot.facing == "right" else -1.0), np.radians(shot.yaw_deg), np.radians(shot.pitch_deg)
    right = sign * (spot_m[:, 0] * np.cos(yaw) + depth_m * np.sin(yaw))
    towards = depth_m * np.cos(yaw) - spot_m[:, 0] * np.sin(yaw)
    up = spot_m[:, 1] * np.cos(pitch) - towards * np.sin(pitch)
    return np.stack([right, up, spot_m[:, 1] * np.sin(pitch) + towards * np.cos(pitch)], axis=1)


def _project(spot_m: FloatArray, depth_m: float, shot: Shot) -> FloatArray:
    """Metres (forward, up) at a depth towards the camera -> px; a camera far away sees the ankle's place at (640,
    640).
    """
    aim = np.array([0.0, AIM_M])
    seen = _turn(spot_m - aim, depth_m, shot)
    scale = 1.0 if shot.distance_m is None else (shot.distance_m / (shot.distance_m - seen[:, 2]))[:, None]
    flat, roll = scale * seen[:, :2], np.radians(shot.roll_deg)
    x, y = flat[:, 0] * np.cos(roll) - flat[:, 1] * np.sin(roll), flat[:, 0] * np.sin(roll) + flat[:, 1] * np.cos(roll)
    return np.stack([640.0 + shot.scale_px_m * x, 640.0 - shot.scale_px_m * (AIM_M + y)], axis=1)


def _place_world(spot_m: FloatArray, depth_m: float, shot: Shot) -> FloatArray:
    return _turn(spot_m, depth_m, shot) * (1.0, -1.0, -1.0)


def _draw_noise(
    shape: tuple[int, ...], time_s: FloatArray, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """White and slow noise of unit variance, both of that shape; the first axis is time."""
    white, slow = generator.standard_normal(shape), generator.standard_normal(shape)
    keep = np.exp(-np.diff(time_s) / SLOW_S)
    for frame in range(1, len(time_s)):
        slow[frame] = keep[frame - 1] * slow[frame - 1] + np.sqrt(1 - keep[frame - 1] ** 2) * slow[frame]
    return white, slow


def within(time_s: FloatArray, spans_s: Sequence[tuple[float, float]]) -> BoolArray:
    """Frames inside any half-open span."""
    inside = np.zeros(len(time_s), bool)
    for start_s, stop_s in spans_s:
        inside |= (time_s >= start_s - 1e-9) & (time_s < stop_s - 1e-9)
    return inside


def _spoil(time_s: FloatArray, xy_px: FloatArray, near: Side, shot: Shot) -> tuple[FloatArray, BoolArray, BoolArray]:
    sign = 1.0 if shot.facing == "right" else -1.0
    for at_s, joint, x_px, y_px in shot.outliers:
        xy_px[int(np.abs(time_s - at_s).argmin()), landmark(near, joint)] += (sign * x_px, y_px)
    for start_s, stop_s, joint, x_px, y_px in shot.jumps:
        xy_px[within(time_s, [(start_s, stop_s)]), landmark(near, joint)] += (sign * x_px, y_px)
    swapped = within(time_s, shot.swaps)
    left, right = ([int(landmark(side, joint)) for joint in LEG_JOINTS] for side in ("left", "right"))
    both, crossed = np.array(left + right), np.array(right + left)
    xy_px[np.ix_(swapped, both)] = xy_px[np.ix_(swapped, crossed)]
    found = ~within(time_s, shot.dropouts)
    xy_px[~found] = np.nan
    return xy_px, found, swapped


def _outline(
    time_s: FloatArray, xy_px: FloatArray, posture: Posture, shot: Shot, generator: np.random.Generator
) -> BackContour:
    """Depths whose slopes over the lower and the upper back differ by UPRIGHT_KINK_DEG plus the posture's kink.

    The slope is even on both stretches and turns linearly between stations 0.3 and 0.45.
    """
    hips = xy_px[:, [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=1)
    shoulders = xy_px[:, [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]].mean(axis=1)
    chord_px = np.stack([hips, shoulders], axis=1)
    length_px = np.linalg.norm(shoulders - hips, axis=1)[:, None]
    depth_px = np.empty((len(xy_px), 2, len(STATIONS)))
    dorsal = 0 if shot.facing == "left" else 1
    kink_deg = UPRIGHT_KINK_DEG + posture.kink_deg
    if shot.outline_slow_deg:
        kink_deg = kink_deg + shot.outline_slow_deg * _draw_noise(kink_deg.shape, time_s, generator)[1]
    depth_px[:, dorsal] = length_px * back_depth(kink_deg)
    depth_px[:, 1 - dorsal] = length_px * (0.20 + 0.05 * np.sin(np.pi * STATIONS))
    depth_px += shot.outline_px * generator.standard_normal(depth_px.shape)
    depth_px[within(time_s, shot.covered), dorsal] = np.nan
    missing = within(time_s, shot.dropouts)
    depth_px[missing], chord_px[missing] = np.nan, np.nan
    return BackContour(chord_px, STATIONS, depth_px)


def _edges(hip_mid_px: FloatArray, posture: Posture, shot: Shot) -> FloatArray:
    """Return x of the body's edge to the left and to the right of the hips (T, 2), as a side view's mask shows it."""
    forward = 1.0 if shot.facing == "right" else -1.0
    slide_px = -EDGE_SLIDE_LEG * shot.body.leg_m * shot.scale_px_m * posture.trunk_deg
    behind_px = hip_mid_px[:, 0] + forward * (slide_px - EDGE_M[0] * shot.scale_px_m)
    before_px = hip_mid_px[:, 0] + forward * EDGE_M[1] * shot.scale_px_m
    edge_px = np.stack([behind_px, before_px][:: int(forward)], axis=1)
    noisy = EDGE_NOISE_PX if shot.noise_mm else 0.0
    return np.asarray(edge_px + noisy * np.random.default_rng(shot.seed).standard_normal(edge_px.shape))


def back_depth(kink_deg: FloatArray) -> FloatArray:
    """Depths (T, S) in chord lengths of outlines with a kink of (T,) degrees."""
    lower, upper = np.tan(np.radians(kink_deg / 2))[:, None], np.tan(np.radians(-kink_deg / 2))[:, None]
    turned = np.clip(STATIONS - 0.3, 0.0, 0.15)
    bend = lower * turned + (upper - lower) * turned**2 / 0.3
    return np.asarray(0.22 + lower * np.minimum(STATIONS, 0.3) + bend + upper * np.maximum(STATIONS - 0.45, 0.0))


def _channels(
    posture: Posture, mid_m: FloatArray, near_m: Mapping[str, FloatArray], body: Body
) -> dict[str, FloatArray]:
    from_ankle = (mid_m - near_m["ankle"]) / body.leg_m
    return {
        "hip_flexion_deg": posture.trunk_deg - posture.thigh_deg,
        "knee_flexion_deg": posture.shank_deg - posture.thigh_deg,
        "trunk_deg": posture.trunk_deg,
        "thigh_deg": posture.thigh_deg,
        "shank_deg": posture.shank_deg,
        "hip_back_leg": -from_ankle[:, 0],
        "hip_height_leg": from_ankle[:, 1],
        "wrist_height_leg": (near_m["wrist"] - near_m["ankle"])[:, 1] / body.leg_m,
        "lever_leg": (near_m["shoulder"] - near_m["hip"])[:, 0] / body.leg_m,
        "leg_fold_deg": posture.shank_deg - posture.thigh_deg,
        "kink_deg": posture.kink_deg,
    }
