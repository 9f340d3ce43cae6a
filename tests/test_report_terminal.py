import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import make_finding, make_kinematics, make_rep

from formcheck.data import LiftChoice, Report, View
from formcheck.report.comparison import rep_cells
from formcheck.report.page import render_page
from formcheck.report.terminal import BLOCKS, clock, one_line, summarise
from formcheck.wording import join_numbers, join_words, name_reps
from formcheck.workflows.compare import take_report

TITLE = "Romanian deadlift"
EXPECTED = """\
set 1.mp4: Romanian deadlift, 2 reps + 1 partial in 9.5 s, seen from the left

What to change
  1  0:01.5  Your hips stopped moving back here, and you went 14° lower. That
             last part is lower back, not hamstrings.
             fault: 14° in rep 1 (90 % sure)
  2  0:01.5  Take longer down.
             note: 1.5 s in rep 1 (90 % sure)

  Rep     from     down    pause       up    hip   knee  trunk
    1   0:00.5    1.5 s    0.2 s    0.8 s    29°     7°    14°
    2   0:03.5    1.5 s    0.2 s    0.8 s    59°    15°    30°
    3   0:06.5    1.5 s    0.2 s    0.8 s    89°    22°    44°  partial

Good: consistency.

Best: rep 2, without overrun.

Not judged
  Rounding in reps 1-2: the plates hide the back
"""
CHECKS = """
Checks
  rdl.overrun      fault in rep 1 (14.2°)
                   good in rep 2 (2°)
  rdl.tempo        note in rep 1 (1.5 s)
  set.consistency  good (14.2°)

Not judged
  rdl.rounding in reps 1-2: the plates hide the back
"""


def test_the_summary(report: Report) -> None:
    assert summarise(report, TITLE) == EXPECTED


def test_limits_of_ones_own_are_named(report: Report) -> None:
    own = {**report.settings, "limits": {"rdl.overrun": {"note": 3.0}, "ghr.stall": {"note": 1.0}}}
    told = summarise(replace(report, settings=own), TITLE)
    assert "\nBy limits of your own: overrun.\n" in told, "of the checks that were asked"
    assert "limits of your own" not in summarise(report, TITLE)


@pytest.mark.parametrize(
    ("part", "seconds"), [((2.0, 6.0), "4.0"), ((2.0, None), "7.5"), ((None, 30.0), "9.5"), ((None, None), "9.5")]
)
def test_the_length_is_that_of_the_part_that_was_looked_at(
    report_with: Callable[..., Report], part: tuple[float | None, float | None], seconds: str
) -> None:
    report = report_with(settings={"start": part[0], "end": part[1]})
    assert f"2 reps + 1 partial in {seconds} s, seen from the left\n" in summarise(report, TITLE)


def test_the_codes_and_every_check_are_for_who_asks(report: Report) -> None:
    text = summarise(report, TITLE, verbose=True)
    assert text.endswith(CHECKS)
    assert "\n             fault: 14° in rep 1 (90 % sure), rdl.overrun\n" in text
    assert "rdl" not in summarise(report, TITLE)


def test_a_lift_that_looks_like_another_is_doubted_before_anything_else(report: Report) -> None:
    doubted = replace(report, lift=LiftChoice("rdl", 1.0, "user", "this looks like a glute-ham raise, not like a"))
    assert summarise(doubted, TITLE).splitlines()[2:4] == [
        "This looks like a glute-ham raise, not like a.",
        "What to change",
    ]


def test_times_are_those_of_the_video_however_slowly_it_runs(report: Report) -> None:
    slow = replace(report, settings={**report.settings, "speed": 0.5})
    lines = summarise(slow, TITLE).splitlines()
    assert any(line.startswith("  1  0:03.0  Your hips") for line in lines)
    assert "    1   0:01.0    1.5 s    0.2 s    0.8 s    29°     7°    14°" in lines


@pytest.mark.parametrize(
    ("complete", "value", "shown"),
    [(True, math.nan, "-"), (True, 1.5, "1.5 s"), (False, math.nan, "1.5 s")],
    ids=["not known", "known too badly", "partial"],
)
def test_a_lowering_whose_time_is_not_known_is_a_dash(
    report_with: Callable[..., Report], complete: bool, value: float, shown: str
) -> None:
    """On terminal and page, and where two sets are compared; a partial one took as long as it did."""
    found = make_finding("rdl.tempo", "not_judged", rep=1, value=value, low=value, high=value, unit="s", reason="dark")
    one = report_with(findings=(found, make_finding("rdl.overrun", rep=1)), reps=(make_rep(1, complete=complete),))
    (line,) = (line for line in summarise(one, TITLE).splitlines() if line.startswith("    1 "))
    assert re.split(r"  +", line)[2:6] == ["0:00.5", shown, "0.2 s", "0.8 s"]
    page = render_page(one, TITLE, {}, video_url="set.mp4")
    assert re.findall(r'data-word="(?:Down|Pause|Up)">([^<]*)<', page) == [shown, "0.2 s", "0.8 s"]
    assert rep_cells(take_report(one, Path("set.mp4"))[0], 0)[:3] == [shown, "0.2 s", "0.8 s"]


def test_what_was_asked_of_two_things_says_which_number_is_of_which(report_with: Callable[..., Report]) -> None:
    both = [make_finding("set.fatigue", value=value, unit="%", detail={"what": what}, text=f"{what} lost some")
            for what, value in (("range", 5.0), ("lowering time", 12.0))]  # fmt: skip
    text = summarise(report_with(findings=tuple(both), cues=()), TITLE, verbose=True)
    assert "set.fatigue  good (range 5 %, lowering time 12 %)" in text


def test_a_torque_is_told_under_the_repetitions(report_with: Callable[..., Report]) -> None:
    held = "broke at 62°, where each knee held about 197 N·m (167 to 226)"
    found = make_finding("nordic.break_point", rep=2, text=held, detail={"torque": "197"})
    assert f"\n  Rep 2: {held}.\n" in summarise(report_with(findings=(found,), cues=()), TITLE)
    assert "Rep 2:" not in summarise(report_with(findings=(replace(found, detail={}),), cues=()), TITLE)


def test_what_no_cue_has_room_for_is_named_in_one_line(report_with: Callable[..., Report]) -> None:
    codes = ("rdl.rounding", "rdl.squatted", "rdl.overrun", "rdl.bar_drift", "rdl.lockout")
    findings = tuple(make_finding(code, "fault", rep=place, start_s=9.0 * place) for place, code in enumerate(codes, 1))
    text = summarise(report_with(findings=findings), TITLE, {"rdl.bar_drift": "no drifting weight"})
    assert "\nAlso seen: Drifting weight (rep 4), Lockout (rep 5).\n" in text
    assert "Also seen" not in summarise(report_with(findings=findings[:3]), TITLE)


def test_what_changed_since_last_time_is_told_after_the_best_rep(report: Report) -> None:
    changes = ("Since 12 Nov:", "Overrun: 1 of 2 reps, 2 of 2 on 12 Nov. On average 8°, 24° then: better.")
    text = summarise(report, "Romanian deadlift", changes=changes)
    told = "\n\nSince 12 Nov:\n  Overrun: 1 of 2 reps, 2 of 2 on 12 Nov. On average 8°, 24° then: better.\n"
    assert text.index("Best: rep 2") < text.index(told)
    assert "Since" not in summarise(report, "Romanian deadlift")


def test_what_no_such_clip_shows_is_for_who_asks(report_with: Callable[..., Report]) -> None:
    feet = make_finding("feet.position", "not_judged", reason="needs a clip from behind", detail={"asked": False})
    found = report_with(findings=(make_finding("w"), feet), cues=())
    assert "Not judged" not in summarise(found, TITLE)
    assert summarise(found, TITLE, verbose=True).endswith("Not judged\n  feet.position: needs a clip from behind\n")


def test_repetitions_that_differ_in_what_is_possible_share_a_line(report_with: Callable[..., Report]) -> None:
    spans = {1: "0 to 27", 2: "3 to 12", 4: "1 to 31"}
    findings = tuple(
        make_finding("rdl.overrun", "not_judged", rep=rep, reason=f"you may have gone {span}° too deep")
        for rep, span in spans.items()
    )
    text = summarise(
        report_with(findings=(make_finding("w"), *findings), cues=()), TITLE, {"rdl.overrun": "no overrun"}
    )
    assert text.endswith("Not judged\n  Overrun in reps 1-2, 4: you may have gone 0 to 31° too deep\n")


def test_colour_changes_no_letter(report: Report) -> None:
    text = summarise(report, TITLE, colour=True)
    assert "\x1b[1mWhat to change\x1b[0m\n" in text
    assert "\x1b[31m             fault: 14° in rep 1 (90 % sure)\x1b[0m\n" in text
    for code in ("0", "1", "2", "31", "32", "33"):
        text = text.replace(f"\x1b[{code}m", "")
    assert text == EXPECTED


def test_no_line_is_longer_than_80_columns(report_with: Callable[..., Report]) -> None:
    reason = "the camera stands too far in front of the lifter " * 4
    findings = tuple(make_finding("good_morning.rounding", "not_judged", rep=2 * n, reason=reason) for n in range(30))
    text = summarise(
        report_with(
            findings=findings,
            reps=tuple(make_rep(n, complete=False) for n in range(1, 120)),
            kinematics=make_kinematics(view=View("left", "left", 40.0, "red", reason)),
        ),
        TITLE,
    )
    assert max(len(line) for line in text.splitlines()) <= 80


def test_a_view_that_forbids_angles_and_warnings_are_said(report_with: Callable[..., Report], report: Report) -> None:
    quality = replace(report.kinematics.quality, warnings=("the camera moved",))
    view = View("left", "left", 40.0, "red", "The camera stands in front of you.")
    text = summarise(report_with(kinematics=make_kinematics(view=view, quality=quality)), TITLE)
    assert text.endswith("\n\nAbout this clip\n  The camera stands in front of you.\n  The camera moved.\n")


@pytest.mark.parametrize(
    ("changes", "block"),
    [
        (
            {"findings": (make_finding("rdl.overrun", "not_judged", reason="no reps were found"),), "reps": ()},
            "Nothing could be judged\n  No reps were found.",
        ),
        (
            {"findings": (make_finding("a", "not_judged", reason="dark"), make_finding("b"))},
            "1 of 2 checks good; not judged: a\n  Good: b.",
        ),
        ({"findings": (make_finding("rdl.overrun"),)}, "Nothing to change: 1 of 1 checks good\n  Good: overrun."),
    ],
)
def test_silence_is_never_called_good(
    changes: dict[str, object], block: str, report_with: Callable[..., Report]
) -> None:
    text = summarise(report_with(cues=(), **changes), TITLE)
    assert text.split("\n\n")[1].strip() == block


def test_a_reason_that_stands_under_not_judged_is_no_caution_too(report_with: Callable[..., Report]) -> None:
    why = "the camera stands about 60° off the side view"
    findings = (make_finding("rdl.overrun", "not_judged", reason=why), make_finding("rdl.tempo"))
    kinematics = make_kinematics(view=View("left", "left", 60.0, "red", why))
    text = summarise(report_with(findings=findings, cues=(), kinematics=kinematics), TITLE)
    assert text.count("camera stands about") == 1
    assert "About this clip" not in text


def test_why_nothing_could_be_judged_is_said_once(report_with: Callable[..., Report]) -> None:
    why = "the camera stands about 60° off the side view"
    findings = tuple(make_finding(code, "not_judged", reason=why) for code in ("rdl.overrun", "rdl.tempo"))
    kinematics = make_kinematics(view=View("left", "left", 60.0, "red", why))
    text = summarise(report_with(findings=findings, cues=(), kinematics=kinematics), TITLE)
    assert text.lower().replace("\n  ", " ").count("the camera stands about 60") == 1
    assert "Nothing could be judged\n  The camera stands about 60° off the side view.\n" in text
    assert "Nothing to change" not in text


def test_what_was_not_seen_is_a_dash(report_with: Callable[..., Report]) -> None:
    rep = replace(make_rep(1), eccentric_s=np.nan, start_s=np.nan)
    text = summarise(report_with(reps=(rep,), kinematics=make_kinematics(channels={})), TITLE)
    assert "    1        -        -    0.2 s    0.8 s      -      -      -\n" in text


def test_reasons_are_told_apart_and_shared_ones_said_once(report_with: Callable[..., Report]) -> None:
    findings = (
        make_finding("w"),
        make_finding("x", "not_judged", rep=1, reason="dark"),
        make_finding("x", "not_judged", rep=2, reason="hidden"),
        make_finding("x", "not_judged", rep=3, reason="dark"),
        make_finding("y", "not_judged", reason="fast"),
        make_finding("z", "not_judged", reason="fast"),
    )
    text = summarise(report_with(findings=findings, cues=()), TITLE)
    assert text.endswith("Not judged\n  X in reps 1, 3: dark\n  X in rep 2: hidden\n  Y, z: fast\n")


def test_a_file_name_cannot_command_the_terminal(report: Report, report_with: Callable[..., Report]) -> None:
    source = replace(report.source, path="/films/a\n\x1b[2J\u202e\udcff[red].mp4")
    text = summarise(report_with(source=source), TITLE)
    assert text.startswith("a\\n\\x1b[2J\\u202e\\udcff[red].mp4: Romanian deadlift, ")


@pytest.mark.parametrize(
    ("time_s", "text"),
    [(0.0, "0:00.0"), (3.24, "0:03.2"), (59.96, "1:00.0"), (61.25, "1:01.2"), (3599.99, "60:00.0"), (np.nan, "-")],
)
def test_clock(time_s: float, text: str) -> None:
    assert clock(time_s) == text


@pytest.mark.parametrize(
    ("numbers", "text"), [([], ""), ([3], "3"), ([1, 2], "1-2"), ([5, 1, 3, 2, 2], "1-3, 5"), ([1, 3, 5], "1, 3, 5")]
)
def test_join_numbers(numbers: list[int], text: str) -> None:
    assert join_numbers(numbers) == text
    noun = {0: "", 1: "rep "}.get(len(numbers), "reps ")
    assert name_reps(numbers) == noun + text


def test_join_words() -> None:
    assert [join_words(list(each)) for each in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]


def test_one_line_keeps_what_can_be_printed() -> None:
    assert one_line("Kniebeuge für Jürgen 深蹲.mp4") == "Kniebeuge für Jürgen 深蹲.mp4"


def spark(report: Report, signal: str = "trunk_deg") -> list[str]:
    """The lines of the graph: its title, the blocks, the reps' numbers."""
    text = summarise(report, TITLE, signal=signal)
    (block,) = [part for part in text.split("\n\n") if "█" in part]
    return block.splitlines()


def test_the_graph_of_the_set(report: Report) -> None:
    title, drawn, numbers = spark(report)
    assert title == "  Trunk lean, 0 to 47°"
    assert len(drawn) == 2 + 76
    assert (drawn[2], drawn[-1]) == ("▁", "█")
    assert [BLOCKS.index(each) for each in drawn[2:]] == sorted(BLOCKS.index(each) for each in drawn[2:]), "a ramp"
    # Turns at samples 20, 50 and 80; the first 19 of 76 columns hold two samples, the others one.
    assert [numbers.index(number) - 2 for number in "123"] == [10, 31, 61]
    assert summarise(report, TITLE) == EXPECTED, "without a signal there is no graph"


def test_what_was_not_seen_is_blank_in_the_graph(report_with: Callable[..., Report]) -> None:
    values = np.linspace(0.0, 1.0, 40)
    values[10:20] = np.nan
    kinematics = make_kinematics(40, channels={"hip_back_leg": values})
    title, drawn = spark(report_with(kinematics=kinematics, reps=()), "hip_back_leg")
    assert title == "  Hip travel, back, 0.00 to 1.00 leg"
    assert len(drawn) == 2 + 40
    assert [index for index, each in enumerate(drawn[2:]) if each == " "] == list(range(10, 20))


@pytest.mark.parametrize("values", [np.full(95, np.nan), np.r_[5.0, np.full(94, np.nan)]])
def test_nothing_seen_is_no_graph(values: np.ndarray, report_with: Callable[..., Report]) -> None:
    kinematics = make_kinematics(channels={"trunk_deg": values})
    text = summarise(report_with(kinematics=kinematics), TITLE, signal="trunk_deg")
    assert not set(text) & set(BLOCKS)
    assert not set(summarise(report_with(), TITLE, signal="elbow_deg")) & set(BLOCKS)


def test_a_flat_signal_is_a_flat_graph(report_with: Callable[..., Report]) -> None:
    kinematics = make_kinematics(channels={"trunk_deg": np.full(95, 3.0)})
    assert f"\n  {'▁' * 76}\n" in summarise(report_with(kinematics=kinematics), TITLE, signal="trunk_deg")


@pytest.mark.parametrize("n_samples", [2, 75, 76, 77, 18000])
def test_the_graph_fits_any_set(n_samples: int, report_with: Callable[..., Report]) -> None:
    turns = np.linspace(0, n_samples - 1, 120).astype(int)
    reps = tuple(replace(make_rep(1), number=n + 1, start=0, turn=int(t), stop=n_samples) for n, t in enumerate(turns))
    kinematics = make_kinematics(n_samples, channels={"trunk_deg": np.arange(n_samples) % 50.0})
    text = summarise(report_with(reps=reps, kinematics=kinematics), TITLE, signal="trunk_deg")
    assert max(len(line) for line in text.splitlines()) <= 80
