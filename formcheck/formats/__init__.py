"""Poses and angles in the files of other programs: one module per format, each returns text or bytes, the caller
writes.
"""

from collections.abc import Iterable
from importlib.util import find_spec

from formcheck.data import Kinematics, PoseSequence
from formcheck.errors import SettingsError

# Format -> the library it needs beyond formcheck's own (extra `formats`), or None.
FORMATS: dict[str, str | None] = {
    "trc": None,
    "mot": None,
    "csv": None,
    "parquet": "pyarrow",
    "dlc": None,
    "c3d": "ezc3d",
}
DEFAULT = ("trc", "mot", "csv", "dlc")


def choose_formats(text: str | None) -> tuple[str, ...]:
    """Read "trc,mot"; None is every format that needs no further library.

    Raises SettingsError for a name that is no format, or a format whose library is not installed.
    """
    if text is None:
        return DEFAULT
    names = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    if not names:
        raise SettingsError("--format names no format.", f"The choices are: {', '.join(FORMATS)}.")
    for name in names:
        if name not in FORMATS:
            raise SettingsError(f"There is no format {name}.", f"The choices are: {', '.join(FORMATS)}.")
        library = FORMATS[name]
        if library is not None and find_spec(library) is None:
            raise SettingsError(
                f"--format {name} needs {library}, which is not installed.", "Type: pip install 'formcheck[formats]'"
            )
    return names


def export_files(names: Iterable[str], poses: PoseSequence, kinematics: Kinematics) -> dict[str, str | bytes]:
    """Return the files of some formats, name to content.

    trc : poses.trc, markers in metres. mot : angles.mot, degrees. csv : poses.csv and kinematics.csv, parquet : the
    same two tables. dlc : poses_dlc.csv, pixels. c3d : poses.c3d, markers in metres.
    """
    from formcheck.formats import c3d, dlc, mot, parquet, tidy, trc
    from formcheck.formats.markers import place_markers

    files: dict[str, str | bytes] = {}
    for name in names:
        match name:
            case "trc":
                files["poses.trc"] = trc.write_trc(place_markers(poses, kinematics.view), "poses.trc")
            case "mot":
                files["angles.mot"] = mot.write_mot(kinematics, "formcheck")
            case "csv":
                files["poses.csv"] = tidy.write_csv(tidy.pose_table(poses))
                files["kinematics.csv"] = tidy.write_csv(tidy.kinematics_table(kinematics))
            case "parquet":
                files["poses.parquet"] = parquet.write_parquet(tidy.pose_table(poses))
                files["kinematics.parquet"] = parquet.write_parquet(tidy.kinematics_table(kinematics))
            case "dlc":
                files["poses_dlc.csv"] = dlc.write_dlc(poses)
            case "c3d":
                files["poses.c3d"] = c3d.write_c3d(place_markers(poses, kinematics.view))
            case _:
                raise ValueError(name)
    return files
