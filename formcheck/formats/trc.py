"""TRC (track row column), the marker file of OpenSim: tabs, a row per sample, metres, `nan` where not seen."""

from formcheck.formats.markers import Markers

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
    """Return the text of a TRC file that says it is called `file_name`; axes and origin as in `formats.markers`."""
    n_samples, n_markers = len(markers.time_s), len(markers.names)
    rate = f"{markers.rate_hz:.6f}"
    values = (rate, rate, str(n_samples), str(n_markers), "m", rate, "1", str(n_samples))
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{file_name}",
        "\t".join(HEADER),
        "\t".join(values),
        "\t".join(["Frame#", "Time", *(f"{name}\t\t" for name in markers.names)]),
        "\t".join(["", "", *(f"{axis}{number}" for number in range(1, n_markers + 1) for axis in "XYZ")]),
        "",
    ]
    for number, (time_s, row) in enumerate(zip(markers.time_s, markers.xyz_m, strict=True), start=1):
        lines.append("\t".join([str(number), f"{time_s:.6f}", *(f"{value:.6f}" for value in row.ravel())]))
    return "\n".join(lines) + "\n"
