"""Where the camera stands and how it projects: metres -> pixels. Origin of the picture top left, y down."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera that looks at the lifter's vertical axis.

    yaw_deg: 0 is exactly from the side, + towards the lifter's front. near_side: the side that is turned to the camera
    ("right": the lifter faces right in the picture). pitch_deg: looking up +. roll_deg: camera turned clockwise +.
    """

    width_px: int = 960
    height_px: int = 720
    distance_m: float = 3.4
    height_m: float = 0.92
    view_deg: float = 36.0  # vertical angle of view
    yaw_deg: float = 0.0
    pitch_deg: float = -1.0
    roll_deg: float = 0.0
    near_side: str = "right"
    centre_z_m: float = 0.0  # the camera aims at this depth (forward +) of the lifter's sagittal plane

    @property
    def facing(self) -> int:
        """+1 when the lifter faces right in the picture, else -1."""
        return 1 if self.near_side == "right" else -1

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return self.height_px / 2.0 / float(np.tan(np.radians(self.view_deg) / 2.0))

    @property
    def px_per_m(self) -> float:
        """Scale at the lifter's axis."""
        return self.focal_px / self.distance_m

    @property
    def position_m(self) -> Floats:
        """Place of the camera, (3,)."""
        yaw = np.radians(self.yaw_deg)
        side = -self.facing * self.distance_m * np.cos(yaw)
        return np.array([side, self.height_m, self.centre_z_m + self.distance_m * np.sin(yaw)])

    def axes(self) -> Floats:
        """Right, up and backward axes of the camera as rows, (3, 3)."""
        level = self.position_m - np.array([0.0, self.height_m, self.centre_z_m])
        back = level / np.linalg.norm(level)
        right = np.cross([0.0, 1.0, 0.0], back)
        pitch, roll = np.radians(self.pitch_deg), np.radians(self.roll_deg)
        back = np.cos(pitch) * back - np.sin(pitch) * np.array([0.0, 1.0, 0.0])
        up = np.cross(back, right)
        turned = np.cos(roll) * right - np.sin(roll) * up
        return np.stack([turned, np.cross(back, turned), back])

    def view_matrix(self) -> Floats:
        """World to camera, (4, 4)."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.axes()
        matrix[:3, 3] = -self.axes() @ self.position_m
        return matrix

    def projection_matrix(self, near_m: float = 0.3, far_m: float = 30.0) -> Floats:
        """Camera to clip space, (4, 4)."""
        focal = 2.0 * self.focal_px
        matrix = np.zeros((4, 4))
        matrix[0, 0], matrix[1, 1] = focal / self.width_px, focal / self.height_px
        matrix[2, 2] = (far_m + near_m) / (near_m - far_m)
        matrix[2, 3] = 2.0 * far_m * near_m / (near_m - far_m)
        matrix[3, 2] = -1.0
        return matrix

    def project(self, points_m: Floats) -> Floats:
        """Project points (..., 3) in metres to pixels (..., 2)."""
        seen = (points_m - self.position_m) @ self.axes().T
        depth = -seen[..., 2]
        x = self.width_px / 2.0 + self.focal_px * seen[..., 0] / depth
        y = self.height_px / 2.0 - self.focal_px * seen[..., 1] / depth
        return np.stack([x, y], axis=-1)
