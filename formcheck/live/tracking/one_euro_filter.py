"""The causal filter of live use. It sees the past alone, so it lags; `signals.smooth`, which offline uses, does not.

A One Euro filter (Casiez 2012): a low-pass of the first order whose cut-off rises with speed. Its lag on a steady
movement is `lag_s` of the cut-off reached: 53 ms at 3 Hz, 27 ms at 6 Hz.
"""

import math

import numpy as np

from formcheck.data import BoolArray, FloatArray

REST_CUTOFF_HZ = 3.0  # of a joint at rest: trembling of the landmarks is seen, and halved [D]
SPEED_HZ = 30.0  # by which a joint at one body length a second is followed more closely [D]
DERIVATIVE_CUTOFF_HZ = 1.5  # of the speed itself
FORGET_S = 0.4  # of not being seen, after which a joint starts anew


def lag_s(cutoff_hz: float) -> float:
    """Return by how much the filter is late on a steady movement, in seconds."""
    return 1.0 / (2 * math.pi * cutoff_hz)


class CausalFilter:
    """Filters positions (K, 2) one sample at a time; what is NaN stays NaN, and is taken up again where it was left.

    `scale_px` is the length of a body: speeds are told in it, so that near and far are filtered alike.
    """

    def __init__(self, rest_cutoff_hz: float = REST_CUTOFF_HZ, speed_hz: float = SPEED_HZ) -> None:
        self._rest_cutoff_hz = rest_cutoff_hz
        self._speed_hz = speed_hz
        self.reset()

    def reset(self) -> None:
        """Forget everything: the next sample comes out as it is."""
        self._last_s = np.empty(0)
        self._values = np.empty(0)
        self._raw = np.empty(0)
        self._speed = np.empty(0)

    def step(self, time_s: float, values: FloatArray, scale_px: float) -> FloatArray:
        """Return the filtered (K, 2) of a sample at `time_s`, which is later than that of the one before."""
        if self._values.shape != values.shape:
            self._last_s = np.full(len(values), -np.inf)
            self._values = np.full(values.shape, np.nan)
            self._raw = np.full(values.shape, np.nan)
            self._speed = np.zeros(values.shape)
        seen: BoolArray = np.asarray(np.isfinite(values).all(axis=1))
        fresh: BoolArray = np.asarray(seen & ~(time_s - self._last_s <= FORGET_S))
        self._values[fresh], self._speed[fresh] = values[fresh], 0.0
        step_s: FloatArray = np.maximum(time_s - self._last_s, 1e-3).reshape(-1, 1)
        known: BoolArray = np.asarray(seen & ~fresh)
        with np.errstate(invalid="ignore"):
            speed_now = (values - self._raw) / step_s / max(scale_px, 1.0)
            speed = self._speed + _share(DERIVATIVE_CUTOFF_HZ, step_s) * (speed_now - self._speed)
            cutoff_hz = self._rest_cutoff_hz + self._speed_hz * np.linalg.norm(speed, axis=1, keepdims=True)
            moved = self._values + _share(cutoff_hz, step_s) * (values - self._values)
        self._values[known], self._speed[known] = moved[known], speed[known]
        self._raw[seen], self._last_s[seen] = values[seen], time_s
        return np.where(seen[:, None], self._values, np.nan)


def _share(cutoff_hz: FloatArray | float, step_s: FloatArray) -> FloatArray:
    """How much of a new sample is taken over."""
    turned = 2 * math.pi * cutoff_hz * step_s
    return np.asarray(turned / (turned + 1.0))
