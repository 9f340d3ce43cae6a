"""Reps counted and timed on trunk angles whose truth is known, from quiet sets to the hard cases."""

from typing import Any

import numpy as np
import pytest

from formcheck import signals
from formcheck.data import FloatArray, Rep
from formcheck.lifts import all_lifts
from formcheck.segmentation.repetitions import find_cycles, find_reps, rest_level
from samples.renderer.stick import STANCE_TRUNK_DEG, RdlRep, Truth, minimum_jerk, rdl_set, stroke_s

MIN_RANGE_DEG = 25.0
HALF = RdlRep(trunk_max_deg=STANCE_TRUNK_DEG + 0.45 * 72)


def count(truth: Truth, noise_deg: float = 0.0, seed: int = 0) -> tuple[Rep, ...]:
    """Reps in the exact trunk angle, or in a noisy one filtered at 5 Hz as the product does."""
    trunk_deg = truth["trunk_deg"]
    if noise_deg:
        rate_hz = 1 / float(np.median(np.diff(truth.time_s)))
        noise = noise_deg * np.random.default_rng(seed).standard_normal(len(trunk_deg))
        trunk_deg = signals.smooth(trunk_deg + noise, rate_hz, 5.0)
    return find_reps(truth.time_s, trunk_deg, MIN_RANGE_DEG)


def set_truth(*args: Any, **kwargs: Any) -> Truth:
    return rdl_set(*args, with_back=False, **kwargs)[1]


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 60.0])
@pytest.mark.parametrize("pause_s", [0.0, 0.3, 2.0])
def test_every_phase_is_timed(rate_hz: float, pause_s: float) -> None:
    truth = set_truth(4, rate_hz=rate_hz, pause_s=pause_s, rest_s=1.5)
    reps = count(truth)
    assert [(rep.number, rep.complete) for rep in reps] == [(1, True), (2, True), (3, True), (4, True)]
    for rep, true in zip(reps, truth.reps, strict=True):
        assert rep.start_s == pytest.approx(true.start_s, abs=0.02)
        assert rep.stop_s == pytest.approx(true.stop_s, abs=0.02)
        assert rep.turn_s == pytest.approx(true.turn_s, abs=pause_s / 2 + 1 / rate_hz)
        assert rep.eccentric_s == pytest.approx(true.eccentric_s, abs=0.02)
        assert rep.pause_s == pytest.approx(true.pause_s, abs=0.03)
        assert rep.concentric_s == pytest.approx(true.concentric_s, abs=0.02)


def test_indices_bound_the_times() -> None:
    truth = set_truth(3)
    for rep in count(truth):
        assert truth.time_s[rep.start] <= rep.start_s < truth.time_s[rep.start + 1]
        assert truth.time_s[rep.turn] == rep.turn_s
        assert truth.time_s[rep.stop - 2] <= rep.stop_s <= truth.time_s[rep.stop - 1]


def test_eccentric_time_in_noise_is_within_a_tenth_of_a_second() -> None:
    errors_s = []
    for seed in range(12):
        tempo = RdlRep(eccentric_s=1.2 + 0.25 * seed, concentric_s=0.8 + 0.1 * seed, pause_s=(0, 0.3, 1)[seed % 3])
        truth = set_truth(reps=(tempo, tempo, tempo))
        reps = count(truth, noise_deg=1.2, seed=seed)
        assert [rep.complete for rep in reps] == [True, True, True]
        for rep, true in zip(reps, truth.reps, strict=True):
            errors_s.append(
                [getattr(rep, name) - getattr(true, name) for name in ("eccentric_s", "pause_s", "concentric_s")]
            )
    assert (np.mean(np.abs(errors_s), axis=0) <= [0.08, 0.06, 0.05]).all()  # the target is 0.10
    assert (np.abs(np.mean(errors_s, axis=0)) <= [0.04, 0.04, 0.02]).all()  # an extreme read off noise is 0.15 s off


@pytest.mark.parametrize("around_s", [0.5, 5.0, 120.0])
def test_one_rep_alone_however_long_the_lifter_stands_about(around_s: float) -> None:
    truth = set_truth(1, before_s=around_s, after_s=around_s, sway_deg=0.5)
    (rep,) = count(truth, noise_deg=0.8)
    assert rep.complete
    assert rep.start_s == pytest.approx(truth.reps[0].start_s, abs=0.15)
    assert rep.eccentric_s == pytest.approx(2.5, abs=0.15)


@pytest.mark.parametrize("n_reps", [2, 5, 12])
@pytest.mark.parametrize("rest_s", [0.0, 3.0])
def test_sets_are_counted_exactly_in_noise(n_reps: int, rest_s: float) -> None:
    truth = set_truth(n_reps, eccentric_s=1.0, concentric_s=0.7, rest_s=rest_s)
    for seed in range(5):
        assert [rep.complete for rep in count(truth, noise_deg=2.0, seed=seed)] == [True] * n_reps


def test_fast_reps_without_pauses() -> None:
    truth = set_truth(6, eccentric_s=0.45, pause_s=0.0, concentric_s=0.35, rest_s=0.0)
    reps = count(truth)
    assert [rep.complete for rep in reps] == [True] * 6
    assert [rep.eccentric_s for rep in reps] == pytest.approx([0.45] * 6, abs=0.05)


def test_a_long_pause_at_the_bottom_is_one_rep() -> None:
    truth = set_truth(2, pause_s=4.0)
    reps = count(truth, noise_deg=1.0)
    assert [rep.complete for rep in reps] == [True, True]
    assert [rep.pause_s for rep in reps] == pytest.approx([truth.reps[0].pause_s] * 2, abs=0.35)


def test_a_stop_half_way_down_does_not_split_a_rep() -> None:
    time_s = np.arange(0, 9, 1 / 30)
    share = minimum_jerk((time_s - 1) / 1.5) * 0.5 + minimum_jerk((time_s - 4) / 1.5) * 0.5
    (rep,) = find_reps(time_s, 70 * (share - minimum_jerk((time_s - 6) / 1.5)), MIN_RANGE_DEG)
    assert rep.complete
    down_s, _, up_s = 3 + 1.5, 0.0, 1.5
    assert rep.start_s == pytest.approx(1.0 + 0.36, abs=0.1)
    assert rep.eccentric_s == pytest.approx(down_s - 0.36 - 0.36, abs=0.1)
    assert rep.concentric_s == pytest.approx(up_s / stroke_s(1.0), abs=0.02)


def test_half_reps_are_partial_and_numbered_with_the_others() -> None:
    truth = set_truth(reps=(RdlRep(), HALF, RdlRep(), RdlRep(), HALF))
    reps = count(truth, noise_deg=0.8)
    assert [(rep.number, rep.complete) for rep in reps] == [(1, True), (2, False), (3, True), (4, True), (5, False)]
    assert all(np.isfinite([rep.eccentric_s, rep.pause_s, rep.concentric_s]).all() for rep in reps)


def test_a_set_of_shallow_reps_is_not_partial() -> None:
    assert [rep.complete for rep in count(set_truth(reps=(HALF,) * 3))] == [True] * 3


@pytest.mark.parametrize(("reached", "n_reps"), [(0.25, 2), (0.35, 3), (0.55, 3), (0.65, 3)])
def test_borders_of_a_partial_rep(reached: float, n_reps: int) -> None:
    part = RdlRep(trunk_max_deg=STANCE_TRUNK_DEG + reached * 72)
    reps = count(set_truth(reps=(RdlRep(), part, RdlRep())))
    assert len(reps) == n_reps
    assert all(rep.complete for rep in reps) == (reached > 0.6 or n_reps == 2)


def test_trembling_at_the_level_of_return_is_no_rep_of_its_own() -> None:
    time_s = np.arange(0, 14, 1 / 30)
    hang = minimum_jerk((time_s - 1) / 2) - 0.7 * minimum_jerk((time_s - 4) / 2) - 0.3 * minimum_jerk((time_s - 9) / 1)
    tremble = np.where((time_s > 6) & (time_s < 9), 0.03 * np.sin(2 * np.pi * 0.8 * time_s), 0.0)
    reps = find_reps(time_s, 70 * (hang + tremble), MIN_RANGE_DEG)
    assert [rep.complete for rep in reps] == [True]


def twice_down(top: float, first: float = 1.0, top_s: float = 0.8) -> FloatArray:
    """The trunk of a lifter who goes down to `first`, comes up to `top` and goes down to 1 again, of 70 deg."""
    time_s = np.arange(0, 12, 1 / 30)
    way = first * minimum_jerk((time_s - 1) / 1.5) - (first - top) * minimum_jerk((time_s - 4) / top_s)
    way += (1 - top) * minimum_jerk((time_s - 4 - top_s) / top_s) - minimum_jerk((time_s - 8) / 1.5)
    return 70 * way


@pytest.mark.parametrize(
    ("top", "first", "n_reps"),
    [(0.0, 1.0, 2), (0.35, 1.0, 2), (0.47, 1.0, 2), (0.53, 1.0, 1), (0.8, 1.0, 1), (0.35, 0.8, 2), (0.45, 0.8, 1)],
)
def test_reps_from_which_nobody_stands_up_are_two_once_they_came_half_way_up(
    top: float, first: float, n_reps: int
) -> None:
    time_s = np.arange(0, 12, 1 / 30)
    reps = find_reps(time_s, twice_down(top, first), MIN_RANGE_DEG)
    assert [rep.complete for rep in reps] == [True] * n_reps
    if n_reps == 2:
        assert reps[0].stop_s <= reps[1].start_s
        assert [2.3 <= reps[0].turn_s <= 4.2, 5.4 <= reps[1].turn_s <= 8.2] == [True, True]
        assert reps[0].concentric_s == pytest.approx(0.8 / stroke_s(1.0), abs=0.12)


@pytest.mark.parametrize(("top", "n_reps"), [(0.55, 2), (0.65, 1)])
def test_a_lift_may_part_its_reps_elsewhere(top: float, n_reps: int) -> None:
    """A curl is over at 0.6 of the way: who turns there has not let the weight down, and nothing bounces."""
    reps = find_reps(
        np.arange(0, 12, 1 / 30), twice_down(top), MIN_RANGE_DEG, came_up=all_lifts()["lying_curl"].came_up
    )
    assert len(reps) == n_reps


def test_a_shoulder_that_slips_for_a_moment_at_the_bottom_parts_no_rep() -> None:
    time_s = np.arange(0, 12, 1 / 30)
    trunk_deg = twice_down(1.0)
    trunk_deg[(time_s > 6.0) & (time_s < 6.15)] = 24.0
    assert len(find_reps(time_s, trunk_deg, MIN_RANGE_DEG)) == 1


def test_a_glitch_is_too_short_to_be_a_rep() -> None:
    truth = set_truth(2, rest_s=2.0)
    trunk_deg = truth["trunk_deg"].copy()
    between = int(np.searchsorted(truth.time_s, truth.reps[0].stop_s + 1.2))
    trunk_deg[between : between + 8] += 50.0
    assert len(find_reps(truth.time_s, trunk_deg, MIN_RANGE_DEG)) == 2


@pytest.mark.parametrize(("left", "counted"), [(0.05, True), (0.2, True), (0.4, True), (0.9, False), (1.0, False)])
def test_a_clip_that_ends_inside_a_rep(left: float, counted: bool) -> None:
    whole = set_truth(2)
    up = whole["trunk_deg"] <= STANCE_TRUNK_DEG + 72 * left
    end = int(np.flatnonzero(up & (whole.time_s > whole.reps[1].turn_s))[0]) if left < 1 else 0
    end_s = float(whole.time_s[end]) if end else whole.reps[1].turn_s
    reps = count(set_truth(2, cut_s=(0.0, end_s)))
    assert len(reps) == 1 + counted
    assert reps[0].complete
    if counted:
        seen_whole = left < 0.15
        assert reps[1].complete is seen_whole
        assert np.isfinite(reps[1].concentric_s) == seen_whole
        assert reps[1].eccentric_s == pytest.approx(2.5, abs=0.03)
        assert reps[1].stop <= len(set_truth(2, cut_s=(0.0, end_s)).time_s)


@pytest.mark.parametrize(("done", "counted"), [(0.05, True), (0.2, True), (0.4, True), (0.9, False), (1.0, False)])
def test_a_clip_that_starts_inside_a_rep(done: float, counted: bool) -> None:
    whole = set_truth(2, eccentric_s=1.5)
    down = whole["trunk_deg"] >= STANCE_TRUNK_DEG + 72 * done - 1e-3
    start_s = float(whole.time_s[int(np.flatnonzero(down)[0])])
    reps = count(set_truth(2, eccentric_s=1.5, cut_s=(start_s, float(whole.time_s[-1]))))
    assert len(reps) == 1 + counted
    assert reps[-1].complete
    assert reps[-1].eccentric_s == pytest.approx(1.5, abs=0.03)
    if counted:
        seen_whole = done < 0.15
        assert reps[0].complete is seen_whole
        assert np.isfinite(reps[0].eccentric_s) == seen_whole
        assert reps[0].concentric_s == pytest.approx(1.2, abs=0.03)


@pytest.mark.parametrize(("left", "counted"), [(0.6, True), (0.8, False)])
def test_a_fast_way_up_counts_once_a_part_of_it_is_seen(left: float, counted: bool) -> None:
    whole = set_truth(2, concentric_s=0.5, rate_hz=60.0)
    rising = (whole["trunk_deg"] <= STANCE_TRUNK_DEG + 72 * left) & (whole.time_s > whole.reps[1].turn_s)
    end_s = float(whole.time_s[int(np.flatnonzero(rising)[0])])
    assert len(count(set_truth(2, concentric_s=0.5, rate_hz=60.0, cut_s=(0.0, end_s)))) == 1 + counted


def test_a_lifter_who_stays_down_has_not_done_that_rep() -> None:
    whole = set_truth(2, pause_s=3.0)
    reps = count(set_truth(2, pause_s=3.0, cut_s=(0.0, whole.reps[1].turn_s + 1.0)))
    assert [rep.complete for rep in reps] == [True]


def test_leaning_at_rest_is_no_cut() -> None:
    truth = set_truth(2, before_s=2.0)
    lean_deg = 18.0 * (truth.time_s < truth.reps[0].turn_s)
    trunk_deg = np.maximum(truth["trunk_deg"], lean_deg)
    noise = signals.smooth(np.random.default_rng(0).standard_normal(len(trunk_deg)), 30.0, 5.0)
    reps = find_reps(truth.time_s, trunk_deg + 0.5 * noise, MIN_RANGE_DEG)
    assert [rep.complete for rep in reps] == [True, True]


@pytest.mark.parametrize("sway_deg", [0.0, 3.0, 8.0])
def test_standing_is_no_rep(sway_deg: float) -> None:
    truth = set_truth(0, before_s=10.0, after_s=10.0, sway_deg=sway_deg)
    assert count(truth) == ()
    assert count(truth, noise_deg=2.0) == ()


def test_walking_in_before_the_set_adds_nothing() -> None:
    truth = set_truth(3, walk_in_s=3.0)
    reps = count(truth, noise_deg=0.5)
    assert [rep.complete for rep in reps] == [True] * 3
    assert reps[0].start_s == pytest.approx(truth.reps[0].start_s, abs=0.25)  # it walks in with another lean


def test_a_bow_below_the_least_range_is_no_rep() -> None:
    assert count(set_truth(3, trunk_max_deg=STANCE_TRUNK_DEG + 24.0)) == ()
    assert len(count(set_truth(3, trunk_max_deg=STANCE_TRUNK_DEG + 26.0))) == 3


def test_gaps_are_bridged_for_counting() -> None:
    truth = set_truth(3)
    trunk_deg = truth["trunk_deg"].copy()
    trunk_deg[:20] = np.nan
    middle = int(np.searchsorted(truth.time_s, truth.reps[1].start_s + 1.0))
    trunk_deg[middle : middle + 15] = np.nan
    reps = find_reps(truth.time_s, trunk_deg, MIN_RANGE_DEG)
    assert [rep.complete for rep in reps] == [True] * 3
    assert [rep.eccentric_s for rep in reps] == pytest.approx([2.5] * 3, abs=0.03)


@pytest.mark.parametrize(
    "signal",
    [
        np.array([]),
        np.array([40.0]),
        np.array([0.0, 40.0]),
        np.full(90, np.nan),
        np.full(90, 33.0),
        np.where(np.arange(90) < 2, 40.0, np.nan),
        np.zeros(3),
    ],
)
def test_nothing_to_count(signal: FloatArray) -> None:
    assert find_reps(np.arange(len(signal)) / 30, signal, MIN_RANGE_DEG) == ()


def test_uneven_times_are_kept() -> None:
    truth = set_truth(3, jitter=0.4, rate_hz=30.0)
    reps = find_reps(truth.time_s, truth["trunk_deg"], MIN_RANGE_DEG)
    assert [rep.eccentric_s for rep in reps] == pytest.approx([2.5] * 3, abs=0.03)


PICK_UP = RdlRep(
    eccentric_s=1.0, pause_s=2.0, trunk_max_deg=65, knee_deg=70.0, travel_leg=0.2, rest_s=1.5, counts=False
)


@pytest.mark.parametrize("reps", [(PICK_UP, RdlRep(), RdlRep()), (RdlRep(), RdlRep(), PICK_UP), (PICK_UP, RdlRep())])
def test_the_bar_picked_up_or_put_down_is_no_rep(reps: tuple[RdlRep, ...]) -> None:
    truth = set_truth(reps=reps)
    counted = find_reps(truth.time_s, truth["trunk_deg"], MIN_RANGE_DEG, truth["knee_flexion_deg"])
    assert [rep.number for rep in counted] == list(range(1, len(truth.reps) + 1))
    assert [rep.turn_s for rep in counted] == pytest.approx([rep.turn_s for rep in truth.reps], abs=0.2)
    assert len(find_reps(truth.time_s, truth["trunk_deg"], MIN_RANGE_DEG)) == len(reps)  # the trunk alone cannot tell


@pytest.mark.parametrize("reps", [(PICK_UP,), (PICK_UP,) * 3, (RdlRep(), PICK_UP, RdlRep())])
def test_bends_that_are_alone_alike_or_inside_the_set_are_reps(reps: tuple[RdlRep, ...]) -> None:
    truth = set_truth(reps=reps)
    assert len(find_reps(truth.time_s, truth["trunk_deg"], MIN_RANGE_DEG, truth["knee_flexion_deg"])) == len(reps)


def test_a_squat_at_the_bottom_of_the_last_rep_stays_a_rep() -> None:
    truth = set_truth(reps=(RdlRep(), RdlRep(), RdlRep(trunk_max_deg=85, overrun_deg=20, squat_deg=35)))
    assert len(find_reps(truth.time_s, truth["trunk_deg"], MIN_RANGE_DEG, truth["knee_flexion_deg"])) == 3


def test_rest_lies_between_neighbouring_turns() -> None:
    share = np.concatenate([np.zeros(20), np.sin(np.linspace(0, 3 * np.pi, 91)).clip(0), np.zeros(20)])
    first, second = find_cycles(share, 30.0)
    assert (first.rest_start, first.rest_stop) == (0, second.turn)
    assert (second.rest_start, second.rest_stop) == (first.turn, len(share))
    assert first.turn == 35
    assert (first.partial, first.cut_before, first.cut_after) == (False, False, False)


def test_rest_level_is_that_of_the_still_part() -> None:
    stroke = np.concatenate([np.full(30, 4.0), np.linspace(4, 74, 40)])
    assert rest_level(stroke) == pytest.approx(4.0, abs=0.01)
    assert rest_level(np.full(5, 7.0)) == 7.0


@pytest.mark.parametrize("rate_hz", [0.5, 1.0, 2.0])
def test_nothing_moves_at_any_rate(rate_hz: float) -> None:
    assert find_reps(np.arange(60) / rate_hz, np.ones(60), 20.0) == ()
