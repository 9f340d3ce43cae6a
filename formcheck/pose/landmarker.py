"""The only import of mediapipe: a picture in, one body's landmarks and mask out.

MediaPipe smooths landmarks in VIDEO mode with a One Euro filter that is driven by the timestamps it is handed. The
timestamps here lie 10^8 times too far apart: to the filter everything moves infinitely slowly, and the landmarks come
out raw, at no cost. Measured on 300 frames of a deadlift with the full model: with true timestamps they lag by 0.35
frames and are up to 5 px off; with timestamps x 10^4 by 0.009 frames; `num_poses=2`, which switches the filter off,
takes 1.6 times as long.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formcheck.data import RGB, FloatArray
from formcheck.pose.mediapipe_guard import only_what_is_used, quiet
from formcheck.skeleton import N_LANDMARKS

with only_what_is_used():
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

STEP_MS = 3_333_333_333  # one frame at 30 Hz, times 10^8
LASTING_STEP_MS = 3_333_333  # and times 10^5
MOST_FRAMES = 2700  # at STEP_MS; then the filter's nanoseconds are full, and it complains of every landmark on stderr
BLANK = np.full((256, 256, 3), 128, dtype=np.uint8)


@dataclass(frozen=True, eq=False)
class Body:
    """One body in a square picture (S, S): xy_px (K, 2) in it, world_m (K, 3), visibility (K,), mask (S, S) or None."""

    xy_px: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    mask: NDArray[np.float32] | None


class Landmarker(AbstractContextManager["Landmarker"]):
    """A MediaPipe pose landmarker for square pictures; a context manager, for it must be closed.

    Use it from one thread at a time; several of them run side by side, for the C call releases the GIL. One that is
    `lasting` takes a day of pictures; others take MOST_FRAMES.
    """

    def __init__(self, model_path: str, *, video: bool, masks: bool, lasting: bool = False) -> None:
        self._video = video
        self._step_ms = LASTING_STEP_MS if lasting else STEP_MS
        self._time_ms = 0
        options = vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=model_path),
            running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
            num_poses=1,
            output_segmentation_masks=masks,
        )
        with quiet():
            self._task: Any = vision.PoseLandmarker.create_from_options(options)
            self._run(BLANK)  # the first run allocates, and says so on stderr

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the graph, quietly; without it the interpreter complains at exit."""
        with quiet():
            self._task.close()

    def reset(self) -> None:
        """Let go of the body that is being followed, so that the next picture is searched anew.

        This is not a new landmarker: MediaPipe's low-pass filter of the visibilities outlives it.
        """
        self._run(BLANK)

    def find(self, rgb: RGB) -> Body | None:
        """Landmarks of the one body that the model follows (VIDEO mode) or finds first (IMAGE mode), or None."""
        result = self._run(rgb)
        if not result.pose_landmarks:
            return None
        size = rgb.shape[0]
        points, world = result.pose_landmarks[0], result.pose_world_landmarks[0]
        assert len(points) == N_LANDMARKS
        masks = result.segmentation_masks
        return Body(
            xy_px=np.array([(each.x, each.y) for each in points]) * size,
            world_m=np.array([(each.x, each.y, each.z) for each in world]),
            visibility=np.array([each.visibility for each in points]),
            mask=masks[0].numpy_view().reshape(size, size).copy() if masks else None,  # its memory goes with `result`
        )

    def _run(self, rgb: RGB) -> Any:
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)
        if not self._video:
            return self._task.detect(image)
        self._time_ms += self._step_ms
        return self._task.detect_for_video(image, self._time_ms)
