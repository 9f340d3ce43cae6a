"""C3D, the binary file of motion capture (ezc3d): the markers of `io.save.markers`, in metres.

Its first frame is the clip's own: frame 1 is what was filmed at 0 s, so a set that begins at 1.5 s of a 30 Hz clip
begins with frame 46. The exact time of that frame, which frame numbers round, is FORMCHECK:START_S.
"""

import tempfile
from pathlib import Path

import numpy as np

from formcheck.io.save.markers import Markers

MAX_FRAME = 65_535  # what the header's two bytes can count to
INTEGER = 2  # a parameter of 16-bit words; ezc3d's add_parameter makes floats of whole numbers


def write_c3d(markers: Markers) -> bytes:
    """Return the bytes of a C3D file with one point per landmark; a point that was not seen is marked invalid.

    Invalid is what the format says: zeros with a residual of -1. Readers hide such points or give them as NaN, while a
    NaN under a good residual is a number to them. Frames before 0 s cannot be numbered: then the first is frame 1.
    """
    import ezc3d

    n_samples, n_markers = len(markers.time_s), len(markers.names)
    start_s = float(markers.time_s[0])
    first = max(0, round(start_s * markers.rate_hz))
    file = ezc3d.c3d()
    points = file["parameters"]["POINT"]
    points["RATE"]["value"] = [markers.rate_hz]
    points["LABELS"]["value"] = list(markers.names)
    points["UNITS"]["value"] = ["m"]
    file["header"]["points"]["first_frame"] = first if first + n_samples <= MAX_FRAME else 0
    for name, frame in (("ACTUAL_START_FIELD", first + 1), ("ACTUAL_END_FIELD", first + n_samples)):
        file.add_parameter("TRIAL", name, [0])
        words = np.array([frame], "<u4").view("<i2").astype(np.int64)  # C3D holds large numbers as two, the lower first
        file["parameters"]["TRIAL"][name] |= {"type": INTEGER, "value": words}
    file.add_parameter("FORMCHECK", "START_S", [start_s], "time of the first frame, s")
    seen = np.isfinite(markers.xyz_m).all(axis=2).T
    homogeneous = np.ones((4, n_markers, n_samples))
    homogeneous[:3] = np.where(seen, markers.xyz_m.transpose(2, 1, 0), 0.0)
    file["data"]["points"] = homogeneous
    meta = file["data"]["meta_points"]
    meta["residuals"] = np.where(seen, 0.0, -1.0)[np.newaxis]
    meta["camera_masks"] = np.zeros((7, n_markers, n_samples), bool)
    with tempfile.TemporaryDirectory(prefix="formcheck-") as folder:
        path = Path(folder) / "poses.c3d"
        file.write(str(path))
        return path.read_bytes()
