"""Grids, gaps, outliers, filters and noise, against signals whose answer is known by hand."""

import numpy as np
import pytest

from formcheck import signals
from formcheck.data import FloatArray

EMPTY: FloatArray = np.array([])
NAN = np.nan


def sine(rate_hz: float, hz: float, span_s: float = 20.0) -> tuple[FloatArray, FloatArray]:
    time_s = np.arange(0, span_s, 1 / rate_hz)
    return time_s, np.sin(2 * np.pi * hz * time_s + 0.3)


# --- time ----------------------------------------------------------------------------------------------------------


def test_even_times_come_back_as_they_are() -> None:
    time_s = 3.2 + np.arange(50) / 29.97 + np.random.default_rng(0).uniform(-2e-4, 2e-4, 50)
    assert signals.regular_times(time_s) is time_s


def test_alternating_frames_get_the_mean_rate() -> None:
    time_s = np.cumsum([0.0, *([1 / 47, 2 / 47, 2 / 47] * 40)])
    grid_s = signals.regular_times(time_s)
    assert 1 / np.diff(grid_s) == pytest.approx(3 / 5 * 47, rel=1e-9)
    assert grid_s[0] == time_s[0]
    assert grid_s[-1] == pytest.approx(time_s[-1])


def test_a_hole_does_not_slow_the_grid() -> None:
    time_s = np.arange(100) / 30
    time_s = np.delete(time_s, slice(40, 70))
    grid_s = signals.regular_times(time_s)
    assert grid_s == pytest.approx(np.arange(100) / 30)


def test_the_grid_never_leaves_the_clip() -> None:
    generator = np.random.default_rng(0)
    for _ in range(50):
        time_s = np.cumsum(generator.uniform(0.01, 0.05, 40))
        time_s[20:] += generator.uniform(0.2, 0.5)  # nothing makes the grid end on the last frame
        grid_s = signals.regular_times(time_s)
        assert time_s[-1] - 0.06 < grid_s[-1] <= time_s[-1] + 1e-9
        assert np.isfinite(signals.resample(time_s, time_s, grid_s, 1.0)).all()


@pytest.mark.parametrize("time_s", [EMPTY, np.array([2.5]), np.array([2.5, 2.6])])
def test_hardly_any_frames(time_s: FloatArray) -> None:
    assert signals.regular_times(time_s) == pytest.approx(time_s)


@pytest.mark.parametrize(("rate_hz", "n"), [(30.0, 6), (29.999999, 6), (29.97, 6), (25.0, 5), (24.0, 4), (23.976, 4)])
def test_samples_in_a_fifth_of_a_second(rate_hz: float, n: int) -> None:
    assert signals.count_samples(0.2, rate_hz) == n


@pytest.mark.parametrize(("rate_hz", "n"), [(30.0, 13), (29.999999, 13), (60.0, 25), (1.0, 1)])
def test_windows_are_odd(rate_hz: float, n: int) -> None:
    assert signals.window_length(0.4, rate_hz) == n


# --- gaps ----------------------------------------------------------------------------------------------------------


def test_resampling_a_straight_line() -> None:
    time_s = np.cumsum(np.random.default_rng(0).uniform(0.02, 0.05, 60))
    line = np.stack([3 * time_s, 5 - time_s], axis=1)
    grid_s = np.linspace(time_s[0], time_s[-1], 200)
    assert signals.resample(time_s, line, grid_s, 0.2) == pytest.approx(np.stack([3 * grid_s, 5 - grid_s], axis=1))


def test_resampling_leaves_long_gaps_and_the_outside_empty() -> None:
    time_s = np.arange(40) / 10
    values = np.ones((40, 1))
    values[:3] = values[10:12] = values[20:23] = values[38:] = NAN
    there = np.isfinite(signals.resample(time_s, values, time_s, 0.35)[:, 0])
    assert np.flatnonzero(~there).tolist() == [0, 1, 2, 20, 21, 22, 38, 39]


@pytest.mark.parametrize("seen", [[], [4]])
def test_resampling_less_than_two_samples(seen: list[int]) -> None:
    values = np.full((10, 2), NAN)
    values[seen] = 1.0
    assert np.isnan(signals.resample(np.arange(10.0), values, np.arange(10.0), 5.0)).all()


def test_runs() -> None:
    assert signals.finite_runs(np.array([1, 1, 0, 1, 0, 0, 1], bool)) == [(0, 2), (3, 4), (6, 7)]
    assert signals.finite_runs(np.zeros(4, bool)) == []
    assert signals.finite_runs(np.ones(4, bool)) == [(0, 4)]
    assert signals.finite_runs(np.zeros(0, bool)) == []


def test_short_gaps_are_bridged_and_long_ones_are_not() -> None:
    _, truth = sine(30.0, 0.5, 6.0)
    torn = truth.copy()
    torn[:2] = torn[30:36] = torn[60:67] = torn[-3:] = NAN
    mended = signals.fill_gaps(torn, 6)
    assert np.abs(mended - truth)[30:36].max() < 0.03
    assert np.flatnonzero(np.isnan(mended)).tolist() == [0, 1, *range(60, 67), *range(177, 180)]
    assert np.isnan(torn[30:36]).all()  # the caller's own array stays as it was


def test_a_bridge_does_not_overshoot() -> None:
    step = np.array([0.0, 0.0, 0.0, NAN, NAN, 1.0, 1.0, 1.0])
    mended = signals.fill_gaps(step, 2)
    assert (np.diff(mended) >= 0).all()
    assert mended.max() == 1.0


@pytest.mark.parametrize(
    "values", [EMPTY, np.array([NAN]), np.array([1.0]), np.array([NAN, 2.0, NAN]), np.full(9, NAN)]
)
def test_nothing_to_bridge_from(values: FloatArray) -> None:
    assert signals.fill_gaps(values, 3) == pytest.approx(values, nan_ok=True)


# --- medians and outliers ------------------------------------------------------------------------------------------


def test_median_of_what_is_there() -> None:
    assert signals.median(np.array([NAN, 3.0, 1.0, NAN, 2.0])) == 2.0
    assert np.isnan(signals.median(np.array([NAN, NAN])))
    assert np.isnan(signals.median(EMPTY))


def test_a_ramp_keeps_its_values_to_the_very_ends() -> None:
    ramp = np.linspace(5, 95, 40)
    assert signals.running_median(ramp, 13) == pytest.approx(ramp)


def test_a_running_median_drops_spikes_and_keeps_edges() -> None:
    values = np.where(np.arange(60) < 30, 0.0, 10.0)
    spiked = values.copy()
    spiked[[7, 8, 40]] = 99.0
    assert signals.running_median(spiked, 7) == pytest.approx(values)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_a_window_longer_than_the_signal(n: int) -> None:
    assert signals.running_median(np.full(n, 4.0), 13) == pytest.approx(np.full(n, 4.0))


def test_a_running_median_leaves_gaps() -> None:
    ramp = np.arange(30.0)
    ramp[10:13] = NAN
    median = signals.running_median(ramp, 5)
    assert np.flatnonzero(np.isnan(median)).tolist() == [10, 11, 12]
    assert median[13:] == pytest.approx(ramp[13:])
    assert np.isnan(signals.running_median(np.full(5, NAN), 3)).all()


def test_outliers_are_found_where_they_are() -> None:
    generator = np.random.default_rng(0)
    values = 100 * np.sin(np.arange(300) / 20) + generator.standard_normal(300)
    wild = [20, 21, 90, 200, 290]
    values[wild] += [30, 32, -25, 25, 40]
    assert np.flatnonzero(signals.find_outliers(values, 13, 7.0)).tolist() == wild


@pytest.mark.parametrize("start", [0, 5, 9])
def test_fast_honest_motion_at_the_ends_is_no_outlier(start: int) -> None:
    stroke = 150 * np.sin(np.linspace(0, np.pi, 25))[start : 25 - start]
    assert not signals.find_outliers(stroke, 13, 7.0).any()


@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_a_burst_of_outliers_is_found(length: int) -> None:
    values = 100 * np.sin(np.arange(200) / 12) + np.random.default_rng(0).standard_normal(200)
    values[90 : 90 + length] += 30
    assert np.flatnonzero(signals.find_outliers(values, 13, 7.0)).tolist() == list(range(90, 90 + length))


def test_departures_below_the_floor_stay() -> None:
    values = np.zeros(60)
    values[30] = 6.9
    assert not signals.find_outliers(values, 13, 7.0).any()
    values[30] = 7.1
    assert np.flatnonzero(signals.find_outliers(values, 13, 7.0)).tolist() == [30]


def test_what_is_missing_is_no_outlier() -> None:
    values = np.zeros(60)
    values[30], values[31] = 50.0, NAN
    assert np.flatnonzero(signals.find_outliers(values, 13, 7.0)).tolist() == [30]
    assert not signals.find_outliers(np.full(60, NAN), 13, 7.0).any()


# --- filters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 46.92, 60.0, 240.0])
@pytest.mark.parametrize("cutoff_hz", [3.0, 5.0, 6.0])
def test_the_cut_off_is_at_minus_3_db(rate_hz: float, cutoff_hz: float) -> None:
    time_s, wave = sine(rate_hz, cutoff_hz)
    middle = (time_s > 5) & (time_s < 15)
    smoothed = signals.smooth(wave, rate_hz, cutoff_hz)
    gain = np.sqrt(np.mean(smoothed[middle] ** 2) / np.mean(wave[middle] ** 2))
    assert gain == pytest.approx(1 / np.sqrt(2), rel=0.01)


@pytest.mark.parametrize("hz", [0.5, 1.0, 2.0, 4.0])
def test_there_is_no_lag(hz: float) -> None:
    time_s, wave = sine(60.0, hz)
    smoothed = signals.smooth(wave, 60.0, 5.0)
    middle = slice(300, 900)  # whole periods
    quarter = np.cos(2 * np.pi * hz * time_s + 0.3)
    lag_rad = np.arctan2(-np.sum((smoothed * quarter)[middle]), np.sum((smoothed * wave)[middle]))
    assert 1000 * lag_rad / (2 * np.pi * hz) == pytest.approx(0.0, abs=0.1)  # ms


def test_a_pulse_stays_symmetric_and_keeps_its_area() -> None:
    pulse = np.zeros(301)
    pulse[150] = 1.0
    smoothed = signals.smooth(pulse, 30.0, 5.0)
    assert smoothed == pytest.approx(smoothed[::-1], abs=1e-12)
    assert smoothed.sum() == pytest.approx(1.0, abs=1e-6)


def test_constants_and_ramps_pass_unchanged() -> None:
    assert signals.smooth(np.full(60, 7.5), 30.0, 3.0) == pytest.approx(np.full(60, 7.5))
    ramp = np.linspace(0, 90, 90)
    assert signals.smooth(ramp, 30.0, 5.0) == pytest.approx(ramp, abs=0.05)


def test_each_finite_run_is_filtered_by_itself() -> None:
    values = np.random.default_rng(0).standard_normal(100)
    values[40:45] = values[52:55] = NAN
    smoothed = signals.smooth(values, 30.0, 5.0)
    assert np.isnan(smoothed).tolist() == np.isnan(values).tolist()
    assert smoothed[:40] == pytest.approx(signals.smooth(values[:40], 30.0, 5.0))
    assert smoothed[45:52] == pytest.approx(values[45:52])  # seven samples are too few to filter


@pytest.mark.parametrize("rate_hz", [6.0, 10.0, 12.0])
def test_nothing_to_filter_at_a_low_rate(rate_hz: float) -> None:
    values = np.random.default_rng(0).standard_normal(50)
    assert signals.smooth(values, rate_hz, 6.0) == pytest.approx(values)


@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_too_short_to_filter(n: int) -> None:
    assert signals.smooth(np.arange(float(n)), 30.0, 5.0) == pytest.approx(np.arange(float(n)))


def test_slow_motion_gets_the_lowest_cut_off() -> None:
    _, wave = sine(60.0, 0.3)
    noisy = 100 * wave + np.random.default_rng(0).standard_normal(len(wave))
    assert signals.choose_cutoff(noisy, 60.0) == 3.0


@pytest.mark.parametrize(("hz", "cutoff_hz"), [(0.3, 3.0), (1.2, 3.0), (2.0, 4.0), (3.0, 5.0)])
def test_the_cut_off_rises_with_the_motion(hz: float, cutoff_hz: float) -> None:
    _, wave = sine(60.0, hz, 60.0)
    for seed in range(3):
        noise = np.random.default_rng(seed).standard_normal(len(wave))
        assert signals.choose_cutoff(60 * wave + noise, 60.0) == cutoff_hz


@pytest.mark.parametrize("values", [EMPTY, np.full(100, NAN), np.ones(20)])
def test_without_evidence_the_highest_cut_off(values: FloatArray) -> None:
    assert signals.choose_cutoff(values, 30.0) == 6.0


# --- noise ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [0.1, 1.8, 20.0])
def test_white_noise_is_measured_under_motion(sigma: float) -> None:
    _, wave = sine(30.0, 0.25, 60.0)
    noise = sigma * np.random.default_rng(0).standard_normal(len(wave))
    assert signals.white_noise(10 * wave + noise) == pytest.approx(sigma, rel=0.1)


def test_slow_noise_and_steps_are_not_white() -> None:
    generator = np.random.default_rng(0)
    drift = np.cumsum(0.05 * generator.standard_normal(900))
    step = np.where(np.arange(900) > 450, 30.0, 0.0)
    assert signals.white_noise(drift + step + generator.standard_normal(900)) == pytest.approx(1.0, rel=0.1)


def test_noise_of_a_signal_with_gaps() -> None:
    values = 2.0 * np.random.default_rng(0).standard_normal(2000)
    values[::9] = NAN
    assert signals.white_noise(values) == pytest.approx(2.0, rel=0.1)


def test_no_noise_and_no_evidence() -> None:
    assert signals.white_noise(np.full(50, 3.3)) == 0.0
    assert signals.white_noise(np.linspace(0, 9, 50)) == pytest.approx(0.0, abs=1e-12)
    for values in (EMPTY, np.ones(11), np.full(50, NAN)):
        assert np.isnan(signals.white_noise(values))
