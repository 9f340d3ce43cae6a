"""What both knees hold against gravity in a Nordic curl, from the body's mass, its height and the lean of its segments.

A static estimate: the shanks are held, and whatever is above the knees pulls them straight. Masses, lengths and centres
of mass are shares of the whole body (Winter 2009, table 4.1 and figure 4.1 [P], after Dempster 1955 and Drillis and
Contini 1966), so it is of a person of middle proportions whose arms hang beside the trunk.
"""

import numpy as np

GRAVITY_M_S2 = 9.81  # on the ground
THIGHS_MASS, UPPER_MASS = 0.2, 0.678  # of the body: both thighs; head, arms and trunk [P]
THIGH_LENGTH, TRUNK_LENGTH = 0.245, 0.288  # of the height: knee to hip, hip to shoulder [P]
THIGH_CENTRE, TRUNK_CENTRE = 0.567, 0.626  # of their lengths, from the knee and from the hip [P]
# Half of a 90 % interval: people differ from the mean in proportions and in where they hold their arms [D].
ERROR = 0.15


def estimate_knee_torque(
    mass_kg: float, height_m: float, thigh_deg: float, trunk_deg: float
) -> tuple[float, float, float]:
    """Return the torque about one knee, N m, half of what both hold, with its 90 % interval.

    thigh_deg, trunk_deg : inclinations from the vertical, forward +, both 0 in tall kneeling. It knows nothing of how
    fast the body moves: it is right while a lowering is slow.
    """
    thigh_m = THIGH_LENGTH * height_m * float(np.sin(np.radians(thigh_deg)))
    trunk_m = TRUNK_LENGTH * height_m * float(np.sin(np.radians(trunk_deg)))
    levers_m = THIGHS_MASS * THIGH_CENTRE * thigh_m + UPPER_MASS * (thigh_m + TRUNK_CENTRE * trunk_m)
    torque_nm = mass_kg * GRAVITY_M_S2 * levers_m / 2
    return torque_nm, torque_nm * (1 - ERROR), torque_nm * (1 + ERROR)
