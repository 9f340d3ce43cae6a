"""TRC (track row column), the marker file of OpenSim: tabs, a row per sample, metres, `nan` where not seen.

OpenSim 4.6 passes over a marker that is `nan`, but takes no empty cells, and its inverse kinematics ends with an error
at a row of nothing but `nan`. A sample in which no marker was seen has no row; frame numbers and times show the gap.
"""

import numpy as np

from formcheck.io.save.markers import Markers

HEADER = (
    "DataRate",
    "CameraRate",
    "NumFrames",
    "NumMarkers",
    "Units",
    "OrigDataRate",
    "OrigDataStartFrame",
    "OrigNumFrames",
)


def write_trc(markers: Markers, file_name: str) -> str:
    """Return the text of a TRC file that says it is called `file_name`; axes and origin as in `io.save.markers`."""
    n_samples, n_markers = len(markers.time_s), len(markers.names)
    seen = np.flatnonzero(np.isfinite(markers.xyz_m).any(axis=(1, 2)))
    rate = f"{markers.rate_hz:.6f}"
    values = (rate, rate, str(len(seen)), str(n_markers), "m", rate, "1", str(n_samples))
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{file_name}",
        "\t".join(HEADER),
        "\t".join(values),
        "\t".join(["Frame#", "Time", *(f"{name}\t\t" for name in markers.names)]),
        "\t".join(["", "", *(f"{axis}{number}" for number in range(1, n_markers + 1) for axis in "XYZ")]),
        "",
    ]
    for place in seen:
        cells = (f"{value:.6f}" for value in markers.xyz_m[place].ravel())
        lines.append("\t".join([str(place + 1), f"{markers.time_s[place]:.6f}", *cells]))
    return "\n".join(lines) + "\n"
