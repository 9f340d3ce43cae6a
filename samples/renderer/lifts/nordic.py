"""Nordic curl: kneeling, ankles held by a padded bar or a partner; phi (knee to shoulder) drives everything."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from samples.renderer.body import place_joints
from samples.renderer.contact import foot_extent_m, thickness_m
from samples.renderer.lifts.base import Lift
from samples.renderer.lifts.partner import Partner, holding
from samples.renderer.machines import ankle_anchor, kneeling_pad
from samples.renderer.motion import (
    BACK_RAMPS,
    FIRST_RAMPS,
    Course,
    Curve,
    course,
    curve_of_speeds,
    curve_to,
    followed,
    smooth,
    solved,
    starts_s,
    sway,
    windows_s,
)
from samples.renderer.posing import (
    Arms,
    Poses,
    Posture,
    body_rotations,
    hand_frame,
    in_chest,
    middle_of,
    proportions,
    root_for,
    trunk_chord,
    turn_x,
    with_arms,
)
from samples.renderer.scene import Extras, Lifter, Scene
from samples.renderer.truth import Seen, drop_deg, phases

Floats = npt.NDArray[np.float64]

REST_PHI_DEG = 1.0
REST_HIP_DEG = 3.0
RISE_S = 0.35  # to get going
REACH_DEG = 26.0  # of phi before the catch, in which the hands go to the floor
PALM_M = 0.045  # from the floor up to the wrist
SINK_M = 0.008  # of the knee into its pad
READY_M = np.array([0.15, -0.10, 0.20])  # left wrist from the middle of the shoulders, with the chest
SWAY_DEG = 0.15
FALL_DPS2 = 60.0  # [D] truth: a fall is a downward acceleration above this
FALL_S = 0.1  # [D] for at least this long
CROSSINGS_DPS = (20.0, 30.0)
CATCH_S = 0.1  # to either side of the catch: where the fall is at its fastest
LEAD_UP, LEAD_DOWN = 0.35, 0.5  # shares of the way up in which hips that lead bend, and straighten again


@dataclass(frozen=True)
class Rep:
    """One Nordic as asked for; phi: knee to shoulder from vertical, degrees.

    break_phi_deg: where lowering turns into falling with fall_dps2 (None: controlled to the end). catch_phi_deg: hands
    on the floor. hip_hinge_deg: hip flexion added on the way down. lumbar_deg: flexion + added on the way down. hands:
    whether they go to the floor at all. hip_lead_deg: hip flexion added on the way up alone.
    """

    eccentric_s: float = 3.5
    pause_s: float = 0.9
    concentric_s: float = 1.6
    rest_s: float = 1.0
    phi_deg: float = 78.0
    break_phi_deg: float | None = None
    fall_dps2: float = 320.0
    catch_phi_deg: float = 70.0
    hip_hinge_deg: float = 0.0
    lumbar_deg: float = 0.0
    hands: bool = True
    hip_lead_deg: float = 0.0


@dataclass(frozen=True)
class Set:
    """A clip of Nordics. shank_deg: 90 flat, less with the knees higher than the ankles."""

    reps: tuple[Rep, ...]
    before_s: float = 1.2
    after_s: float = 1.0
    seed: int = 0
    shank_deg: float = 90.0
    toes_out_deg: float = 0.0
    pad_m: float = 0.08
    partner: Partner = field(default_factory=Partner)

    @property
    def duration_s(self) -> float:
        """Length of the clip."""
        return windows_s(courses(self), self.before_s)[-1][1] + self.after_s


@dataclass(frozen=True)
class RepTruth:
    """One Nordic, measured. No break: break_* are None and `controlled_to_phi_deg` is the greatest phi.

    break_s: start of the downward acceleration that lasts until the peak speed. cross_20, cross_30: phi at which phi
    first rises at 20 and 30 degrees a second. catch_s: the wrists have come to rest on the floor. catch_speed_dps: most
    within a tenth of a second of it. drop_deg: see `truth.drop_deg`. hip_down_max_deg, lumbar_down_min_deg: while the
    lowering is controlled; hip_up_max_deg: on the way up.
    """

    number: int
    start_s: float
    turn_s: float
    stop_s: float
    eccentric_s: float
    pause_s: float
    concentric_s: float
    phi_max_deg: float
    trunk_max_deg: float
    knee_flexion_min_deg: float
    hip_flexion_max_deg: float
    lumbar_max_deg: float
    lumbar_min_deg: float
    shank_deg: float
    break_s: float | None
    break_phi_deg: float | None
    break_knee_flexion_deg: float | None
    break_hip_flexion_deg: float | None
    fall_s: float
    peak_speed_dps: float
    cross_20_phi_deg: float | None
    cross_30_phi_deg: float | None
    controlled_to_phi_deg: float
    catch_s: float | None
    catch_phi_deg: float | None
    catch_speed_dps: float | None
    drop_deg: float
    hip_down_max_deg: float
    lumbar_down_min_deg: float
    hip_up_max_deg: float


def falling(rep: Rep, even_dps: float, break_phi_deg: float) -> Curve:
    """Lower at `even_dps`, fall from the break to the catch, stop between the catch and the end."""
    gone = break_phi_deg - REST_PHI_DEG - even_dps * RISE_S / 2.0
    drop = rep.catch_phi_deg - break_phi_deg
    fall_s = (np.sqrt(even_dps**2 + 2.0 * rep.fall_dps2 * drop) - even_dps) / rep.fall_dps2
    fast = even_dps + rep.fall_dps2 * fall_s
    stop_s = 2.0 * (rep.phi_deg - rep.catch_phi_deg) / fast
    lowered = curve_of_speeds(REST_PHI_DEG, [(RISE_S, 0.0, even_dps), (gone / even_dps, even_dps, even_dps)])
    grid = np.linspace(0.0, fall_s, max(int(fall_s * 4000), 2) + 1)[1:]
    fall = break_phi_deg + even_dps * grid + rep.fall_dps2 * grid**2 / 2.0
    caught = curve_of_speeds(rep.catch_phi_deg, [(stop_s, fast, 0.0)])
    times = [lowered.time_s, lowered.duration_s + grid, lowered.duration_s + fall_s + caught.time_s[1:]]
    return Curve(np.concatenate(times), np.concatenate([lowered.value, fall, caught.value[1:]]))


@cache
def rep_course(rep: Rep) -> Course:
    """Give phi over one repetition.

    Raises ValueError when the eccentric cannot take the time asked for, or the break is not before the catch.
    """
    back = curve_to(rep.phi_deg, REST_PHI_DEG, rep.concentric_s, BACK_RAMPS)
    if rep.break_phi_deg is None:
        return course(curve_to(REST_PHI_DEG, rep.phi_deg, rep.eccentric_s, FIRST_RAMPS), rep.pause_s, back, rep.rest_s)
    place = rep.break_phi_deg
    if not REST_PHI_DEG + 5.0 < place < rep.catch_phi_deg < rep.phi_deg:
        raise ValueError(f"a break at {place} is not between kneeling and the catch at {rep.catch_phi_deg} degrees")
    fastest = (place - REST_PHI_DEG - 1.0) * 2.0 / RISE_S
    first = solved(lambda even_dps: falling(rep, even_dps, place), rep.eccentric_s, 1.0, fastest)
    return course(first, rep.pause_s, back, rep.rest_s)


def courses(moves: Set) -> list[Course]:
    """Give every repetition's phi."""
    return [rep_course(rep) for rep in moves.reps]


def posture_of(lifter: Lifter, moves: Set, time_s: Floats) -> tuple[Posture, Floats]:
    """Solve the posture for phi and the hips' bend at the instants `time_s` (T,); phi (T,) too."""
    whole = courses(moves)
    phi, shares = followed(whole, moves.before_s, time_s)
    phi = phi + SWAY_DEG * sway(moves.seed, time_s)
    hip, lumbar = np.full(len(time_s), REST_HIP_DEG), np.zeros(len(time_s))
    for rep, share, begin, one in zip(moves.reps, shares, starts_s(whole, moves.before_s), whole, strict=True):
        up = time_s >= begin + one.first.duration_s + one.hold_s
        hip = hip + rep.hip_hinge_deg * smooth(share / 0.9)
        hip = hip + rep.hip_lead_deg * up * smooth((1.0 - share) / LEAD_UP) * smooth(share / LEAD_DOWN)
        lumbar = lumbar + rep.lumbar_deg * smooth(share / 0.9)
    offset, chord = trunk_chord(lifter.body, lumbar, np.zeros(len(time_s)))
    bend, thigh_m = np.radians(hip), proportions(lifter.body).thigh_m
    thigh = phi - np.degrees(np.arctan2(chord * np.sin(bend), thigh_m + chord * np.cos(bend)))
    trunk = thigh + hip
    posture = Posture(
        shank_deg=np.full(len(time_s), moves.shank_deg),
        thigh_deg=thigh,
        pelvis_deg=trunk - offset,
        lumbar_deg=lumbar,
        thoracic_deg=np.zeros(len(time_s)),
        neck_deg=0.22 * trunk,
    )
    return posture, phi


def legs_at(lifter: Lifter, moves: Set) -> tuple[float, float, float]:
    """Heights of knees and ankles, metres, and the pitch of the feet, degrees, for shanks that lie on the pad."""
    knee_y = moves.pad_m + thickness_m(lifter, "lowerleg01.L", "foot.L", 0.08, 1.0) - SINK_M
    ankle_y = knee_y - proportions(lifter.body).shank_m * float(np.cos(np.radians(moves.shank_deg)))
    grid = np.linspace(95.0, 168.0, 74)
    return knee_y, ankle_y, float(np.interp(-ankle_y, foot_extent_m(lifter, grid, 1), grid))


def kneeling(lifter: Lifter, moves: Set, time_s: Floats) -> tuple[Floats, Floats, Floats]:
    """Rotations (T, J, 3, 3) without arms, the root's place (T, 3) and phi (T,); knees at z = 0."""
    posture, phi = posture_of(lifter, moves, time_s)
    knee_y, _, foot = legs_at(lifter, moves)
    rotations = body_rotations(lifter.body, posture, np.full(len(time_s), foot), moves.toes_out_deg, 0.0)
    knee = np.tile([0.0, knee_y, 0.0], (len(time_s), 1))
    return rotations, root_for(lifter.body, rotations, "lowerleg01", knee), phi


def hands_down_m(lifter: Lifter, moves: Set, rep: Rep) -> Floats:
    """Where the left wrist meets the floor, (3,) metres: below the shoulders of the catch and a little further on."""
    still = Rep(phi_deg=rep.catch_phi_deg, hip_hinge_deg=rep.hip_hinge_deg, lumbar_deg=rep.lumbar_deg)
    alone = Set((still,), moves.before_s, moves.after_s, moves.seed, moves.shank_deg, moves.toes_out_deg, moves.pad_m)
    turn = moves.before_s + rep_course(still).first.duration_s + 1e-3
    rotations, root, _ = kneeling(lifter, alone, np.array([turn]))
    shoulder = middle_of(lifter.body, place_joints(lifter.body, rotations, root), "upperarm01")[0]
    return np.array([0.24, PALM_M, float(shoulder[2]) + 0.10])


def poses(scene: Scene, lifter: Lifter, moves: Set, time_s: Floats) -> Poses:  # noqa: ARG001
    """Pose the lifter at the instants `time_s` (T,): hands before the chest, on the floor from the catch on."""
    body = lifter.body
    rotations, root, phi = kneeling(lifter, moves, time_s)
    joints = place_joints(body, rotations, root)
    ready = in_chest(body, rotations, joints, READY_M)
    lean = np.degrees(np.arctan2(rotations[:, body.index("spine01"), 2, 1], rotations[:, body.index("spine01"), 1, 1]))
    wrist, pitch = ready, lean
    for rep, (start, stop) in zip(moves.reps, windows_s(courses(moves), moves.before_s), strict=True):
        if not rep.hands:
            continue
        inside = ((time_s >= start) & (time_s <= stop))[:, None]
        down = smooth((phi - rep.catch_phi_deg + REACH_DEG) / REACH_DEG)
        wrist = np.where(inside, ready + down[:, None] * (hands_down_m(lifter, moves, rep) - ready), wrist)
        pitch = np.where(inside[:, 0], lean + down * (90.0 - lean), pitch)
    frame = hand_frame(np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]))
    pole = rotations[:, body.index("spine01")] @ np.array([0.8, -0.7, -0.5])
    return with_arms(body, rotations, root, Arms(wrist, pole, turn_x(pitch) @ frame, closed=False))


def extras(scene: Scene, lifter: Lifter, moves: Set, time_s: Floats, posed: Poses) -> Extras:  # noqa: ARG001
    """Bring the pad, and a partner or a padded bar over the ankles."""
    ankle = posed.joints_m[0, lifter.body.index("foot.L")]
    fixed = [kneeling_pad(moves.pad_m, float(ankle[2]) + 0.04, 0.14)]
    top = float(ankle[1]) + thickness_m(lifter, "lowerleg01.L", "foot.L", 0.9, -1.0)
    above = np.array([ankle[0], top, ankle[2]])
    if moves.partner.present:
        return Extras(tuple(fixed), people=(holding(moves.partner, above, time_s, moves.seed + 3),))
    fixed.append(ankle_anchor(top + 0.04, float(ankle[2]) + 0.02, 0.045))
    return Extras(tuple(fixed))


def fall_of(time_s: Floats, phi_deg: Floats, start_s: float) -> tuple[int, int] | None:
    """First and last sample of the fall on a way down (T,), or None: acceleration that sets in after `start_s`."""
    step = float(time_s[1] - time_s[0])
    acceleration = np.gradient(np.gradient(phi_deg, step), step)
    fast = acceleration > FALL_DPS2
    begins = np.flatnonzero(fast[1:] & ~fast[:-1]) + 1
    ends = np.flatnonzero(fast[:-1] & ~fast[1:]) + 1
    for first in begins:
        last = int(next((end for end in ends if end > first), len(fast) - 1))
        if time_s[first] > start_s and time_s[last] - time_s[first] >= FALL_S:
            return int(first), last
    return None


def crossing_deg(time_s: Floats, phi_deg: Floats, speed_dps: float) -> float | None:
    """Phi at which it first rises this fast, on a way down (T,); None when it never does."""
    fast = np.flatnonzero(np.gradient(phi_deg, time_s) >= speed_dps)
    return float(phi_deg[fast[0]]) if len(fast) else None


def catch_of(wrist_m: Floats) -> int | None:
    """First sample at which the wrists (T, 3) are where they are at the end, on the floor; None without one."""
    if wrist_m[-1, 1] > PALM_M + 1e-3:
        return None
    away = np.flatnonzero(np.linalg.norm(wrist_m - wrist_m[-1], axis=1) > 1e-3)
    return int(away[-1]) + 1 if len(away) and away[-1] + 1 < len(wrist_m) else None


def rep_truth(number: int, seen: Seen, window_s: tuple[float, float]) -> RepTruth:
    """Measure one Nordic inside a window that starts and ends upright."""
    inside = (seen.time_s >= window_s[0]) & (seen.time_s <= window_s[1])
    t, phi = seen.time_s[inside], seen.angles.phi_deg[inside]
    hip, knee = seen.angles.hip_flexion_deg[inside], seen.angles.knee_flexion_deg[inside]
    timing = phases(t, phi)
    down = t <= timing.turn_s
    fall = fall_of(t[down], phi[down], timing.start_s)
    catch = catch_of(seen.joints_m["wrist"][inside][down])
    begin = None if fall is None else fall[0]
    held = down & (t <= t[catch if begin is None and catch is not None else down.sum() - 1 if begin is None else begin])
    speed = np.gradient(phi, t)
    return RepTruth(
        number=number,
        start_s=timing.start_s,
        turn_s=timing.turn_s,
        stop_s=timing.stop_s,
        eccentric_s=timing.first_s,
        pause_s=timing.pause_s,
        concentric_s=timing.second_s,
        phi_max_deg=float(phi.max()),
        trunk_max_deg=float(seen.angles.trunk_deg[inside].max()),
        knee_flexion_min_deg=float(knee.min()),
        hip_flexion_max_deg=float(hip.max()),
        lumbar_max_deg=float(seen.angles.lumbar_deg[inside].max()),
        lumbar_min_deg=float(seen.angles.lumbar_deg[inside].min()),
        shank_deg=float(np.median(seen.angles.shank_deg[inside])),
        break_s=None if begin is None else float(t[begin]),
        break_phi_deg=None if begin is None else float(phi[begin]),
        break_knee_flexion_deg=None if begin is None else float(knee[begin]),
        break_hip_flexion_deg=None if begin is None else float(hip[begin]),
        fall_s=0.0 if fall is None else float(t[fall[1]] - t[fall[0]]),
        peak_speed_dps=float(np.gradient(phi[down], t[down]).max()),
        cross_20_phi_deg=crossing_deg(t[down], phi[down], CROSSINGS_DPS[0]),
        cross_30_phi_deg=crossing_deg(t[down], phi[down], CROSSINGS_DPS[1]),
        controlled_to_phi_deg=float(phi.max() if begin is None else phi[begin]),
        catch_s=None if catch is None else float(t[catch]),
        catch_phi_deg=None if catch is None else float(phi[catch]),
        catch_speed_dps=None if catch is None else float(speed[np.abs(t - t[catch]) <= CATCH_S].max()),
        drop_deg=drop_deg(t[down], phi[down]),
        hip_down_max_deg=float(hip[held].max()),
        lumbar_down_min_deg=float(seen.angles.lumbar_deg[inside][held].min()),
        hip_up_max_deg=float(hip[~down].max()),
    )


def truths(seen: Seen, moves: Set) -> list[RepTruth]:
    """Measure each repetition."""
    windows = windows_s(courses(moves), moves.before_s)
    return [rep_truth(i, seen, window) for i, window in enumerate(windows, start=1)]


LIFT = Lift(
    set_kind=Set,
    rep_kind=Rep,
    poses=poses,
    truths=truths,
    extras=extras,
    scene={"load": {"kind": "none"}, "camera": {"centre_z_m": 0.15, "height_m": 0.8, "distance_m": 3.0}},
)
