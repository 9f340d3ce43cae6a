"""A person's mesh and skeleton: shapes -> rest mesh, joints, skinning weights.

Conventions: metres; +x to the person's left, +y up, +z forward; the rest pose stands with the arms held off the body.
`template_m` is the neutral mesh before any shape: the place on the skin, whoever the person is. Colours and clothes go
by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

BODY_FILE = Path(__file__).parent / "makehuman" / "body.npz"
STEP_M = 1e-4
ARMS = ("upperarm", "lowerarm", "wrist", "finger")
HIP_SLAB_M = (0.07, 0.03)  # of the skin that tells this depth: half its width, half its height

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Build:
    """What a person looks like.

    sex: 0 woman to 1 man. muscle, weight: 0 little, 0.5 average, 1 much. proportions: -1 the shape of a short adult to
    1 that of a tall one, before the whole is scaled to `stature_m`. ancestry: shares, which need not add up to 1.
    hip_depth: where the hip joints lie at their height, 0 the back to 1 the front; None: where MakeHuman has them.
    """

    sex: float = 0.0
    muscle: float = 0.65
    weight: float = 0.5
    stature_m: float = 1.72
    proportions: float = 0.0
    ancestry: tuple[tuple[str, float], ...] = (("african", 1.0), ("asian", 1.0), ("caucasian", 1.0))
    hip_depth: float | None = None


@dataclass(frozen=True)
class Body:
    """A person at rest; V vertices, F triangles, J joints (bones, then points without a bone)."""

    vertices_m: Floats  # (V, 3)
    template_m: Floats  # (V, 3)
    triangles: Ints  # (F, 3)
    part: Ints  # (V,) 0 body, 1 left eye, 2 right eye
    names: tuple[str, ...]  # J
    parents: Ints  # (J,) -1 for the root
    joints_m: Floats  # (J, 3)
    template_joints_m: Floats  # (J, 3)
    skin_bones: Ints  # (V, 8)
    skin_weights: Floats  # (V, 8), each row adds up to 1

    def index(self, name: str) -> int:
        """Give the number of a joint."""
        return self.names.index(name)

    def joint(self, name: str) -> Floats:
        """Give a joint's rest position, (3,) in metres."""
        place: Floats = self.joints_m[self.index(name)]
        return place


@cache
def load_file() -> Mapping[str, npt.NDArray[np.generic]]:
    """Read the committed body file once."""
    with np.load(BODY_FILE, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def between(value: float, low: str, high: str, middle: str = "average") -> dict[str, float]:
    """Share `value` (0 low, 0.5 middle, 1 high) between the two nearest of three levels."""
    away = min(max(2.0 * value - 1.0, -1.0), 1.0)
    return {low: max(-away, 0.0), middle: 1.0 - abs(away), high: max(away, 0.0)}


def target_shares(build: Build) -> dict[str, float]:
    """Say how much of each shape a person has; names as in the body file."""
    sexes = {"female": 1.0 - build.sex, "male": build.sex}
    total = sum(share for _, share in build.ancestry)
    muscles, weights = between(build.muscle, "min", "max"), between(build.weight, "min", "max")
    shares: dict[str, float] = {}
    for sex, portion in sexes.items():
        for people, share in build.ancestry:
            shares[f"{people}-{sex}-young"] = portion * share / total
        for muscle, m in muscles.items():
            for weight, w in weights.items():
                shares[f"universal-{sex}-young-{muscle}muscle-{weight}weight"] = portion * m * w
        end = "max" if build.proportions > 0 else "min"
        shares[f"height/{sex}-young-averagemuscle-averageweight-{end}height"] = portion * abs(build.proportions)
    return shares


def hip_z_m(vertices_m: Floats, hip_m: Floats, trunk: npt.NDArray[np.bool_], depth: float) -> float:
    """Say where, forward +, a hip joint lies at a share `depth` of the flesh at its height, metres.

    hip_m (3,): for the height. trunk (V,): neither arms nor eyes. MakeHuman's hip joints lie at 0.40 (men) to 0.53
    (women). Harrington et al. 2007 (J Biomech 40:595), on the iliac spines of seventeen of these bodies, 10 mm under
    the skin and the pelvis tilted by 12 deg, puts them at 0.59 on average; the legs of the rest mesh are then straight
    (knee flexion 2 deg, 7 with MakeHuman's).
    """
    away = np.abs(vertices_m - hip_m)
    slab = vertices_m[trunk & (away[:, 0] < HIP_SLAB_M[0]) & (away[:, 1] < HIP_SLAB_M[1]), 2]
    return float(slab.min() + depth * np.ptp(slab))


def make_body(build: Build) -> Body:
    """Mix the shapes of one person and scale the result to the stature."""
    stored = load_file()
    shares = target_shares(build)
    mix = np.array([shares.get(str(name), 0.0) for name in stored["target_names"]])
    template = stored["vertices_m"].astype(float)
    joints = stored["joints_m"].astype(float)
    shaped = template + np.tensordot(mix, stored["target_steps"].astype(float), 1) * STEP_M
    shaped_joints = joints + np.tensordot(mix, stored["target_joints_m"].astype(float), 1)
    scale = build.stature_m / float(np.ptp(shaped[:, 1]))
    weights = stored["skin_weights"].astype(float)
    names = tuple(str(name) for name in stored["bone_names"])
    places = shaped_joints * scale
    if build.hip_depth is not None:
        arms = np.array([name.startswith(ARMS) for name in names])
        trunk = (stored["part"] == 0) & ~arms[stored["skin_bones"][:, 0]]
        hips = [names.index(f"upperleg01.{side}") for side in "LR"]
        places[hips, 2] = hip_z_m(shaped * scale, places[hips[0]], trunk, build.hip_depth)
    return Body(
        vertices_m=shaped * scale,
        template_m=template,
        triangles=stored["triangles"].astype(np.int64),
        part=stored["part"].astype(np.int64),
        names=names,
        parents=stored["parents"].astype(np.int64),
        joints_m=places,
        template_joints_m=joints,
        skin_bones=stored["skin_bones"].astype(np.int64),
        skin_weights=weights / weights.sum(axis=1, keepdims=True),
    )


def place_joints(body: Body, rotations: Floats, root_m: Floats) -> Floats:
    """Walk the skeleton to the joints' places (T, J, 3), metres.

    rotations: absolute, against the rest, (T, J, 3, 3). root_m: place of the root, (T, 3).
    """
    joints = np.empty((*rotations.shape[:2], 3))
    for number, parent in enumerate(body.parents):
        if parent < 0:
            joints[:, number] = root_m
            continue
        step = body.joints_m[number] - body.joints_m[parent]
        rows = rotations[:, parent].reshape(-1, 3)  # one product instead of T: the same bits in a third of the time
        joints[:, number] = joints[:, parent] + (rows @ step).reshape(-1, 3)
    return joints


def skin_matrices(body: Body, rotations: Floats, joints_m: Floats) -> Floats:
    """Give the (J, 3, 4) matrices that carry rest points to one pose: rotations (J, 3, 3), joints (J, 3)."""
    shift = joints_m - np.einsum("jab,jb->ja", rotations, body.joints_m)
    return np.concatenate([rotations, shift[:, :, None]], axis=2)


def skin(body: Body, vertices_m: Floats, matrices: Floats) -> Floats:
    """Carry rest vertices (V, 3) to a pose by linear blend skinning; matrices (J, 3, 4)."""
    homogeneous = np.concatenate([vertices_m, np.ones((len(vertices_m), 1))], axis=1)
    blended = np.einsum("vk,vkab->vab", body.skin_weights, matrices[body.skin_bones])
    carried: Floats = np.einsum("vab,vb->va", blended, homogeneous)
    return carried


def vertex_normals(vertices_m: Floats, triangles: Ints) -> Floats:
    """Give area-weighted unit normals, (V, 3)."""
    a, b, c = (vertices_m[triangles[:, corner]] for corner in range(3))
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices_m)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], faces)
    length: Floats = np.linalg.norm(normals, axis=1, keepdims=True)
    return normals / np.maximum(length, 1e-12)
