"""What phones write into a file about slow motion: how fast the clip runs, against the time in which it was filmed."""

import math
from collections.abc import Mapping

# Pictures a second that the camera took (Android's MediaRecorder): more than are played is slow motion.
ANDROID = "com.android.capture.fps"
# "0" where the phone means the film to be played slowed down. As filmed, at 120 or 240 a second, its times are true;
# shared or edited, the slow motion is in the pictures, and the tag does not tell by how much.
APPLE = "com.apple.quicktime.full-frame-rate-playback-intent"
AS_FILMED_HZ = 100.0  # from which a film still has the rate of a camera's slow motion
SAME = 0.1  # between the two rates: cameras are that uneven
RATES_HZ = (1.0, 2000.0)  # of a camera; another number is damage


def read_speed(metadata: Mapping[str, str], fps: float) -> float:
    """Return the share of the true speed at which a clip of `fps` runs by its phone's tags: 0.25 for a quarter.

    1 without a tag, or where the tag says so; NaN where it says that the clip is slowed down and not by how much.
    """
    try:
        taken_hz = float(metadata.get(ANDROID, ""))
    except ValueError:
        taken_hz = math.nan
    if RATES_HZ[0] <= taken_hz <= RATES_HZ[1] and fps > 0 and abs(fps / taken_hz - 1) > SAME:
        return round(fps / taken_hz, 4)
    if metadata.get(APPLE, "").strip() == "0" and not fps >= AS_FILMED_HZ:
        return math.nan
    return 1.0
