"""A partner who kneels behind the lifter and presses the ankles down."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from samples.renderer.body import Build
from samples.renderer.contact import foot_extent_m, thickness_m
from samples.renderer.garments import Outfit
from samples.renderer.motion import sway
from samples.renderer.posing import Arms, Posture, body_rotations, hand_frame, root_for, trunk_chord, with_arms
from samples.renderer.scene import Person, person_of

Floats = npt.NDArray[np.float64]

BEHIND_M = 0.33  # from the lifter's ankles back to the partner's knees
PALM_M = 0.05  # from the skin pressed on up to the wrist
SHANK_DEG, THIGH_DEG, TRUNK_DEG = 98.0, -22.0, 60.0
SWAY_DEG = 0.5


@dataclass(frozen=True)
class Partner:
    """Who helps; present: whether anybody does."""

    present: bool = False
    build: Build = field(default_factory=lambda: Build(sex=1.0, muscle=0.6, weight=0.6, stature_m=1.76))
    outfit: Outfit = field(
        default_factory=lambda: Outfit(
            skin=(0.55, 0.38, 0.29), hair=(0.08, 0.06, 0.05), shirt=(0.62, 0.50, 0.16), shorts=(0.16, 0.22, 0.20)
        )
    )


def holding(partner: Partner, ankle_m: Floats, time_s: Floats, seed: int) -> Person:
    """Pose the partner at the instants `time_s` (T,): palms on top of the ankles, of which the left is at (3,)."""
    lifter = person_of(partner.build, partner.outfit)
    body, count = lifter.body, len(time_s)
    even = np.ones(count)
    trunk = TRUNK_DEG + SWAY_DEG * sway(seed, time_s)
    offset, _ = trunk_chord(body, 18.0 * even, 8.0 * even)
    posture = Posture(
        shank_deg=SHANK_DEG * even,
        thigh_deg=THIGH_DEG * even,
        pelvis_deg=trunk - offset,
        lumbar_deg=18.0 * even,
        thoracic_deg=8.0 * even,
        neck_deg=30.0 * even,
    )
    grid = np.linspace(100.0, 168.0, 69)
    knee_y = thickness_m(lifter, "lowerleg01.L", "foot.L", 0.05, 1.0)
    shank_m = float(np.linalg.norm(body.joint("lowerleg01.L") - body.joint("foot.L")))
    ankle_y = knee_y - shank_m * np.cos(np.radians(SHANK_DEG))
    foot = float(np.interp(-ankle_y, foot_extent_m(lifter, grid, 1), grid))
    rotations = body_rotations(body, posture, foot * even, 0.0, 0.06)
    knee = np.tile([0.0, knee_y, ankle_m[2] - BEHIND_M], (count, 1))
    wrist = np.tile(ankle_m + np.array([0.01, PALM_M, -0.05]), (count, 1))
    down = hand_frame(np.array([0.0, -0.25, 1.0]), np.array([0.0, -1.0, 0.0]))
    arms = Arms(wrist, np.tile([1.0, 0.2, -0.4], (count, 1)), np.tile(down, (count, 1, 1)), closed=False)
    return Person(body, partner.outfit, with_arms(body, rotations, root_for(body, rotations, "lowerleg01", knee), arms))
