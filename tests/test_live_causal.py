import numpy as np
import pytest

from formcheck.live.tracking.one_euro_filter import CausalFilter, lag_s


def run(values: np.ndarray, rate_hz: float = 60.0, scale_px: float = 100.0, **settings: float) -> np.ndarray:
    causal = CausalFilter(**settings)
    return np.stack([causal.step(number / rate_hz, each, scale_px) for number, each in enumerate(values)])


def ramp(speed_px_s: float, seconds: float = 4.0, rate_hz: float = 60.0) -> np.ndarray:
    x = speed_px_s * np.arange(int(seconds * rate_hz)) / rate_hz
    return np.stack([x, np.zeros_like(x)], axis=1)[:, None, :]


@pytest.mark.parametrize("cutoff_hz", [1.0, 3.0, 6.0])
def test_the_lag_on_a_steady_movement_is_the_one_stated(cutoff_hz: float) -> None:
    path = ramp(40.0)
    late_px = (path - run(path, rest_cutoff_hz=cutoff_hz, speed_hz=0.0))[-1, 0, 0]
    assert late_px / 40.0 == pytest.approx(lag_s(cutoff_hz), abs=0.001)


def test_a_quick_joint_is_followed_more_closely() -> None:
    slow, quick = ramp(5.0), ramp(100.0)
    late_s = [(path - run(path))[-1, 0, 0] / speed for path, speed in ((slow, 5.0), (quick, 100.0))]
    assert late_s[0] == pytest.approx(lag_s(3.0 + 30.0 * 0.05), rel=0.02)
    assert late_s[1] == pytest.approx(lag_s(3.0 + 30.0 * 1.0), rel=0.02)


def test_trembling_at_rest_is_more_than_halved() -> None:
    noise = np.random.default_rng(1).normal(0.0, 1.0, (600, 4, 2))
    assert run(noise, rate_hz=30.0, scale_px=500.0)[60:].std() < 0.6
    assert run(noise, rate_hz=60.0, scale_px=500.0)[60:].std() < 0.45


def test_what_is_not_seen_stays_nan_and_is_taken_up_again() -> None:
    path = ramp(0.0)[:60] + 50.0
    path[20:25] = np.nan
    filtered = run(path)
    assert np.isnan(filtered[20:25]).all()
    assert filtered[25:] == pytest.approx(path[25:])
    path[30:] = np.nan
    path[59] = 10.0  # half a second later it is somewhere else: no way there is made up
    assert run(path)[59] == pytest.approx(10.0)
