"""Plates at the ends of a bar, found as circles near the hands.

A plate is told by its edge alone, whatever its colour: every edge point votes for the centres that lie one radius away
along its gradient, on either side. Whether a set has a plate at all is settled once, from the scouted pictures
(`find_plate`): one radius in most of them, a centre that goes where the hands go. Each picture of the second pass is
then searched for that one circle (`Spotter`); without a plate it costs nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.data import RGB, BoolArray, FloatArray
from formcheck.skeleton import Landmark

Grey = NDArray[np.uint8]

RADIUS_BODY = (
    0.12,
    0.26,
)  # of the lifter's length, head to ankle: renders with 45 cm have 0.18-0.21, 35 cm 0.15 [S]
RADIUS_STEP = 1.08  # from one tried radius to the next
SAME_RADIUS = 0.05  # radii that differ by less are one plate's
ZONE_BODY = 0.30  # lengths from the middle of both wrists within which the centre lies [D]
SCOUTED_PICTURES = 16  # scouted pictures, at most
FIRST_LOOKED_AT = 6  # of them; where fewer than ...
FIRST_SHOWN = 2  # ... show a circle, there is no plate
LOOK_BODY_PX = 320.0  # the lifter's length in the pictures in which a plate is looked for, at most
LEAST_RADIUS_PX = 24.0  # there: of a smaller circle every edge lies near, and a bell beside a hip passes for one [S]
LEAST_SIGHTINGS = 3  # of them must show the plate [D] ...
PLATE_SEEN_OFTEN = 0.6  # ... and this share of those from the first to the last that do [D]
SEEN_WELL = 0.55  # support that counts as seen there [D]
SUPPORTED = 0.66  # median support of a plate there: 0.74 to 0.97 in 28 rendered clips and a real one [S]
FOLLOWS = 0.5  # of the wrists' excursion that the centre's must have: what hangs on the wall has none [D]
LEAST_EXCURSION_BODY = 0.05  # of a circle that moves so little nothing can be told
LOW_BODY = 0.15  # lengths below the middle of the shoulders from which a plate can hide the leg [D]
CANNY = (30, 80)  # steps of an 8-bit picture, Sobel: an edge of 10 grey levels counts if a stronger one begins it [D]
BLUR_SIGMA = 1.0  # pixels, before edges are looked for
VOTE_CELL_PX = 2  # of the grid in which votes are counted
CANDIDATES = 6  # circles of one scouted picture that are refined
SPOTTED = 3  # circles of one picture of the second pass that are refined
GROWN_TIMES = 3  # steps of RADIUS_STEP in which an edge outside one that was found is looked for
RAYS = 96  # along which a circle's edge is looked for
EDGE_REACH = 0.10  # of the radius: how far from the expected edge it is looked for
NEAR_EDGE = 0.035  # of the radius: an edge point this near the fitted circle lies on it; a plate turned 20 deg fits
SETTLE_STEPS = 4  # of fitting the circle to its edge
MIN_STEP = 6.0  # grey levels within two pixels that make an edge along a ray [D]
MIN_SUPPORT = 0.40  # share of the rays that must meet the circle's edge [D]
JUMP_COST = 0.5  # support that a jump by one radius between two pictures must make good [D]
WRISTS = [Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST]
SHOULDERS = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]


@dataclass(frozen=True)
class Circle:
    """A circle in a picture, px (pixel i reaches from i to i + 1); `support` is the share of its edge that is seen."""

    x_px: float
    y_px: float
    radius_px: float
    support: float


@dataclass(frozen=True)
class Plate:
    """The plate of a set: its radius in pixels of the video, and whether it hangs low enough to hide the leg."""

    radius_px: float
    hides_leg: bool


@dataclass(frozen=True, eq=False)
class Look:
    """One scouted picture and the lifter in it: landmarks (K, 2) in the picture's pixels, NaN where not seen."""

    rgb: RGB
    xy_px: FloatArray


@dataclass(frozen=True, eq=False)
class Edges:
    """Edge points of one picture: places and unit gradients, each (N,)."""

    x_px: FloatArray
    y_px: FloatArray
    along_x: FloatArray
    along_y: FloatArray


def find_edges(grey: Grey) -> Edges:
    """Return the points of a grey picture's edges."""
    smooth = cv2.GaussianBlur(grey, (0, 0), BLUR_SIGMA)
    dx, dy = cv2.Sobel(smooth, cv2.CV_16S, 1, 0), cv2.Sobel(smooth, cv2.CV_16S, 0, 1)
    rows, columns = np.nonzero(cv2.Canny(dx, dy, *CANNY, L2gradient=True))
    gx, gy = dx[rows, columns].astype(float), dy[rows, columns].astype(float)
    size = np.hypot(gx, gy)
    return Edges(columns.astype(float), rows.astype(float), gx / size, gy / size)


def vote(edges: Edges, shape: tuple[int, int], radius_px: float) -> FloatArray:
    """Return, for each cell of 2 x 2 px as a centre, the share of a circle's edge that votes for it, roughly 0..1."""
    height, width = (-(-side // VOTE_CELL_PX) for side in shape)
    counts = np.zeros(height * width)
    for sign in (radius_px, -radius_px):
        x = ((edges.x_px + sign * edges.along_x) / VOTE_CELL_PX).astype(int)
        y = ((edges.y_px + sign * edges.along_y) / VOTE_CELL_PX).astype(int)
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        counts += np.bincount(y[inside] * width + x[inside], minlength=height * width)
    votes = counts.reshape(height, width)
    return np.asarray(cv2.boxFilter(votes, -1, (3, 3), normalize=False) / (2 * math.pi * radius_px))


def find_plate(looks: Sequence[Look], body_px: float) -> Plate | None:
    """Return the plate that the lifter holds, or None; lengths in the pixels of the looks, which share one scale.

    The largest radius wins that is seen nearly as often as the one seen most: a plate has rings inside its edge.
    """
    seen = [look for look in looks if np.isfinite(look.xy_px[WRISTS]).all()]
    found: dict[int, list[Circle]] = {}
    for place in spread(len(seen)):
        found[place] = circles_near_hands(seen[place], body_px)
        if len(found) == FIRST_LOOKED_AT and sum(map(bool, found.values())) < FIRST_SHOWN:
            return None
    in_order = [found[place] for place in range(len(seen))]
    radii = sorted({circle.radius_px for circles in in_order for circle in circles}, reverse=True)
    shares = [share_held(in_order, radius) for radius in radii]
    if not shares or max(shares) < PLATE_SEEN_OFTEN:
        return None
    often = max(PLATE_SEEN_OFTEN, 0.9 * max(shares))
    radius_px = next(radius for radius, share in zip(radii, shares, strict=True) if share >= often)
    held = [
        (look, circle)
        for look, circles in zip(seen, in_order, strict=True)
        if (circle := best_of(circles, radius_px)) is not None
    ]
    centres = np.array([(circle.x_px, circle.y_px) for _, circle in held])
    wrists = np.array([look.xy_px[WRISTS].mean(axis=0) for look, _ in held])
    shoulders = np.array([look.xy_px[SHOULDERS].mean(axis=0) for look, _ in held])
    if excursion(centres) < max(LEAST_EXCURSION_BODY * body_px, FOLLOWS * excursion(wrists)):
        return None
    if np.median([circle.support for _, circle in held]) < SUPPORTED:
        return None
    true_px = float(np.median([circle.radius_px for _, circle in held]))
    below_px = float(np.median(centres[:, 1] - shoulders[:, 1]))
    return Plate(true_px, below_px > LOW_BODY * body_px)


def spread(count: int) -> list[int]:
    """Return the places of `count` looks in an order whose beginning is spread over all of them."""
    every = max(1, count // FIRST_LOOKED_AT)
    return [place for first in range(every) for place in range(first, count, every)]


def share_held(found: Sequence[Sequence[Circle]], radius_px: float) -> float:
    """Return in what share of the pictures a circle of a radius is seen, from the first to the last that shows it:
    before and after them the hands may be empty. 0 when it is seen in fewer than LEAST_SIGHTINGS.
    """
    shown = np.flatnonzero([best_of(circles, radius_px) is not None for circles in found])
    return len(shown) / float(shown[-1] - shown[0] + 1) if len(shown) >= LEAST_SIGHTINGS else 0.0


def excursion(places: FloatArray) -> float:
    """How far places (N, 2) reach: the larger of both axes' spans between the 10th and 90th percentile."""
    low, high = np.percentile(places, (10, 90), axis=0)
    return float((high - low).max())


def best_of(circles: Sequence[Circle], radius_px: float) -> Circle | None:
    """Return the best supported circle of a radius."""
    same = [circle for circle in circles if abs(circle.radius_px / radius_px - 1) <= SAME_RADIUS]
    return max(same, key=lambda circle: circle.support, default=None)


def circles_near_hands(look: Look, body_px: float) -> list[Circle]:
    """Return the well supported circles round the lifter's hands, in the picture's pixels."""
    middle = look.xy_px[WRISTS].mean(axis=0)
    reach = (ZONE_BODY + RADIUS_BODY[1]) * body_px
    left, top = np.maximum(np.floor(middle - reach), 0).astype(int)
    right, bottom = np.ceil(middle + reach).astype(int)
    part = np.ascontiguousarray(look.rgb[top : max(bottom, top), left : max(right, left)])
    if min(part.shape[:2]) < 2 * RADIUS_BODY[0] * body_px:
        return []
    scale = min(1.0, LOOK_BODY_PX / body_px)
    small = np.asarray(cv2.resize(to_grey(part), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    count = math.ceil(math.log(RADIUS_BODY[1] / RADIUS_BODY[0], RADIUS_STEP)) + 1
    radii_px = [RADIUS_BODY[0] * body_px * scale * RADIUS_STEP**step for step in range(count)]
    found = find_circles(small, radii_px, CANDIDATES)
    found += [larger for each in found for larger in grow(small, each)]
    placed = [
        Circle(each.x_px / scale + left, each.y_px / scale + top, each.radius_px / scale, each.support)
        for each in found
    ]
    return [
        each
        for each in placed
        if each.support >= SEEN_WELL
        and each.radius_px * scale >= LEAST_RADIUS_PX
        and math.hypot(each.x_px - middle[0], each.y_px - middle[1]) <= ZONE_BODY * body_px
        and RADIUS_BODY[0] <= each.radius_px / body_px <= RADIUS_BODY[1]
    ]


class Spotter:
    """Finds a known plate in one picture after the other; prefers the circle nearest to where it was."""

    def __init__(self, radius_px: float) -> None:
        self._radius_px = radius_px
        self._last: Circle | None = None

    def spot(self, rgb: RGB) -> Circle | None:
        """Return the plate in a picture, or None."""
        found = find_circles(to_grey(rgb), [self._radius_px], SPOTTED)
        same = [each for each in found if abs(each.radius_px / self._radius_px - 1) <= SAME_RADIUS]
        if not same:
            return None
        self._last = settle(to_grey(rgb), max(same, key=self._worth), self._radius_px)
        return self._last

    def _worth(self, circle: Circle) -> float:
        if self._last is None:
            return circle.support
        moved = math.hypot(circle.x_px - self._last.x_px, circle.y_px - self._last.y_px) / self._radius_px
        return circle.support - JUMP_COST * min(moved, 1.0)


def to_grey(rgb: RGB) -> Grey:
    """Return the brightness of an RGB picture."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)


def find_circles(grey: Grey, radii_px: Sequence[float], most: int) -> list[Circle]:
    """Refine the `most` places and radii that get most votes, and return those of at least MIN_SUPPORT."""
    edges = find_edges(grey)
    votes = np.stack([vote(edges, (grey.shape[0], grey.shape[1]), radius_px) for radius_px in radii_px])
    found = []
    for _ in range(most):
        level, row, column = (int(each) for each in np.unravel_index(int(votes.argmax()), votes.shape))
        start = Circle((column + 0.5) * VOTE_CELL_PX, (row + 0.5) * VOTE_CELL_PX, radii_px[level], 0.0)
        circle = refine(grey, start)
        if circle is not None and circle.support >= MIN_SUPPORT:
            found.append(circle)
        reach = math.ceil(0.15 * radii_px[level] / VOTE_CELL_PX)
        votes[level, max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1] = 0.0
    return found


def grow(grey: Grey, circle: Circle) -> list[Circle]:
    """Return the circles of at least MIN_SUPPORT outside one, each larger by more than SAME_RADIUS: a plate's edge lies
    round its rings, and a circle may have taken half of one and half of the other.
    """
    starts = [replace(circle, radius_px=RADIUS_STEP**step * circle.radius_px) for step in range(1, GROWN_TIMES + 1)]
    least_px = (1 + SAME_RADIUS) * circle.radius_px
    return [
        larger
        for start in starts
        if (larger := refine(grey, start)) is not None and larger.support >= MIN_SUPPORT and larger.radius_px > least_px
    ]


def refine(grey: Grey, start: Circle) -> Circle | None:
    """Fit a circle to the strongest edge along rays across the expected one; None when too few rays meet an edge.

    The fit is by least squares, twice more on the points that lie near the circle fitted before.
    """
    points, strong = edge_along_rays(grey, start)
    circle, near = start, strong
    for tolerance in (3 * NEAR_EDGE, NEAR_EDGE, NEAR_EDGE):
        if near.sum() < RAYS // 4:
            return None
        x_px, y_px, radius_px = fit_circle(points[near])
        off_px = np.abs(np.hypot(points[:, 0] - x_px, points[:, 1] - y_px) - radius_px)
        near = strong & (off_px <= max(tolerance * radius_px, 1.0))
        circle = Circle(x_px, y_px, radius_px, float(near.mean()))
    return circle


def settle(grey: Grey, circle: Circle, radius_px: float) -> Circle:
    """Return the circle with the centre that a known radius gives it: an edge seen in part leaves it less room.

    Its own radius stays.
    """
    points, strong = edge_along_rays(grey, replace(circle, radius_px=radius_px))
    centre = np.array([circle.x_px, circle.y_px])
    for _ in range(SETTLE_STEPS):
        spoke = points - centre
        reach_px = np.hypot(spoke[:, 0], spoke[:, 1])
        near = strong & (np.abs(reach_px - radius_px) <= max(NEAR_EDGE * radius_px, 1.0))
        if near.sum() < RAYS // 4:
            return circle
        aim = spoke[near] / reach_px[near, None]
        step, *_ = np.linalg.lstsq(aim, reach_px[near] - radius_px, rcond=None)
        centre = centre + step
    return replace(circle, x_px=float(centre[0]), y_px=float(centre[1]))


def edge_along_rays(grey: Grey, start: Circle) -> tuple[FloatArray, BoolArray]:
    """Return the place of the steepest step along each ray across a circle's edge, (RAYS, 2) px, and whether it is
    one.
    """
    angle = np.arange(RAYS) * (2 * math.pi / RAYS)
    aim = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    count = 2 * max(4, math.ceil(2 * EDGE_REACH * start.radius_px)) + 1
    along_px = start.radius_px * np.linspace(1 - EDGE_REACH, 1 + EDGE_REACH, count)
    step_px = along_px[1] - along_px[0]
    places = (np.array([start.x_px, start.y_px]) + aim[:, None] * along_px[:, None] - 0.5).astype(np.float32)
    values = cv2.remap(grey, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    half = min(max(1, round(1.0 / step_px)), count // 2 - 1)  # of a circle of a few pixels three slopes are left
    slope = np.abs(values[:, 2 * half :].astype(float) - values[:, : -2 * half])
    rows = np.arange(RAYS)
    peak = np.clip(slope.argmax(axis=1), 1, slope.shape[1] - 2)
    left, middle, right = (slope[rows, peak + step] for step in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1.0), 0.0)
    reach_px = along_px[0] + (peak + half + np.clip(shift, -1, 1)) * step_px
    return np.array([start.x_px, start.y_px]) + aim * reach_px[:, None], middle >= MIN_STEP


def fit_circle(points: FloatArray) -> tuple[float, float, float]:
    """Return centre and radius of the circle nearest to points (N, 2), N >= 3, by linear least squares (Kasa)."""
    middle = points.mean(axis=0)
    offset = points - middle
    system = np.column_stack([2 * offset, np.ones(len(offset))])
    (x, y, rest), *_ = np.linalg.lstsq(system, (offset**2).sum(axis=1), rcond=None)
    return float(x + middle[0]), float(y + middle[1]), math.sqrt(max(float(rest + x * x + y * y), 0.0))
