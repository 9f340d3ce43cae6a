"""C3D: the binary file of motion capture, read by its published format (c3d.org), in numpy alone.

ezc3d, which writes ours, is not asked: it is an extra, and its C++ trusts the sizes that a damaged file names. Here
nothing is believed that lies outside the file.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from formcheck.data import FloatArray
from formcheck.errors import InputError
from formcheck.io.load.space import place_recording
from formcheck.io.load.tracks import Recording, check_count, check_values
from formcheck.skeleton import Side

BLOCK = 512  # bytes: C3D counts places in these [P c3d.org]
INTEL, DEC, MIPS = 84, 85, 86  # what C3D calls the processor that wrote the numbers [P c3d.org]
EXPORT_AGAIN = "Export it again as C3D or TRC."
MAX_PARAMETERS = 5000  # [D]
MAX_START_S = 1e6  # days into a clip: what is beyond is no time [D]


@dataclass(frozen=True)
class Parameter:
    """One entry of the parameter section: its type (-1 text, 1 byte, 2 integer, 4 float), sizes and bytes."""

    kind: int
    sizes: tuple[int, ...]
    content: bytes


def is_c3d(raw: bytes) -> bool:
    """Whether a file begins as C3D does: the parameters' block, then 80."""
    return len(raw) > BLOCK and 1 < raw[0] < 128 and raw[1] == 0x50


def read_c3d(raw: bytes, path: Path, side: Side) -> Recording:
    """Read the points of a C3D file; times begin at the file's own first frame over its rate, or where ours says."""
    try:
        return _read(raw, path, side)
    except (struct.error, IndexError, ValueError, KeyError, OverflowError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is a damaged C3D file.", EXPORT_AGAIN) from error


def _read(raw: bytes, path: Path, side: Side) -> Recording:
    start = (raw[0] - 1) * BLOCK
    processor = raw[start + 3]
    if processor in {DEC, MIPS}:
        raise InputError(f"{path} is a C3D file in {'DEC' if processor == DEC else 'MIPS'} format.", EXPORT_AGAIN)
    n_points, n_analog, first, last = struct.unpack_from("<4H", raw, 2)
    scale, data_block = struct.unpack_from("<fH", raw, 12)
    rate_hz = struct.unpack_from("<f", raw, 20)[0]
    parameters = _read_parameters(raw, start)
    rate_hz = _first_float(parameters, "POINT:RATE", rate_hz)
    scale = _first_float(parameters, "POINT:SCALE", scale)
    names = [*_texts(parameters, "POINT:LABELS"), *_texts(parameters, "POINT:LABELS2")][:n_points]
    names += [f"*{number}" for number in range(len(names), n_points)]  # points without a name
    width = (4 if scale < 0 else 2) * (4 * n_points + n_analog)
    if not n_points or not 0 < rate_hz < 1e5:
        raise InputError(f"{path} holds no points in 3D.", EXPORT_AGAIN)
    there = raw[(data_block - 1) * BLOCK :] if data_block > 0 else b""
    n_frames = len(there) // width
    if last >= first and last != 65535:  # 65535: more frames than the header's number can say
        n_frames = min(n_frames, last - first + 1)
    check_count(n_frames, path)
    check_values(n_frames * n_points * 4, path)
    points = _read_points(there[: n_frames * width], n_frames, n_points, n_analog, scale)
    frame = first + np.arange(n_frames, dtype=float)
    start_s = _first_float(parameters, "FORMCHECK:START_S", (first - 1) / rate_hz)
    if not abs(start_s) < MAX_START_S:
        start_s = (first - 1) / rate_hz
    unit = (_texts(parameters, "POINT:UNITS") or [""])[0]
    return place_recording("C3D", names, points, frame, start_s + (frame - first) / rate_hz, unit, path, side)


def _read_points(raw: bytes, n_frames: int, n_points: int, n_analog: int, scale: float) -> FloatArray:
    """Return points (T, N, 3), NaN where their residual is negative: not seen."""
    kind = "<f4" if scale < 0 else "<i2"
    with np.errstate(invalid="ignore"):  # bytes that are a signalling NaN
        values: NDArray[np.float64] = np.frombuffer(raw, kind).reshape(n_frames, 4 * n_points + n_analog).astype(float)
    points = values[:, : 4 * n_points].reshape(n_frames, n_points, 4)
    spot = points[:, :, :3] * (1.0 if scale < 0 else scale)
    hidden = (points[:, :, 3] < 0) | ~(np.abs(spot) < 1e7).all(axis=2)
    return np.where(hidden[:, :, None], np.nan, spot)


def _read_parameters(raw: bytes, start: int) -> dict[str, Parameter]:
    """Return the parameters by GROUP:NAME."""
    groups: dict[int, str] = {}
    found: list[tuple[int, str, Parameter]] = []
    place = start + 4
    for _ in range(MAX_PARAMETERS):
        length, number = struct.unpack_from("<bb", raw, place)
        if length == 0 or number == 0:
            break
        name = raw[place + 2 : place + 2 + abs(length)].decode("latin-1").upper()
        after = place + 2 + abs(length)
        step = struct.unpack_from("<H", raw, after)[0]
        if number < 0:
            groups[-number] = name
        else:
            found.append((number, name, _read_parameter(raw, after + 2)))
        if step == 0:
            break
        place = after + step
    return {f"{groups.get(number, '')}:{name}": each for number, name, each in found}


def _read_parameter(raw: bytes, place: int) -> Parameter:
    kind, n_sizes = struct.unpack_from("<bB", raw, place)
    sizes = tuple(raw[place + 2 : place + 2 + n_sizes])
    count = abs(kind)
    for size in sizes:
        count *= size
    begin = place + 2 + n_sizes
    return Parameter(kind, sizes, raw[begin : begin + min(count, len(raw))])


def _texts(parameters: dict[str, Parameter], name: str) -> list[str]:
    """Return a parameter's texts, the first size being the length of each."""
    each = parameters.get(name)
    if each is None or each.kind != -1 or not each.sizes:
        return []
    length = each.sizes[0]
    if not length:
        return []
    parts = [each.content[at : at + length] for at in range(0, len(each.content), length)]
    return [part.decode("utf-8", "replace").strip(" \x00") for part in parts]


def _first_float(parameters: dict[str, Parameter], name: str, other: float) -> float:
    each = parameters.get(name)
    if each is None or each.kind != 4 or len(each.content) < 4:
        return other
    return float(struct.unpack_from("<f", each.content)[0])
