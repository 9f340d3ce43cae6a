"""Clothes and colours on the skin: where they are, and how far they stand off it.

Every region is a field over the neutral mesh (`Body.template_m`): positive inside, metres to the edge, roughly. The
fragment shader cuts the interpolated fields at zero, so edges are sharp whatever the mesh.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from samples.renderer.body import Body, vertex_normals

SHOULDER_Y_M = 0.50  # on the neutral mesh: cloth above it lies on the shoulders
STANDING_OFF = 0.5  # share of its slack by which loose cloth stands off an upright body
LOOSE_ROUNDS = 40
SOLE_M, SHOE_M = 0.016, 0.007  # thickness of a shoe under and around the foot

Floats = npt.NDArray[np.float64]
Colour = tuple[float, float, float]

# The hairline's height on the neutral mesh from the nape (z < 0) over the ear to the forehead.
HAIRLINE_Z_M = (-0.06, -0.01, 0.018, 0.035, 0.075, 0.092, 0.115, 0.145)
HAIRLINE_Y_M = (0.640, 0.648, 0.680, 0.738, 0.740, 0.728, 0.782, 0.798)
FIELDS = ("shirt", "shorts", "shoes", "hair", "socks", "brows", "lips", "iris")


@dataclass(frozen=True)
class Outfit:
    """Colours (sRGB, 0..1) and how far the clothes stand off the skin, metres.

    loose_m: how far cloth hangs off at the hem of a loose shirt; it is tight at the shoulders, stands off evenly on an
    upright body, sinks on what is turned up and hangs down from what is turned down. shirt_hem_m: the hem's height on
    the neutral mesh (0.085: over the shorts' edge; 0: around the hips).
    """

    skin: Colour = (0.78, 0.57, 0.45)
    hair: Colour = (0.20, 0.13, 0.09)
    shirt: Colour = (0.10, 0.42, 0.47)
    shorts: Colour = (0.11, 0.12, 0.16)
    shoes: Colour = (0.20, 0.21, 0.24)
    socks: Colour = (0.80, 0.80, 0.80)
    shirt_off_m: float = 0.006
    shorts_off_m: float = 0.010
    shorts_length_m: float = 0.20
    loose_m: float = 0.0
    shirt_hem_m: float = 0.085


def sleeve_share(body: Body) -> Floats:
    """Place of each vertex along its upper arm, (V,): 0 shoulder, 1 elbow, more beyond, 0 in the trunk."""
    arm_bones = [i for i, name in enumerate(body.names) if name.startswith(("upperarm", "lowerarm", "wrist", "finger"))]
    in_arm = (body.skin_weights * np.isin(body.skin_bones, arm_bones)).sum(axis=1) > 0.5
    shares = []
    for side in "LR":
        start = body.template_joints_m[body.index(f"upperarm01.{side}")]
        arm = body.template_joints_m[body.index(f"lowerarm01.{side}")] - start
        shares.append((body.template_m - start) @ arm / (arm @ arm))
    return np.where(in_arm, np.where(body.template_m[:, 0] > 0, shares[0], shares[1]), 0.0)


def region_fields(body: Body, outfit: Outfit) -> Floats:
    """Evaluate the regions at each vertex, (V, 8) in the order of `FIELDS`, metres, positive inside."""
    x, y, z = body.template_m.T
    collar = np.maximum(0.558 - y - 0.38 * (z - 0.01), np.hypot(0.85 * x, z - 0.005) - 0.066)
    shirt = np.minimum(
        np.minimum(y - outfit.shirt_hem_m, 0.24 * (0.50 - sleeve_share(body))), np.minimum(collar, 0.605 - y)
    )
    shorts = np.where(np.abs(x) < 0.30, np.minimum(0.13 - y, y + outfit.shorts_length_m), -1.0)
    hair = y - np.interp(z, HAIRLINE_Z_M, HAIRLINE_Y_M)
    eyes = body.template_m[body.part == 1].mean(axis=0)
    from_eye = np.abs(x) - eyes[0]
    brows = 0.0042 - np.abs(y - eyes[1] - 0.021 + 4.0 * from_eye**2) - 0.35 * np.maximum(np.abs(from_eye) - 0.014, 0.0)
    lips = 0.0085 - np.hypot(0.40 * x, y - 0.664)
    iris = 0.0062 - np.hypot(from_eye, y - eyes[1])
    face = (z > 0.09) & (body.part == 0)
    columns = (
        shirt, shorts, -0.735 - y, np.where(body.part == 0, hair, -1.0), -0.665 - y,
        np.where(face, brows, -0.05), np.where(face, lips, -0.05), np.where(body.part > 0, iris, -1.0),
    )  # fmt: skip
    return np.stack(columns, axis=1)


def smoothing(triangles: npt.NDArray[np.int64], count: int) -> sparse.csr_array:
    """Build the matrix (count, count) that replaces each vertex by the mean of its neighbours."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    both = np.concatenate([edges, edges[:, ::-1]])
    links = sparse.csr_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(count, count))
    links.data[:] = 1.0
    degree = np.maximum(np.asarray(links.sum(axis=1)).ravel(), 1.0)
    links.data /= np.repeat(degree, np.diff(links.indptr))
    return links


def smoothed(vertices_m: Floats, normals: Floats, matrix: sparse.csr_array, share: Floats, rounds: int) -> Floats:
    """Smooth vertices (V, 3) `rounds` times along their normals (V, 3), each by its own `share` (V,)."""
    result = vertices_m
    for _ in range(rounds):
        step = matrix @ result - result
        result = result + (share * np.sum(step * normals, axis=1))[:, None] * normals
    return result


def ramp(field: Floats, width_m: float) -> Floats:
    """Rise from 0 at the edge of a region to 1 at `width_m` inside it."""
    share = np.clip(field / width_m, 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)


def slack_m(body: Body, outfit: Outfit) -> Floats:
    """How far loose cloth can hang off at each vertex, (V,): none at the collar, `loose_m` at hem and cuff."""
    if outfit.loose_m <= 0.0:
        return np.zeros(len(body.vertices_m))
    shirt = region_fields(body, outfit)[:, 0]
    share = (SHOULDER_Y_M - body.template_m[:, 1]) / (SHOULDER_Y_M - outfit.shirt_hem_m)
    sleeve = sleeve_share(body)
    share = np.where(sleeve > 0.0, sleeve, share)
    slack: Floats = outfit.loose_m * np.clip(share, 0.0, 1.0) * ramp(shirt, 0.015)
    return slack


def dressed(body: Body, outfit: Outfit) -> tuple[Floats, Floats]:
    """Put clothes on the rest mesh: vertices (V, 3) metres and fields (V, 8)."""
    fields = region_fields(body, outfit)
    shirt, shorts, shoes, hair = fields[:, :4].T
    matrix = smoothing(body.triangles, len(body.vertices_m))
    normals = vertex_normals(body.vertices_m, body.triangles)
    soft = [0.5 * ramp(shirt, 0.03), 0.5 * ramp(shorts, 0.03), 0.5 * ramp(hair, 0.01), 0.6 * ramp(shoes, 0.01)]
    cloth = np.maximum.reduce(soft)
    vertices = smoothed(body.vertices_m, normals, matrix, cloth, 12)
    slack = slack_m(body, outfit)
    if outfit.loose_m > 0.0:
        vertices = smoothed(vertices, normals, matrix, np.clip(slack / outfit.loose_m, 0.0, 0.8), LOOSE_ROUNDS)
    off = np.maximum(outfit.shirt_off_m * ramp(shirt, 0.01), outfit.shorts_off_m * ramp(shorts, 0.01))
    off = np.maximum(off, 0.016 * ramp(hair, 0.025)) + STANDING_OFF * slack
    vertices = vertices + off[:, None] * vertex_normals(vertices, body.triangles)
    for side in (-1.0, 1.0):
        foot = (body.template_m[:, 1] < -0.70) & (side * body.template_m[:, 0] > 0)
        vertices[foot] = shod(vertices[foot], ramp(shoes[foot], 0.03))
    return vertices, fields


def shod(foot_m: Floats, share: Floats) -> Floats:
    """Turn a foot (N, 3) into a shoe where `share` (N,) is 1: a rounded shell around it on a flat sole."""
    x, y, z = foot_m.T
    sole = y.min() - SOLE_M
    places = np.linspace(z.min(), z.max(), 12)
    near = np.abs(z[:, None] - places) < 0.035
    right, left = (np.array([side(x[chosen]) for chosen in near.T]) for side in (np.max, np.min))
    top = np.array([y[chosen].max() for chosen in near.T]) - sole
    middle = np.interp(z, places, (left + right) / 2.0)
    half = np.interp(z, places, (right - left) / 2.0 + SHOE_M)
    height = np.interp(z, places, top + SHOE_M)
    across, up = (x - middle) / half, (y - sole) / height
    outward = np.clip((np.abs(across) ** 3 + np.abs(up) ** 3) ** (-1.0 / 3.0), 1.0, 1.3)
    bottom = y < sole + SOLE_M + 0.006
    raised = np.where(bottom, sole, sole + outward * up * height)
    shell = np.stack([middle + outward * across * half, raised, z], axis=1)
    length = (z - places[0]) / (places[-1] - places[0])
    shell[:, 2] += (2.0 * length - 1.0) * SHOE_M
    return foot_m + share[:, None] * (shell - foot_m)


def sole_height_m(vertices_m: Floats, shoes: Floats) -> float:
    """Height of the lowest point of the shoes at rest."""
    return float(vertices_m[shoes > 0, 1].min())
