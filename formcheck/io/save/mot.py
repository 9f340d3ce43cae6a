"""MOT, the motion file of OpenSim: joint angles in degrees under the names of OpenSim's coordinates.

Conventions: flexion positive, as in Rajagopal 2016 (gait2392 has the knee the other way round). The trunk is one
segment, so all of its lean is `pelvis_tilt` (forward is negative in OpenSim) and nothing is `lumbar_extension`. Only
the side that the camera saw has hip and knee. These are 2D sagittal projected angles.
"""

import numpy as np

from formcheck.data import Kinematics


def write_mot(kinematics: Kinematics, name: str) -> str:
    """Return the text of a MOT file: time, pelvis_tilt, hip_flexion_r and knee_angle_r (or _l).

    A sample that lacks one of the angles has no row: OpenSim's readers take a missing number for the file's end.
    """
    side = kinematics.view.side[0]
    columns = {
        "time": kinematics.time_s,
        "pelvis_tilt": -kinematics["trunk_deg"],
        f"hip_flexion_{side}": kinematics["hip_flexion_deg"],
        f"knee_angle_{side}": kinematics["knee_flexion_deg"],
    }
    table = np.stack(list(columns.values()), axis=1)
    table = table[np.isfinite(table).all(axis=1)]
    lines = [
        name,
        "version=1",
        f"nRows={len(table)}",
        f"nColumns={len(columns)}",
        "inDegrees=yes",
        "",
        "endheader",
        "\t".join(columns),
        *("\t".join(f"{value:.6f}" for value in row) for row in table),
    ]
    return "\n".join(lines) + "\n"
