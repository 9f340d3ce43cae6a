"""Plates at the ends of a bar, found as circles near the hands.

Hands at the shoulders carry a bar on the back: there a plate may be small, and hides the shoulder instead of the leg.

A plate is told by its edge alone, whatever its colour: every edge point votes for the centres that lie one radius away
along its gradient, on either side. Whether a set has a plate at all is settled once, from the scouted pictures
(`find_plate`): one radius in most of them, a centre that goes where the hands go. Each picture of the second pass is
then searched for that one circle (`Spotter`); without a plate it costs nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from formcheck.data import RGB, BoolArray, FloatArray
from formcheck.skeleton import Landmark

Grey = NDArray[np.uint8]

# Of the lifter's length, head to ankle: 0.17 to 0.23 in 81 rendered sets with 45 cm, 0.13 to 0.18 in 29 with 35 cm,
# 0.09 to 0.12 in 149 with 25 cm; 16 cm have 0.05 to 0.08, as heads [S].
HANGING_RADIUS_BODY, CARRIED_RADIUS_BODY = (0.12, 0.26), (0.078, 0.26)
CARRIED_BODY = 0.2  # lengths from hands to shoulders: to 0.15 of 19 in 20 good mornings, from 0.24 in RDLs [S]
RADIUS_STEP = 1.08  # from one tried radius to the next
SAME_RADIUS = 0.05  # radii that differ by less are one plate's
NEAR_RADIUS = 0.10  # of a plate's radius: the clearest circle within it says how large the plate is [D]
ZONE_BODY = 0.30  # lengths from the middle of both wrists, and of a carried bar's from the shoulders, to the centre [D]
SCOUTED_PICTURES = 16  # scouted pictures, at most
FIRST_LOOKED_AT = 6  # of them; where fewer than ...
FIRST_SHOWN = 2  # ... show a circle, there is no plate
LOOK_BODY_PX = 320.0  # the lifter's length in the pictures in which a plate is looked for, at most ...
CARRIED_LOOK_BODY_PX = 480.0  # ... and in those where it is carried, and may be small
LEAST_RADIUS_PX = 24.0  # there: of a smaller circle every edge lies near, and a bell beside a hip passes for one [S]
LEAST_CARRIED_PX = 12.0  # the same for a bar on the back, where little else is round [D]
DISC = (0.45, 0.85)  # of the radius: what is looked at for the plate's colour [D]
SAME_COLOUR = 45.0  # grey levels by which a plate's mean colour may change, in light and shadow [D]
SMALL_PX = 24.0  # a circle of a smaller radius is followed in pictures twice as large [D]
LEAST_SIGHTINGS = 3  # of them must show the plate [D] ...
PLATE_SEEN_OFTEN = 0.6  # ... and this share of those from the first to the last that do [D]
LARGE_BODY, LARGE_SEEN_OFTEN = 0.12, 0.5  # the same of what is too large for a head, beside the shoulders [D]
SEEN_WELL = 0.55  # support that counts as seen there [D]
SUPPORTED = 0.66  # median support of a plate there: 0.74 to 0.97 in 28 rendered clips and a real one [S]
# The same of a bar on the back, beside a head: 11 of 13 heads have up to 0.72, two up to 0.86; 36 of 38 plates have
# 0.75 and more, two from 0.72 on [S].
CARRIED_SUPPORTED = 0.74
FOLLOWS = 0.5  # of the wrists' excursion that the centre's must have: what hangs on the wall has none [D]
LEAST_EXCURSION_BODY = 0.05  # of a circle that moves so little nothing can be told
LEAST_LARGE_BODY = 0.03  # the same of what is too large for a head, beside the shoulders [D]
STILL_WHILE_BODY = 0.1  # lengths that the hands move while nobody holds a circle that stays in its place [D]
ONE_PLACE = 0.1  # radii between the centres of what lies in one place [D]
RING, EDGE_OFTEN = (1.1, 1.3), 0.5  # a plate's edge in radii of the ring inside it, and how often it is seen [D]
LOW_BODY = 0.15  # lengths below the middle of the shoulders from which a plate can hide the leg [D]
CANNY = (30, 80)  # steps of an 8-bit picture, Sobel: an edge of 10 grey levels counts if a stronger one begins it [D]
BLUR_SIGMA = 1.0  # pixels, before edges are looked for
VOTE_CELL_PX = 2  # of the grid in which votes are counted
CANDIDATES = 12  # circles of one scouted picture that are refined
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
    """The plate of a set: its radius in pixels of the video, whether it hangs low enough to hide the leg; where it is
    carried on the back, else NaN: the lifter's length, px, and the plate's mean colour, RGB.
    """

    radius_px: float
    hides_leg: bool
    carrier_px: float = math.nan
    colour: tuple[float, float, float] = (math.nan, math.nan, math.nan)

    @property
    def is_carried(self) -> bool:
        """Whether the bar lies on the back."""
        return not math.isnan(self.carrier_px)

    def magnified(self, scale: float) -> Self:
        """Return the plate of a picture in which everything is `scale` times as large."""
        return replace(self, radius_px=self.radius_px * scale, carrier_px=self.carrier_px * scale)


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
    carried = is_carried(seen, body_px)
    found: dict[int, list[Circle]] = {}
    for place in spread(len(seen)):
        found[place] = circles_near_hands(seen[place], body_px, carried=carried)
        if len(found) == FIRST_LOOKED_AT and sum(map(bool, found.values())) < FIRST_SHOWN:
            return None
    in_order = leave_out_still([found[place] for place in range(len(seen))], seen, body_px)
    radii = sorted({circle.radius_px for circles in in_order for circle in circles}, reverse=True)
    shares = {radius: share_held(in_order, radius) for radius in radii}
    often = max(PLATE_SEEN_OFTEN, 0.9 * max(shares.values(), default=0.0))
    large_px = LARGE_BODY * body_px if carried else math.inf
    plates = (
        held_plate(seen, in_order, radius, body_px, carried=carried)
        for radius in radii
        if shares[radius] >= (LARGE_SEEN_OFTEN if radius >= large_px else often)
    )
    return next((plate for plate in plates if plate is not None), None)


def held_plate(
    looks: Sequence[Look], found: Sequence[Sequence[Circle]], radius_px: float, body_px: float, *, carried: bool
) -> Plate | None:
    """Return the plate of a radius, or None where what is seen does not go where the hands go, or is seen badly."""
    held = [
        (look, circle)
        for look, circles in zip(looks, found, strict=True)
        if (circle := best_of(circles, radius_px)) is not None
    ]
    centres = np.array([(circle.x_px, circle.y_px) for _, circle in held])
    wrists = np.array([look.xy_px[WRISTS].mean(axis=0) for look, _ in held])
    shoulders = np.array([look.xy_px[SHOULDERS].mean(axis=0) for look, _ in held])
    large = carried and radius_px >= LARGE_BODY * body_px
    least_px = (LEAST_LARGE_BODY if large else LEAST_EXCURSION_BODY) * body_px
    if excursion(centres) < max(least_px, FOLLOWS * excursion(wrists)):
        return None
    clearest = [each for circles in found if (each := best_of(circles, radius_px, NEAR_RADIUS)) is not None]
    if np.median([circle.support for circle in clearest]) < (CARRIED_SUPPORTED if carried else SUPPORTED):
        return None
    true_px = float(np.median([circle.radius_px for circle in clearest]))
    if large:
        true_px = edge_round(found, clearest, true_px)
    below_px = float(np.median(centres[:, 1] - shoulders[:, 1]))
    if not carried:
        return Plate(true_px, below_px > LOW_BODY * body_px)
    red, green, blue = np.median([mean_colour(look.rgb, circle) for look, circle in held], axis=0)
    return Plate(true_px, below_px > LOW_BODY * body_px, body_px, (float(red), float(green), float(blue)))


def edge_round(found: Sequence[Sequence[Circle]], rings: Sequence[Circle], radius_px: float) -> float:
    """Return the radius of an edge seen round a plate's ring in half of the ring's pictures or more, else its own."""
    edges = [
        max((circle.radius_px for circle in circles if is_round(circle, ring)), default=math.nan)
        for circles in found
        for ring in rings
        if ring in circles
    ]
    return float(np.nanmedian(edges)) if np.isfinite(edges).mean() >= EDGE_OFTEN else radius_px


def is_round(circle: Circle, ring: Circle) -> bool:
    """Whether a circle lies round another and about its middle."""
    apart_px = math.hypot(circle.x_px - ring.x_px, circle.y_px - ring.y_px)
    return apart_px <= ONE_PLACE * ring.radius_px and RING[0] <= circle.radius_px / ring.radius_px <= RING[1]


def leave_out_still(found: Sequence[Sequence[Circle]], looks: Sequence[Look], body_px: float) -> list[list[Circle]]:
    """Return the circles of each look without those that stay in one place while the hands move: nobody holds them."""
    wrists = np.array([look.xy_px[WRISTS].mean(axis=0) for look in looks])

    def stays(circle: Circle) -> bool:
        same = [any(is_same(circle, other) for other in circles) for circles in found]
        return sum(same) >= LEAST_SIGHTINGS and excursion(wrists[same]) >= STILL_WHILE_BODY * body_px

    return [[circle for circle in circles if not stays(circle)] for circles in found]


def is_same(one: Circle, other: Circle) -> bool:
    """Whether two circles of different pictures lie in one place."""
    apart_px = math.hypot(one.x_px - other.x_px, one.y_px - other.y_px)
    return apart_px <= ONE_PLACE * one.radius_px and abs(other.radius_px / one.radius_px - 1) <= SAME_RADIUS


def is_carried(looks: Sequence[Look], body_px: float) -> bool:
    """Whether the hands are at the shoulders in most looks, as of those who carry a bar on the back."""
    away_px = [math.dist(look.xy_px[WRISTS].mean(axis=0), look.xy_px[SHOULDERS].mean(axis=0)) for look in looks]
    return bool(away_px) and float(np.median(away_px)) <= CARRIED_BODY * body_px


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


def best_of(circles: Sequence[Circle], radius_px: float, within: float = SAME_RADIUS) -> Circle | None:
    """Return the best supported circle of a radius, `within` a share of it."""
    same = [circle for circle in circles if abs(circle.radius_px / radius_px - 1) <= within]
    return max(same, key=lambda circle: circle.support, default=None)


def circles_near_hands(look: Look, body_px: float, *, carried: bool) -> list[Circle]:
    """Return well supported circles round the hands, picture px; smaller ones too where the bar is `carried`."""
    low, high = CARRIED_RADIUS_BODY if carried else HANGING_RADIUS_BODY
    middle = look.xy_px[WRISTS].mean(axis=0)
    part, corner = cut_out(look.rgb, middle, (ZONE_BODY + high) * body_px)
    if min(part.shape[:2]) < 2 * low * body_px:
        return []
    scale = min(1.0, (CARRIED_LOOK_BODY_PX if carried else LOOK_BODY_PX) / body_px)
    small = np.asarray(cv2.resize(to_grey(part), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    radii_px = [low * body_px * scale * RADIUS_STEP**step for step in range(1 + math.ceil(log_steps(low, high)))]
    found = find_circles(small, radii_px, CANDIDATES)
    found += [larger for each in found for larger in grow(small, each)]
    least_px = (LEAST_CARRIED_PX if carried else LEAST_RADIUS_PX) / scale
    return [
        each
        for each in (place_back(circle, scale, corner) for circle in found)
        if each.support >= SEEN_WELL
        and each.radius_px >= least_px
        and math.hypot(each.x_px - middle[0], each.y_px - middle[1]) <= ZONE_BODY * body_px
        and low <= each.radius_px / body_px <= high
    ]


def mean_colour(rgb: RGB, circle: Circle) -> FloatArray:
    """Return the mean colour (3,) of a circle's disc between hub and rim."""
    height, width = rgb.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width]
    away = np.hypot(columns + 0.5 - circle.x_px, rows + 0.5 - circle.y_px) / circle.radius_px
    return np.asarray(rgb[(away >= DISC[0]) & (away <= DISC[1])].mean(axis=0), float)


def log_steps(low: float, high: float) -> float:
    """Return how many steps of RADIUS_STEP lead from one radius to another."""
    return math.log(high / low, RADIUS_STEP)


def cut_out(rgb: RGB, middle: FloatArray, reach_px: float) -> tuple[RGB, FloatArray]:
    """Return the part of a picture within `reach_px` of a point, maybe empty, and its corner in the picture, (2,)."""
    left, top = np.maximum(np.floor(middle - reach_px), 0).astype(int)
    right, bottom = np.ceil(middle + reach_px).astype(int)
    part = np.ascontiguousarray(rgb[top : max(bottom, top), left : max(right, left)])
    return part, np.array([left, top], dtype=float)


def place_back(circle: Circle, scale: float, corner: FloatArray) -> Circle:
    """Return a circle of a part, drawn at `scale`, in the pixels of the picture that it was cut from."""
    return Circle(
        circle.x_px / scale + corner[0], circle.y_px / scale + corner[1], circle.radius_px / scale, circle.support
    )


class Spotter:
    """Finds a known plate in one picture after the other; prefers the circle nearest to where it was."""

    def __init__(self, radius_px: float) -> None:
        self._radius_px = radius_px
        self._last: Circle | None = None

    def spot(self, rgb: RGB, colour: FloatArray | None = None) -> Circle | None:
        """Return the plate in a picture, or None; with a colour (3,) only one that looks like it."""
        found = find_circles(to_grey(rgb), [self._radius_px], SPOTTED)
        same = [each for each in found if abs(each.radius_px / self._radius_px - 1) <= SAME_RADIUS]
        if colour is not None:
            same = [each for each in same if math.dist(mean_colour(rgb, each), colour) <= SAME_COLOUR]
        if not same:
            return None
        self._last = settle(to_grey(rgb), max(same, key=self._worth), self._radius_px)
        return self._last

    def _worth(self, circle: Circle) -> float:
        if self._last is None:
            return circle.support
        moved = math.hypot(circle.x_px - self._last.x_px, circle.y_px - self._last.y_px) / self._radius_px
        return circle.support - JUMP_COST * min(moved, 1.0)


class CarriedSpotter:
    """Finds the known plate of a bar on the back anywhere in a picture: of who stands behind it little may be seen."""

    def __init__(self, plate: Plate) -> None:
        self._colour = np.array(plate.colour)
        self._scale = 2.0 if plate.radius_px < SMALL_PX else 1.0
        self._spotter = Spotter(self._scale * plate.radius_px)

    def spot(self, rgb: RGB) -> Circle | None:
        """Return the plate in a picture, or None."""
        drawn = cv2.resize(rgb, None, fx=self._scale, fy=self._scale, interpolation=cv2.INTER_CUBIC)
        circle = self._spotter.spot(np.asarray(drawn, np.uint8), self._colour)
        return None if circle is None else place_back(circle, self._scale, np.zeros(2))


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
    """Return the circle with the centre that a known radius gives it, which an edge seen in part leaves less room."""
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
    """Return the place of the steepest step along each ray across a circle's edge, (RAYS, 2) px, and if it is one."""
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
