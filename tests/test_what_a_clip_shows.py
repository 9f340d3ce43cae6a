"""What a clip does not show of a repetition costs that one alone; what it does not tell of its speed, the times."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import make_rep
from films import Picture, read_pictures, write_film

from formcheck.data import FloatArray, PoseProvenance, PoseSequence, Rep
from formcheck.errors import InputError
from formcheck.pipeline import analyze, at_true_speed, find_set, judge_set
from formcheck.pose.jump_cuts import find_cuts, measure_change
from formcheck.segmentation.coverage import find_spoilt, without_unseen
from formcheck.segmentation.playback_speed import describe_slowness
from formcheck.settings import Settings, Tempo
from formcheck.signals import resample
from formcheck.skeleton import Landmark

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "rdl_four_reps.mp4"


def poses_at(time_s: FloatArray, seen: FloatArray | None = None, cuts_s: tuple[float, ...] = ()) -> PoseSequence:
    """A body that is found where `seen` (T,) says so."""
    xy_px = np.full((len(time_s), 33, 2), 100.0)
    if seen is not None:
        xy_px[~np.asarray(seen, bool)] = np.nan
    provenance = PoseProvenance("lite", "", "video", "none", 30.0, "auto", "")
    return PoseSequence(
        time_s,
        xy_px,
        np.zeros((len(time_s), 33, 3)),
        xy_px[:, :, 0],
        (640, 480),
        None,
        provenance,
        cuts_s=np.array(cuts_s),
    )


# --- a repetition ----------------------------------------------------------------------------------------------------

REP = make_rep(1)  # from 0.5 to 3 s: down to 2 s, up from 2.2 s
TIMES_S = np.arange(0, 120) / 30


@pytest.mark.parametrize(("cut_s", "lost"), [(1.0, "eccentric_s"), (2.1, "pause_s"), (2.9, "concentric_s")])
def test_a_cut_costs_the_repetition_and_the_phase_it_lies_in(cut_s: float, lost: str) -> None:
    poses = poses_at(TIMES_S, cuts_s=(cut_s,))
    spoilt = find_spoilt((REP,), poses)
    assert spoilt == {1: f"the video jumps at {cut_s:.1f} s, in the middle of this rep"}
    shown = without_unseen(REP, poses, spoilt)
    assert not shown.complete
    assert shown.cut_off is (lost != "pause_s")
    phases = ("eccentric_s", "pause_s", "concentric_s")
    assert [name for name in phases if math.isnan(getattr(shown, name))] == [lost]


@pytest.mark.parametrize("cut_s", [0.2, 3.5])
def test_a_cut_between_repetitions_costs_none(cut_s: float) -> None:
    assert find_spoilt((REP,), poses_at(TIMES_S, cuts_s=(cut_s,))) == {}


@pytest.mark.parametrize(("share", "reason"), [(0.79, "only 79 % of its frames"), (0.81, None), (0.0, "0 % of its")])
def test_an_unseen_lifter_costs_the_repetitions_that_are_unseen(share: float, reason: str | None) -> None:
    inside = (REP.start_s <= TIMES_S) & (REP.stop_s >= TIMES_S)
    seen = np.ones(len(TIMES_S), bool)
    seen[np.flatnonzero(inside)[round(share * inside.sum()) :]] = False
    seen[REP.stop_s < TIMES_S] = True
    told = find_spoilt((REP,), poses_at(TIMES_S, seen))
    assert (reason is None and told == {}) or (reason is not None and reason in told[1])


def test_nobody_before_and_after_a_repetition_costs_nothing() -> None:
    seen = (REP.start_s <= TIMES_S) & (REP.stop_s >= TIMES_S)
    assert find_spoilt((REP,), poses_at(TIMES_S, seen)) == {}


@pytest.mark.parametrize(
    ("step_s", "share", "reason"),
    [(0.133, 0.5, "8 frames a second"), (1.0, 0.5, "1 frame a second"), (0.133, 0.1, None), (0.1, 1.0, None)],
)
def test_too_few_pictures_in_a_part_of_it(step_s: float, share: float, reason: str | None) -> None:
    slow_s = np.arange(0.5, 0.5 + 2.5 * share, step_s)
    times_s = np.concatenate([np.arange(0, 0.49, 1 / 30), slow_s, np.arange(slow_s[-1] + 1 / 30, 4, 1 / 30)])
    told = find_spoilt((REP,), poses_at(times_s))
    assert (reason is None and told == {}) or (reason is not None and reason in told[1])


@pytest.mark.parametrize("rows_lack", [True, False])
def test_a_hole_at_the_turn_costs_every_phase_beside_it(rows_lack: bool) -> None:
    """A lowering that ends in it was told as 2.1 s where it took 3.2."""
    hole = (TIMES_S > 0.65) & (TIMES_S < 2.75)
    poses = poses_at(TIMES_S[~hole]) if rows_lack else poses_at(TIMES_S, ~hole)
    spoilt = find_spoilt((REP,), poses)
    assert spoilt[1].startswith("the clip has no picture for 2.1 s" if rows_lack else "you are visible in only 1")
    shown = without_unseen(REP, poses, spoilt)
    assert all(math.isnan(each) for each in (shown.eccentric_s, shown.pause_s, shown.concentric_s))
    assert shown.cut_off


# --- cuts ------------------------------------------------------------------------------------------------------------


def swing(time_s: FloatArray) -> FloatArray:
    """Landmarks (T, 33, 2) of a body that leans by 60 deg within 4 s, of 400 px, with a pixel of noise."""
    lean = np.radians(60) * np.clip(time_s / 4, 0, 1)
    joints = {"shoulder": 200.0, "wrist": 200.0, "hip": 0.0, "knee": 0.0, "ankle": 0.0}
    xy_px = np.random.default_rng(0).normal(0, 1, (len(time_s), 33, 2))
    for name, reach in joints.items():
        base = {"knee": 100.0, "ankle": 200.0}.get(name, 0.0)
        for side in ("LEFT", "RIGHT"):
            at = Landmark[f"{side}_{name.upper()}"]
            xy_px[:, at, 0] += 300 + reach * np.sin(lean)
            xy_px[:, at, 1] += 250 + base - reach * np.cos(lean)
    return xy_px


@pytest.mark.parametrize(
    ("picture", "body_s", "found"),
    [(40.0, 1.2, True), (40.0, 0.0, False), (3.0, 1.2, False), (9.0, 1.2, True), (5.5, 1.2, False)],
)
def test_a_cut_is_where_picture_and_body_jump_at_once(picture: float, body_s: float, found: bool) -> None:
    shown_s = np.arange(90) / 30
    xy_px = swing(np.where(shown_s < 1.5, shown_s, shown_s + body_s))
    change = np.full(90, 3.0)
    change[45] = picture
    cuts_s = find_cuts(shown_s, change, xy_px)
    assert list(cuts_s) == ([1.5] if found else [])


def test_a_picture_that_comes_late_is_no_cut() -> None:
    """What a phone leaves out under load: the clock goes on, so the body has gone as far as it should."""
    shown_s = np.delete(np.arange(120) / 30, slice(45, 60))
    change = np.full(len(shown_s), 3.0)
    change[45] = 30.0
    assert len(find_cuts(shown_s, change, swing(shown_s))) == 0


def test_the_change_is_that_of_the_part_that_changes() -> None:
    before = np.full((36, 48), 100.0)
    after = before.copy()
    after[:9, :10] = 140.0  # a twentieth of the picture
    assert measure_change(before, after) == pytest.approx(40.0, abs=2.0)
    assert measure_change(before, before) == 0.0


# --- speed -----------------------------------------------------------------------------------------------------------


def rep_of(down_s: float, up_s: float) -> Rep:
    return replace(REP, eccentric_s=down_s, concentric_s=up_s)


@pytest.mark.parametrize(
    ("down_s", "up_s", "tempo", "slow"),
    [
        (3.0, 1.0, None, False),
        (12.0, 4.0, None, True),  # 3-1-1 at a quarter
        (8.0, 4.0, None, True),
        (10.0, 2.0, None, False),  # a slow lowering, and a way up as it should be
        (4.0, 4.0, None, False),
        (8.0, 4.0, Tempo(8.0, 0.0, 4.0), False),
        (12.0, 4.0, Tempo(3.0, 1.0, 1.0), True),
        (13.0, math.nan, None, True),
        (8.0, math.nan, None, False),
        (math.nan, math.nan, None, False),
    ],
)
def test_repetitions_slower_than_any(down_s: float, up_s: float, tempo: Tempo | None, slow: bool) -> None:
    told = describe_slowness([rep_of(down_s, up_s)] * 3, 1.0, tempo)
    assert (told is not None) is slow
    assert told is None or "Set the speed to 0.25" in told


def test_the_phones_tag_names_the_speed() -> None:
    told = describe_slowness([rep_of(3.0, 1.0)], 0.125, None)
    assert told is not None
    assert "Set the speed to 0.125" in told
    assert describe_slowness([rep_of(3.0, 1.0)], math.nan, None) is not None


# --- from the film to the verdict ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    """Half a sample's height, for time: the first repetition and what stands about it."""
    return [each[::2, ::2] for each in read_pictures(SAMPLE, count=225)]


SETTINGS = Settings(lift="rdl", model="lite")


def verdicts(path: Path) -> tuple[dict[str, str], float]:
    report = analyze(path, SETTINGS)
    assert len(report.reps) == 1
    told = {each.code: each.verdict for each in report.findings if each.rep == 1}
    return told, report.reps[0].eccentric_s


def film(path: Path, shown: list[Picture]) -> Path:
    return write_film(path, shown, preset="ultrafast")


@pytest.fixture(scope="module")
def plain(pictures: list[Picture], tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], float]:
    return verdicts(film(tmp_path_factory.mktemp("films") / "plain.mp4", pictures))


def test_a_still_is_one_sentence(tmp_path: Path, pictures: list[Picture]) -> None:
    with pytest.raises(InputError, match="Nothing moves in the video"):
        analyze(film(tmp_path / "a.mp4", [pictures[0]] * 90), SETTINGS)


def test_an_empty_intro_costs_nothing(
    tmp_path: Path, pictures: list[Picture], plain: tuple[dict[str, str], float]
) -> None:
    """With it the lifter is found in under 80 % of the frames."""
    told, down_s = plain
    assert told["rdl.tempo"] == "good"
    dark = [np.full_like(pictures[0], 10)] * 75
    late, late_s = verdicts(film(tmp_path / "dark.mp4", [*dark, *pictures]))
    assert late == told
    assert late_s == pytest.approx(down_s, abs=0.1)


def test_a_jump_cut_costs_its_repetition(tmp_path: Path, pictures: list[Picture]) -> None:
    cut, cut_s = verdicts(film(tmp_path / "cut.mp4", pictures[:90] + pictures[126:]))
    assert set(cut.values()) == {"not_judged"}
    assert math.isnan(cut_s)


def slow_down(poses: PoseSequence, times: int) -> PoseSequence:
    """The same movement, filmed with so many times the frames a second and played at the old rate."""
    assert poses.back is not None
    grid_s = np.arange(0, poses.time_s[-1], 1 / 30 / times)

    def more(values: FloatArray) -> FloatArray:
        return resample(poses.time_s, values, grid_s, 1.0)

    back = replace(poses.back, chord_px=more(poses.back.chord_px), depth_px=more(poses.back.depth_px))
    return replace(
        poses,
        time_s=grid_s * times,
        xy_px=more(poses.xy_px),
        world_m=more(poses.world_m),
        visibility=more(poses.visibility),
        plate_px=None,
        edge_px=None if poses.edge_px is None else more(poses.edge_px),
        back=back,
    )


def test_slow_motion_is_asked_about_and_its_speed_makes_the_times_true(tmp_path: Path, pictures: list[Picture]) -> None:
    source, poses, lift, _ = find_set(film(tmp_path / "plain.mp4", pictures), SETTINGS)
    plain = judge_set(source, poses, lift, SETTINGS)
    true_s = plain.reps[0].eccentric_s
    judged = {(each.code, each.rep): each.verdict for each in plain.findings}
    slow = slow_down(poses, 4)
    asked = judge_set(source, slow, lift, SETTINGS)
    tempo = next(each for each in asked.findings if each.code == "rdl.tempo")
    assert tempo.verdict == "not_judged"
    assert "slowed down" in str(tempo.reason)
    faults = {"note", "fault"}
    for each in asked.findings:  # what asks for no clock is never judged the other way
        was = judged.get((each.code, each.rep), "not_judged")
        assert not ({was, each.verdict} & faults and "good" in {was, each.verdict}), each
    assert any("looks slowed down" in each for each in asked.kinematics.quality.warnings)
    for speed, down_s in ((0.25, true_s), (1.0, 4 * true_s)):
        known = judge_set(source, at_true_speed(slow, speed), lift, replace(SETTINGS, speed=speed))
        assert (known.settings["speed"], known.speed) == (speed, speed)
        assert next(each for each in known.findings if each.code == "rdl.tempo").verdict == "good"
        assert known.reps[0].eccentric_s == pytest.approx(down_s, rel=0.05)
        assert not any("slowed" in each for each in known.kinematics.quality.warnings)
