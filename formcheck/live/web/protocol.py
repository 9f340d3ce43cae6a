"""What page and server send each other. Pure; whatever comes from outside is measured before it is unpacked.

A picture comes as 12 bytes (time in s as a double, pictures skipped before it as a short, flags as a short; little
endian) and a JPEG; an answer to it goes back as JSON, NaN as null.
"""

import json
import math
import struct
from dataclasses import dataclass, fields
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formcheck.data import FloatArray
from formcheck.live.types import Overlay, Said
from formcheck.rendering.body_figure import ANGLES, JOINTS, LIMBS
from formcheck.skeleton import SIDES, landmark
from formcheck.web.serving import MAX_SOCKET_BYTES as MAX_MESSAGE_BYTES

HEAD = struct.Struct("<dHH")
SPEAKING = 1  # the flag: the browser's voice is speaking

MAX_COMMAND_LETTERS = 200  # of one command
MAX_SENT_SIDE_PX = 1920  # of a picture
MIN_SIDE_PX = 16
SEND_SIDE_PX = 640  # what the page sends: the model looks at 256 px of the lifter
LATEST_MESSAGE_S = 1e9  # thirty years: what a page's clock may say


class MessageError(Exception):
    """Something that the page does not send; the message says what."""


@dataclass(frozen=True)
class Sent:
    """A picture as it came. time_s : the page's own clock. skipped : pictures of the camera passed over before it."""

    time_s: float
    skipped: int
    speaking: bool
    jpeg: bytes


@dataclass(frozen=True)
class Command:
    """A wish of the page: `reset`, or `lift` with its name."""

    do: str
    name: str = ""


def read_picture(message: bytes, after_s: float) -> Sent:
    """Take a binary message apart; its time has to be later than `after_s`. Raises MessageError."""
    if len(message) <= HEAD.size:
        raise MessageError("A picture came without its head.")
    time_s, skipped, flags = HEAD.unpack_from(message)
    if not (math.isfinite(time_s) and after_s < time_s < LATEST_MESSAGE_S):
        raise MessageError("The times of the pictures do not rise.")
    return Sent(time_s, skipped, bool(flags & SPEAKING), message[HEAD.size :])


def decode_jpeg(jpeg: bytes) -> NDArray[np.uint8]:
    """Return a JPEG as (h, w, 3) RGB. Its size is read first: a few bytes can claim to be gigabytes.

    Raises MessageError when it is no whole JPEG, or a side is under 16 or over 1920 px.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(jpeg), formats=["JPEG"]) as image:
            if not all(MIN_SIDE_PX <= side <= MAX_SENT_SIDE_PX for side in image.size):
                raise MessageError(
                    f"A picture of {image.width} by {image.height} came; {MAX_SENT_SIDE_PX} is the most."
                )
            return np.asarray(image.convert("RGB"))
    except Image.DecompressionBombError:
        raise MessageError(
            f"A picture came that is far too large; {MAX_SENT_SIDE_PX} by {MAX_SENT_SIDE_PX} is the most."
        ) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise MessageError("A picture came that is not a complete JPEG.") from None


def read_command(text: str, lifts: frozenset[str]) -> Command:
    """Read a wish of the page. Raises MessageError."""
    if len(text) > MAX_COMMAND_LETTERS:
        raise MessageError("A command came that is too long.")
    try:
        content = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        content = None
    if isinstance(content, dict):
        do, name = content.get("do"), content.get("name", "")
        if do == "reset":
            return Command("reset")
        if do == "lift" and isinstance(name, str) and name in lifts:
            return Command("lift", name)
    raise MessageError("A command came that formcheck does not know.")


def write_hello(lift: str, lifts: dict[str, str]) -> str:
    """Return what the page is told first: the lifts by name and title, what to send, what to draw."""
    sides = {
        side: {
            "limbs": [[int(landmark(side, one)), int(landmark(side, other))] for one, other in LIMBS],
            "joints": {joint: int(landmark(side, joint)) for joint in JOINTS},
        }
        for side in SIDES
    }
    angles = [{"label": each.label, "at": each.at, "tip": each.tip, "base": each.base} for each in ANGLES]
    limits = {"side_px": SEND_SIDE_PX, "bytes": MAX_MESSAGE_BYTES}
    return json.dumps({"type": "hello", "lift": lift, "lifts": lifts, "sides": sides, "angles": angles, "send": limits})


def write_answer(view: Overlay, said: list[Said], say: Said | None, *, interrupt: bool) -> str:
    """Return the answer to a picture: what to draw, what came up, and what the browser's voice is to say now."""
    content: dict[str, Any] = {each.name: _plain(getattr(view, each.name)) for each in fields(view)}
    content |= {"type": "view", "size_px": list(view.size_px), "xy_px": _points(view.xy_px)}
    content["said"] = [{"text": each.text, "code": each.code, "rep": each.rep} for each in said]
    content["say"] = None if say is None else {"text": say.text, "interrupt": interrupt}
    return json.dumps(content, allow_nan=False)


def write_refusal(reason: str) -> str:
    """Return why the connection ends, in words for the user."""
    return json.dumps({"type": "refused", "reason": reason})


def _plain(value: Any) -> Any:
    if isinstance(value, float):  # NumPy's is one
        return round(float(value), 4) if math.isfinite(value) else None
    return value


def _points(xy_px: FloatArray | None) -> list[list[float] | None] | None:
    if xy_px is None:
        return None
    points = [[round(float(x), 1), round(float(y), 1)] for x, y in xy_px]
    return [point if math.isfinite(sum(point)) else None for point in points]
