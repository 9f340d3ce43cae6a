"""Poses and angles in the files of other programs: one module per format, each returns text or bytes, the caller
writes.
"""

from collections.abc import Iterable
from importlib.util import find_spec

from formcheck.data import Kinematics, PoseSequence
from formcheck.errors import SettingsError
from formcheck.io.save.markers import NAMINGS, Naming, place_in_metres

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
                f"--format {name} needs {library}, which is not installed.", "Run: pip install 'formcheck[formats]'"
            )
    return names


def choose_naming(text: str | None) -> Naming:
    """Read how markers are to be called; None is Pose2Sim's way. Raises SettingsError for a way that is none."""
    for naming in NAMINGS:
        if text is None or text.strip().lower() == naming:
            return naming
    raise SettingsError(f"There are no marker names {text}.", f"The choices are: {', '.join(NAMINGS)}.")


def export_files(
    names: Iterable[str], poses: PoseSequence, kinematics: Kinematics, naming: Naming = "pose2sim"
) -> dict[str, str | bytes]:
    """Return the files of some formats, name to content.

    trc : poses.trc, markers in metres. mot : angles.mot, degrees. csv : poses.csv and kinematics.csv, parquet : the
    same two tables. dlc : poses_dlc.csv, pixels. c3d : poses.c3d, markers in metres. naming : of the markers in trc
    and c3d; the tables call landmarks as MediaPipe does. Raises InputError for landmarks without metres, of which trc
    and c3d would hold nothing.
    """
    from formcheck.io.save import c3d, columns, dlc, mot, parquet, tidy, trc

    files: dict[str, str | bytes] = {}
    for name in names:
        match name:
            case "trc":
                files["poses.trc"] = trc.write_trc(place_in_metres(name, poses, kinematics.view, naming), "poses.trc")
            case "mot":
                files["angles.mot"] = mot.write_mot(kinematics, "formcheck")
            case "csv":
                files["poses.csv"] = tidy.write_csv(tidy.pose_table(poses))
                files["kinematics.csv"] = tidy.write_csv(tidy.kinematics_table(kinematics))
            case "parquet":
                files["poses.parquet"] = parquet.write_parquet(tidy.pose_table(poses), columns.POSES)
                files["kinematics.parquet"] = parquet.write_parquet(
                    tidy.kinematics_table(kinematics), columns.KINEMATICS
                )
            case "dlc":
                files["poses_dlc.csv"] = dlc.write_dlc(poses)
            case "c3d":
                files["poses.c3d"] = c3d.write_c3d(place_in_metres(name, poses, kinematics.view, naming))
            case _:
                raise ValueError(name)
    return files
