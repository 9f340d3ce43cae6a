"""The bank's small files: what the pose model saw of every set and what is true of it, a file a split and lift.

`python -m benchmarks.bank.pack` writes them from what `benchmarks.bank.build` left, `read_bank` reads them. Kept: the
landmarks that anything behind the pose model looks at, the outline on the back's side (every second station), the
plate, and the truth by frame and repetition. Numbers are rounded to `STEPS` (the model's own noise is ten times that),
then stored as differences from frame to frame, those of an outline from station to station as well, the bytes of each
place together, which LZMA makes small.
"""

import argparse
import io
import json
import lzma
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.bank.build import HOME, model_of
from formcheck.data import BackContour, PoseProvenance, PoseSequence, Source
from formcheck.pose.torso_contour import STATIONS
from formcheck.skeleton import CHAIN, N_LANDMARKS, SIDES, Landmark, landmark
from samples.renderer.bank import HINGES

Floats = npt.NDArray[np.float64]
Arrays = dict[str, npt.NDArray[Any]]

DATA = Path(__file__).parent / "data"
KEPT = [Landmark.NOSE, *(landmark(side, joint) for joint in CHAIN for side in SIDES)]
# The camera's yaw, of a lying body by the thighs: a hinge's stored sets hold the first four.
KEPT_IN_DEPTH = [landmark(side, joint) for joint in ("shoulder", "hip", "knee") for side in SIDES]
IN_DEPTH_OF_HINGES = 4
EVERY_STATION = 2
STEPS = {  # of what is stored, in its unit: px, m, share, px, px, px, s
    "xy_px": 0.125, "world_m": 0.01, "visibility": 1 / 32, "chord_px": 0.125, "depth_px": 0.125, "edge_px": 0.125,
    "plate_px": 0.25,
    "time_s": 1e-5, "truth_deg": 0.1, "truth_leg": 0.001, "truth_px": 0.5,
}  # fmt: skip
ALONG = frozenset({"depth_px"})  # stored as differences along their last axis as well
PACKING = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "pb": 0}]  # 1.5 % less than preset 9
TRUE_DEG = ("hip_flexion_deg", "knee_flexion_deg", "trunk_deg", "lumbar_deg")
TRUE_PX = ("shoulder", "hip", "knee", "ankle")
NOT_SEEN = np.iinfo(np.int32).min


@dataclass(frozen=True, eq=False)
class BankSet:
    """One set: the pose model's output, None (and `lost` the reason) where the lifter was not found, and the truth.

    truth: as in a clip's truth file, without its frames. frames: true angles (deg) by name, `hip_back_leg`, and the
    near side's joints (T, 2) px under "points_px", at the pose model's frames `time_s`.
    """

    name: str
    source: Source | None
    poses: PoseSequence | None
    truth: dict[str, Any]
    frames: dict[str, Any]
    lost: str | None = None

    @property
    def lift(self) -> str:
        """Which lift it is."""
        return str(self.truth["lift"])


def shrink(values: Floats, step: float, *, along: bool = False) -> npt.NDArray[np.uint8]:
    """Round values (T, ...) to steps, as differences in time, (4, ..., T): the four bytes of each, the lowest first.

    along : these differ along the last axis in place. A difference wraps as int32 does; its sign is its lowest bit, so
    that the upper bytes of small ones are 0.
    """
    steps = np.where(np.isfinite(values), np.round(values / step), NOT_SEEN).astype(np.int32)
    if along:
        steps = np.diff(steps, axis=-1, prepend=np.int32(0))
    differences = np.moveaxis(np.diff(steps, axis=0, prepend=np.int32(0)), 0, -1)
    folded = np.ascontiguousarray((differences << 1) ^ (differences >> 31), "<i4")
    return np.ascontiguousarray(np.moveaxis(folded.view(np.uint8).reshape(*folded.shape, 4), -1, 0))


def grow(stored: npt.NDArray[np.uint8], step: float, *, along: bool = False) -> Floats:
    """Undo `shrink`, but for the rounding: (4, ..., T) to (T, ...)."""
    folded = np.ascontiguousarray(np.moveaxis(stored, 0, -1)).view("<u4")[..., 0]
    differences = (folded >> 1).astype(np.int32) ^ -(folded & 1).astype(np.int32)
    steps = np.cumsum(np.moveaxis(differences, -1, 0), axis=0, dtype=np.int32)  # wraps as the differences did
    if along:
        steps = np.cumsum(steps, axis=-1, dtype=np.int32)
    values = np.array(steps, np.float64) * step
    values[steps == NOT_SEEN] = np.nan
    return values


def dorsal_side(truth: dict[str, Any]) -> int:
    """Return which of a contour's two sides is the back (see `data.BackContour`); a truth's facing is +1 for right."""
    return 1 if truth["facing"] > 0 else 0


def at_frames(truth: dict[str, Any], time_s: Floats) -> dict[str, Floats]:
    """Interpolate what is kept of a truth's frames to the pose model's."""
    frames, near = truth["frames"], truth["near_side"]
    given = np.array(frames["time_s"])

    def at(values: Any) -> Floats:
        table = np.array(values, float)
        if table.ndim == 1:
            return np.asarray(np.interp(time_s, given, table))
        return np.stack([np.interp(time_s, given, table[:, axis]) for axis in range(table.shape[1])], axis=1)

    points = np.stack([at(frames["points_px"][near][name]) for name in TRUE_PX], axis=1)
    back = at(frames["hip_back_leg"]) if "hip_back_leg" in frames else np.zeros(len(time_s))
    return {"truth_deg": np.stack([at(frames[name]) for name in TRUE_DEG], axis=1), "truth_leg": back,
            "truth_px": points}  # fmt: skip


def packed_set(arrays: Arrays, truth: dict[str, Any]) -> Arrays:
    """Pack one set as `benchmarks.bank.build` left it."""
    about = {key: value for key, value in truth.items() if key != "frames"}
    if "lost" in arrays:
        return {"about": np.array(json.dumps({"truth": about, "lost": str(arrays["lost"])}))}
    dorsal = dorsal_side(truth)
    in_depth = KEPT_IN_DEPTH[:IN_DEPTH_OF_HINGES] if truth["lift"] in HINGES else KEPT_IN_DEPTH
    seen: dict[str, Floats] = {
        "time_s": arrays["time_s"], "xy_px": arrays["xy_px"][:, KEPT], "world_m": arrays["world_m"][:, in_depth],
        "visibility": arrays["visibility"][:, KEPT], "chord_px": arrays["chord_px"],
        "depth_px": arrays["depth_px"][:, dorsal, ::EVERY_STATION], "edge_px": arrays["edge_px"],
        "plate_px": arrays["plate_px"],
        **at_frames(truth, arrays["time_s"]),
    }  # fmt: skip
    texts = {"truth": about, "texts": json.loads(str(arrays["texts"]))}
    return {"about": np.array(json.dumps(texts))} | {
        name: shrink(seen[name], STEPS[name], along=name in ALONG) for name in seen
    }


def unpacked_set(name: str, stored: Arrays) -> BankSet:
    """Undo `packed_set`, but for what was not kept: NaN."""
    about = json.loads(str(stored["about"]))
    if "lost" in about:
        return BankSet(name, None, None, about["truth"], {}, about["lost"])
    values = {key: grow(stored[key], STEPS[key], along=key in ALONG) for key in STEPS}
    count = len(values["time_s"])
    xy_px, visibility = np.full((count, N_LANDMARKS, 2), np.nan), np.full((count, N_LANDMARKS), np.nan)
    world_m = np.full((count, N_LANDMARKS, 3), np.nan)
    xy_px[:, KEPT], visibility[:, KEPT] = values["xy_px"], values["visibility"]
    world_m[:, KEPT_IN_DEPTH[: values["world_m"].shape[1]]] = values["world_m"]
    stations = STATIONS[::EVERY_STATION]
    depth_px = np.full((count, 2, len(stations)), np.nan)
    depth_px[:, dorsal_side(about["truth"])] = values["depth_px"]
    source = Source(**{**about["texts"]["source"], "size_px": tuple(about["texts"]["source"]["size_px"])})
    poses = PoseSequence(
        time_s=values["time_s"],
        xy_px=xy_px,
        world_m=world_m,
        visibility=visibility,
        size_px=source.size_px,
        back=BackContour(values["chord_px"], stations, depth_px),
        provenance=PoseProvenance(**about["texts"]["provenance"]),
        plate_px=values["plate_px"],
        edge_px=values["edge_px"],
    )
    frames: dict[str, Any] = dict(zip(TRUE_DEG, values["truth_deg"].T, strict=True))
    frames |= {"time_s": values["time_s"], "hip_back_leg": values["truth_leg"]}
    frames["points_px"] = dict(zip(TRUE_PX, np.moveaxis(values["truth_px"], 1, 0), strict=True))
    return BankSet(name, source, poses, about["truth"], frames)


def write_pack(path: Path, sets: Iterable[tuple[str, Arrays]]) -> int:
    """Write sets into one file. Returns how many."""
    table = {f"{name}/{key}": value for name, arrays in sets for key, value in arrays.items()}
    plain = io.BytesIO()
    np.savez(plain, **table)  # type: ignore[arg-type]  # the names are no parameters of its own
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress(plain.getvalue(), filters=PACKING))
    return len({key.split("/")[0] for key in table})


def read_pack(path: Path) -> Iterator[BankSet]:
    """Read the sets of one file."""
    with np.load(io.BytesIO(lzma.decompress(path.read_bytes())), allow_pickle=False) as table:
        names = sorted({key.split("/")[0] for key in table.files})
        keys: dict[str, list[str]] = {name: [] for name in names}
        for key in table.files:
            keys[key.split("/")[0]].append(key)
        for name in names:
            yield unpacked_set(name, {key.split("/")[1]: table[key] for key in keys[name]})


def read_bank(split: str, lift: str, model: str | None = None, folder: Path = DATA) -> list[BankSet]:
    """Return the sets of a split and lift as one model saw them, the lift's own if none is named; none where no file is
    there.
    """
    path = folder / f"{split}_{lift}.{model or model_of(lift)}.xz"
    return list(read_pack(path)) if path.exists() else []


def pack_home(home: Path, out: Path) -> None:
    """Write what `benchmarks.bank.build` left in a folder as small files, a file a split, lift and model."""
    groups: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(home.glob("*.npz")):
        name, model, _ = path.name.split(".")
        groups.setdefault((name.rpartition("_")[0], model), []).append(path)
    for (group, model), paths in groups.items():
        sets = []
        for path in paths:
            truth = json.loads(path.with_name(path.name.split(".")[0] + ".truth.json").read_text(encoding="utf-8"))
            with np.load(path) as arrays:
                sets.append((path.name.split(".")[0], packed_set(dict(arrays), truth)))
        written = out / f"{group}.{model}.xz"
        count = write_pack(written, sets)
        print(f"{written.name}: {count} sets, {written.stat().st_size / 1e6:.2f} MB", file=sys.stderr)


def main() -> int:
    """Pack from the command line."""
    parser = argparse.ArgumentParser(description="Write the bank's small files from what was built.")
    parser.add_argument("--home", type=Path, default=HOME, help="folder of what was built")
    parser.add_argument("--out", type=Path, default=DATA)
    given = parser.parse_args()
    pack_home(given.home, given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
