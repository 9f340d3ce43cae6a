from dataclasses import replace

from formcheck.lifts import all_checks
from formcheck.live.coaching.coach import CoachedSet
from formcheck.live.coaching.live_vs_offline import format_comparison
from formcheck.live.coaching.rep_log import LiveRep, merge_reps
from formcheck.live.coaching.spoken_cues import rank_faults, speak_finding, sum_up_aloud
from tests.conftest import make_finding, make_kinematics, make_rep, make_report


def live_rep(number: int, shift_s: float = 0.0, **changes: object) -> LiveRep:
    rep = make_rep(number)
    moved = replace(rep, start_s=rep.start_s + shift_s, turn_s=rep.turn_s + shift_s, stop_s=rep.stop_s + shift_s)
    finding = make_finding("rdl.overrun", "good", rep=number)
    return replace(LiveRep(moved, (finding,), 0.0, rep.eccentric_s), **changes)  # type: ignore[arg-type]


def test_live_numbers_stand_beside_the_final_ones() -> None:
    done = CoachedSet("rdl", (live_rep(1, 100.0, told_down_s=1.4), live_rep(2, 100.1)))
    assert format_comparison([done], make_report(), 100.0).splitlines() == [
        "Live against final: 2 reps and 2 reps + 1 partial",
        "",
        "  Rep   down live    final   checks",
        "    1      1.40 s   1.50 s   Overrun: good live, fault in the end",
        "    2      1.50 s   1.50 s   the same",
        "    3           -   1.50 s   not seen live",
    ]


def test_a_rep_that_only_live_saw_is_named() -> None:
    done = CoachedSet("rdl", (live_rep(1), live_rep(2), live_rep(3), live_rep(5)))
    assert format_comparison([done], make_report(), 0.0).splitlines()[-1] == "    -      1.50 s        -   live only"


# The ledger -------------------------------------------------------------------------------------------------------


def test_a_new_window_adds_its_reps_and_takes_over_its_numbers() -> None:
    known, fresh = merge_reps([], make_report(reps=(make_rep(1),)), 3.0)
    assert [(each.rep.number, each.told_s) for each in known] == [(1, 3.0)]
    assert len(fresh) == 1
    better = replace(make_rep(1), eccentric_s=1.7)
    known, fresh = merge_reps(known, make_report(reps=(better, make_rep(2))), 6.0)
    assert [(each.rep.number, each.rep.eccentric_s, each.told_s) for each in known] == [(1, 1.7, 3.0), (2, 1.5, 6.0)]
    assert [each.told_down_s for each in known] == [1.5, 1.5], "what was said of the first is not what is known of it"
    assert [each.rep.number for each in fresh] == [2]
    assert [each.code for each in known[0].findings] == ["rdl.overrun", "rdl.tempo", "rdl.rounding"]


def test_reps_before_the_window_stay_and_keep_their_numbers() -> None:
    old = [live_rep(1, -60.0), live_rep(2, -50.0)]
    known, fresh = merge_reps(old, make_report(reps=(make_rep(1),)), 4.0)
    assert [each.rep.number for each in known] == [1, 2, 3]
    assert [each.rep.number for each in fresh] == [3]
    assert {each.rep for each in known[2].findings} == {3}


def test_what_turns_out_to_be_no_rep_is_taken_back() -> None:
    time_s = make_kinematics().time_s
    picked_up = live_rep(2)
    report = make_report(reps=(make_rep(3),), kinematics=make_kinematics(time_s=time_s))
    known, fresh = merge_reps([picked_up], report, 9.0)
    assert [round(each.rep.turn_s, 1) for each in known] == [8.0]
    assert [each.rep.number for each in fresh] == [1]


def test_a_rep_that_is_cut_off_is_not_there_yet() -> None:
    going_on = replace(make_rep(2), complete=False, concentric_s=float("nan"))
    known, fresh = merge_reps([], make_report(reps=(make_rep(1), going_on)), 5.0)
    assert len(known) == len(fresh) == 1


def test_a_raise_from_the_turn_is_a_rep_where_the_set_began_there() -> None:
    """Where the window begins later, its first repetition may be cut off in the middle of anything."""
    nan = float("nan")
    raised = replace(make_rep(1), complete=False, eccentric_s=nan, pause_s=nan)
    report = make_report(reps=(raised, make_rep(2)))
    first_s = float(report.kinematics.time_s[0])
    for bottom_s, numbers in ((raised.start_s + 0.1, [1, 2]), (first_s - 0.1, [1]), (nan, [1])):
        known, fresh = merge_reps([], report, 6.0, bottom_s)
        assert [each.rep.number for each in known] == [each.rep.number for each in fresh] == numbers
    going_on = replace(raised, concentric_s=nan)
    assert len(merge_reps([], make_report(reps=(going_on,)), 3.0, raised.start_s + 0.1)[0]) == 0


# Words ------------------------------------------------------------------------------------------------------------


def test_every_check_of_a_rep_has_few_words() -> None:
    of_the_set = {"set.consistency", "set.fatigue", "feet.position", "rdl.level", "good_morning.level"}
    assert {each.code for each in all_checks() if not each.spoken} == of_the_set
    for check in all_checks():
        assert len(check.spoken.format(value=20.0).split()) <= 12


def test_the_worst_finding_is_said() -> None:
    findings = [
        make_finding("rdl.tempo", "note", rep=1, value=1.5),
        make_finding("rdl.overrun", "fault", rep=1, value=14.2),
    ]
    worst, tempo = rank_faults(findings)
    assert tempo.code == "rdl.tempo"
    assert speak_finding(worst) == "14 degrees too deep. Come up when your hips stop."
    assert rank_faults([make_finding("rdl.overrun", rep=1)]) == ()
    assert speak_finding(make_finding("new_lift.wobble", "fault")) == "new_lift.wobble says so."


def test_what_is_said_of_a_set_that_is_over() -> None:
    good = [make_finding("rdl.overrun", rep=1), make_finding("rdl.tempo", rep=1)]
    unseen = make_finding("rdl.rounding", "not_judged", reason="the back is hidden")
    assert sum_up_aloud(good) == " Two of two checks good."
    assert sum_up_aloud([*good, unseen]) == " Two of three checks good."
    assert sum_up_aloud([make_finding("rdl.tempo", "fault", rep=1), *good[:1]]) == " One of two checks good."
    assert sum_up_aloud([unseen]) == " Nothing could be judged."
    assert sum_up_aloud([make_finding("rdl.tempo", "fault", rep=1)]) == sum_up_aloud([]) == ""
