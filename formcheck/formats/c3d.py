"""C3D, the binary file of motion capture (ezc3d): the markers of `formats.markers`, in metres."""

import tempfile
from pathlib import Path

import numpy as np

from formcheck.formats.markers import Markers


def write_c3d(markers: Markers) -> bytes:
    """Return the bytes of a C3D file with one point per landmark; a point that was not seen is marked invalid."""
    import ezc3d

    file = ezc3d.c3d()
    points = file["parameters"]["POINT"]
    points["RATE"]["value"] = [markers.rate_hz]
    points["LABELS"]["value"] = list(markers.names)
    points["UNITS"]["value"] = ["m"]
    homogeneous = np.ones((4, len(markers.names), len(markers.time_s)))
    homogeneous[:3] = markers.xyz_m.transpose(2, 1, 0)
    file["data"]["points"] = homogeneous
    with tempfile.TemporaryDirectory(prefix="formcheck-") as folder:
        path = Path(folder) / "poses.c3d"
        file.write(str(path))
        return path.read_bytes()
