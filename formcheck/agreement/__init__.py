"""Does formcheck agree with a reference? Two recordings of one set in, bias and limits of agreement out.

>>> found = formcheck.agree("set_formcheck", "opensim/angles.mot")
>>> found.angles["knee_flexion_deg"].statistics.bias
>>> found.save("agreement")
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from formcheck.agreement import timing
from formcheck.agreement.reading import Recorded, read_recording
from formcheck.agreement.statistics import LEAST_PAIRS, Statistics, describe_agreement
from formcheck.agreement.timing import LEAST_SAMPLES, Shift
from formcheck.arguments import speak_of_arguments
from formcheck.data import FloatArray
from formcheck.errors import InputError, SettingsError
from formcheck.settings import load_settings
from formcheck.skeleton import SIDES, Side
from formcheck.wording import count_noun, join_words

HALF_TURN_RAD = 3.2  # radians: no joint of a lift bends further, nor does anything lean more [D]
DEGREES_MOVE = 20.0  # degrees: an angle that moves by this much leaves HALF_TURN_RAD [D]
POOR = 0.5  # correlation of the angles below which the two are hardly one movement [D]


@dataclass(frozen=True, eq=False)
class Pairs:
    """One quantity in both recordings: its pairs `a` and `b` (n,), and when, on B's clock, `time_s` (n,).

    statistics : None with fewer pairs than have a spread; `reason` then says so.
    """

    name: str
    time_s: FloatArray
    a: FloatArray
    b: FloatArray
    statistics: Statistics | None
    reason: str | None = None


@dataclass(frozen=True, eq=False)
class Agreement:
    """What `agree` found: A and B by their paths, the shift, the overlap (B's clock), angles sample by sample, and
    events repetition by repetition.

    step_s : between two common samples. notes : sentences about how it was done, and what to beware of.
    """

    a: Path
    b: Path
    shift: Shift
    begin_s: float
    end_s: float
    step_s: float
    angles: Mapping[str, Pairs]
    events: Mapping[str, Pairs]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        names = ", ".join([*self.angles, *self.events])
        return f"<Agreement of {self.a} with {self.b}: {self.end_s - self.begin_s:.1f} s; {names}>"

    def __str__(self) -> str:
        from formcheck.agreement.writing import to_text

        return to_text(self)

    def to_dict(self) -> dict[str, Any]:
        """Return agreement.json's content."""
        from formcheck.agreement.writing import build

        return build(self)

    def save(self, folder: str | PathLike[str]) -> list[Path]:
        """Write agreement.html, agreement.csv, pairs.csv and agreement.json into a folder; return the paths."""
        from formcheck.agreement.writing import render_files
        from formcheck.report.folder import write_folder

        with speak_of_arguments(out="folder"):
            files = render_files(self)
            write_folder(Path(folder), files)
            return [Path(folder) / name for name in files]


def agree(
    a: str | PathLike[str],
    b: str | PathLike[str],
    *,
    shift: float | None = None,
    lift: str | None = None,
    side: Side | None = None,
) -> Agreement:
    """Return how far A agrees with B, the reference: bias, limits of agreement, RMSE and ICC per angle and event.

    Parameters
    ----------
    a, b
        A folder that `formcheck analyze` wrote, or its report.json; a table of angles (CSV); MOT or STO; markers or
        landmarks (TRC, C3D, CSV, JSON).
    shift
        Seconds to add to A's times to be on B's clock; found by cross-correlation where it is not given.
    lift
        Of markers and landmarks: which lift it is, if that is not to be recognised.
    side
        Whose angles are taken of a file that has both: the side that the other recording shows, where it is known.

    Raises
    ------
    formcheck.errors.FormcheckError
        Where the two have no angle or no time in common, or too few samples.
    """
    with speak_of_arguments():
        return compare_recordings(Path(a), Path(b), shift_s=shift, lift=lift, side=side)


def compare_recordings(a: Path, b: Path, *, shift_s: float | None, lift: str | None, side: str | None) -> Agreement:
    """Do what `agree` says, with errors that speak of the command line's flags."""
    if side is not None and side not in SIDES:
        raise SettingsError(f"--side cannot be {side}.", "The choices are: left, right.")
    if shift_s is not None and not np.isfinite(shift_s):
        raise SettingsError(f"--shift cannot be {shift_s}.", "Give seconds to add to A's times.")
    read = _read_both(a, b, lift, next((each for each in SIDES if each == side), None))
    one, other = (_read_radians(mine, theirs) for mine, theirs in (read, read[::-1]))
    names = [name for name in one.channels if name in other.channels]
    if not names:
        raise InputError(
            f"{a} and {b} have no angle in common: A has {_list(one)}, B has {_list(other)}.",
            "Give the columns the same names, in degrees: knee_flexion_deg, hip_flexion_deg, trunk_deg, or OpenSim's.",
        )
    shift = _find_shift(one, other, names) if shift_s is None else Shift(shift_s, found=False)
    on_b_s = one.time_s + shift.seconds
    common_s = timing.join_times(on_b_s, other.time_s)
    if not len(common_s):
        raise InputError(
            f"A ({on_b_s[0]:.1f} to {on_b_s[-1]:.1f} s on B's clock) and B ({other.time_s[0]:.1f} to "
            f"{other.time_s[-1]:.1f} s) do not overlap in time.",
            "Leave --shift out to have it found, or give the seconds to add to A's times.",
        )
    both = {
        name: (
            timing.place(on_b_s, one.channels[name], common_s),
            timing.place(other.time_s, other.channels[name], common_s),
        )
        for name in names
    }
    angles = {name: _pair(name, common_s, *values, in_time=True) for name, values in both.items()}
    if not any(pairs.statistics for pairs in angles.values()):
        most = max(len(pairs.a) for pairs in angles.values())
        raise InputError(
            f"{a} and {b} have {count_noun(most, 'sample')} in common.",
            f"Agreement needs {LEAST_SAMPLES} or more: record longer, or check the gaps and --shift.",
        )
    return Agreement(
        a=a,
        b=b,
        shift=shift,
        begin_s=float(common_s[0]),
        end_s=float(common_s[-1]),
        step_s=float(np.median(np.diff(common_s))) if len(common_s) > 1 else np.nan,
        angles=angles,
        events=_pair_events(one, other, shift.seconds, common_s, both),
        notes=(*one.notes, *other.notes, *_beware(one, other, shift)),
    )


def _read_both(a: Path, b: Path, lift: str | None, side: Side | None) -> tuple[Recorded, Recorded]:
    """Read both; who knows the lift and the side tells the other."""
    settings = load_settings(lift=lift)
    read: dict[Path, Recorded] = {}
    order = sorted((a, b), key=lambda path: not path.is_dir() and path.suffix.lower() not in {".json"})  # reports first
    for path in order:
        known = next(iter(read.values()), None)
        if known is not None and lift is None and known.lift is not None:
            settings = load_settings(lift=known.lift)
        read[path] = read_recording(path, settings, side or (known.side if known else None))
    return read[a], read[b]


def _read_radians(mine: Recorded, theirs: Recorded) -> Recorded:
    """Return `mine` with the angles that name no unit as degrees, where the other recording says that they are radians:
    none of them leaves a radian's half turn, while one of the same angles there moves by tens of degrees.
    """
    values = {name: mine.channels[name] for name in mine.unitless}
    if not values or max(float(np.nanmax(np.abs(each))) for each in values.values()) > HALF_TURN_RAD:
        return mine
    moves_deg = [float(np.ptp(each[np.isfinite(each)])) for name, each in theirs.channels.items() if name in values]
    if max(moves_deg, default=0.0) < DEGREES_MOVE:
        return mine
    note = (
        f"{mine.path.name} names no unit: its angles stay within {HALF_TURN_RAD} and the other's do not, so they were "
        "read as radians. To have them as degrees, write _deg behind their names."
    )
    turned = {name: np.degrees(each) if name in values else each for name, each in mine.channels.items()}
    return replace(mine, channels=turned, notes=(*mine.notes, note))


def _list(recorded: Recorded) -> str:
    return join_words(list(recorded.channels)[:6]) or "none"


def _find_shift(one: Recorded, other: Recorded, names: list[str]) -> Shift:
    found = timing.find_shift(
        one.time_s,
        {name: one.channels[name] for name in names},
        other.time_s,
        {name: other.channels[name] for name in names},
    )
    if found is None:
        raise InputError(
            f"The shift between {one.path} and {other.path} cannot be found: too little overlap, or nothing moves.",
            "Give the seconds to add to A's times: --shift 0 if both have one clock.",
        )
    return found


def _beware(one: Recorded, other: Recorded, shift: Shift) -> tuple[str, ...]:
    words = []
    if shift.found and shift.correlation < POOR:
        words.append(
            f"A and B barely move together (correlation {shift.correlation:.2f}). Make sure that they "
            "show the same set and hold the same angles."
        )
    if shift.rival_s is not None:
        words.append(
            f"A shift of {shift.rival_s:.2f} s fits nearly as well, as happens when all repetitions look alike. Give "
            "the true shift if you know it."
        )
    if one.side is not None and other.side is not None and one.side != other.side:
        words.append(f"A shows the {one.side} side and B the {other.side}: part of any difference may come from that.")
    return tuple(words)


def _pair(name: str, time_s: FloatArray, a: FloatArray, b: FloatArray, *, in_time: bool) -> Pairs:
    """Return the pairs that both have, with their statistics where they are enough."""
    seen = np.isfinite(a) & np.isfinite(b)
    time_s, a, b = time_s[seen], a[seen], b[seen]
    least = LEAST_SAMPLES if in_time else LEAST_PAIRS
    if len(a) < least:
        count = count_noun(len(a), "sample" if in_time else "repetition")
        return Pairs(name, time_s, a, b, None, f"{count} in common, and at least {least} are needed")
    return Pairs(name, time_s, a, b, describe_agreement(a, b, in_time=in_time))


def _pair_events(
    one: Recorded,
    other: Recorded,
    shift_s: float,
    common_s: FloatArray,
    angles: Mapping[str, tuple[FloatArray, FloatArray]],
) -> dict[str, Pairs]:
    """Return the events that both have, and the most of each angle in every repetition that is whole in the overlap.

    Repetitions are those of A, or of B where A has none; A's and B's belong together where one's turn lies in the
    other.
    """
    owner, own_s = (one, shift_s) if one.reps else (other, 0.0)
    inside = [rep for rep in owner.reps if rep.start_s + own_s >= common_s[0] and rep.stop_s + own_s <= common_s[-1]]
    found: dict[str, Pairs] = {}
    if one.reps and other.reps:
        couples = [
            (mine, theirs)
            for mine in one.reps
            for theirs in other.reps
            if theirs.start_s <= mine.turn_s + shift_s <= theirs.stop_s
        ]
        names = dict.fromkeys(name for mine, _ in couples for name in one.events[mine.number])
        for name in names:
            values = [
                (mine.turn_s + shift_s, one.events[mine.number][name], other.events[theirs.number][name])
                for mine, theirs in couples
                if name in one.events[mine.number] and name in other.events[theirs.number]
            ]
            if values:
                found[name] = _pair(name, *np.array(values).T, in_time=False)
    for name, (a, b) in angles.items():
        peaks = [
            (rep.turn_s + own_s, np.max(a[part]), np.max(b[part]))
            for rep in inside
            if (part := (common_s >= rep.start_s + own_s) & (common_s <= rep.stop_s + own_s)).any()
        ]
        if peaks:
            stem = name.removesuffix("_deg")
            found[f"{stem}_max_deg"] = _pair(f"{stem}_max_deg", *np.array(peaks).T, in_time=False)
    return found
