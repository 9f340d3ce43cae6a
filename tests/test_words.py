"""Every sentence that a lifter reads or hears keeps to the rules that a machine can hold."""

import ast
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import typer
import typer.core
from conftest import make_finding, make_kinematics, make_rep
from skeletons_curls import curl_set, good_morning_set
from skeletons_floor import ghr_set, nordic_set

import formcheck
from formcheck.cli.main import app
from formcheck.cli.streams import name_answers
from formcheck.data import PoseSequence, Report, Source, View
from formcheck.lifts import all_checks, all_lifts, name_checks
from formcheck.lifts.common import say_aim
from formcheck.live.coaching import positioning
from formcheck.live.coaching.spoken_cues import COME_UP
from formcheck.live.session import FEW, NEW_SIZE, OTHER_ONE, TOO_DARK, TOO_SLOW, TWO_PEOPLE
from formcheck.pipeline import judge_set
from formcheck.report.page.content import Explained, build_texts
from formcheck.report.terminal import summarise
from formcheck.segmentation.lift_recognition import WORDS
from formcheck.segmentation.playback_speed import describe_slowness
from formcheck.settings import Settings, Tempo
from formcheck.wording import CHANNELS, name_channel, name_span, name_value, pool_spans, quantity, write_degrees
from samples.renderer.stick import Shot, rdl_set

MOST_WORDS = 25  # of one sentence
# How formcheck spoke before it spoke as a coach does.
BANNED = (
    "turn round",
    "the range is over",
    "its outline changed",
    "keep the chest long",
    "squatted down",
    "came through",
    "nobody kneels",
    "only known to lie",
    "passed at",
    "film from behind",
    "not judged, because",
)
# What a fresh reader found more than once, and what to write in its place.
STILTED = {
    r"(?<!there )(?<!There )\b(?:is|are) no (?!longer)": "is not a",
    r"\bif not given\b": "(default: ...)",
    r"\b(?:anew|wholly|[Mm]end(?:ed)?)\b": "again, all of it, correct",
    r"\bmay (?:not|only) be\b": "cannot be: permission denied; is read-only",
    r"cannot be[.:]": "a whole sentence",
    r"\bpictures a second\b": "frames a second",
    r"\bName (?:a|an|another|one|the|it|that|them)\b": "Give, Choose, Set ... to",
    r"\b(?:rows|set|angles) alone\b": "only the ...",
}
PACKAGE = Path(formcheck.__file__).parent
PROSE_WORDS = 3  # fewer are names, keys and units
NOWHERE = Source("set.mp4", "", 30.0, 0, 10.0, (1920, 1080), 0)
Made = Callable[[], tuple[PoseSequence, object]]
# Sound sets and spoilt ones, seen from the side and askew, judged as what they are and as what they are not.
SETS: dict[str, tuple[str, Made]] = {
    "a sound deadlift": ("rdl", lambda: rdl_set(3)),
    "a bad deadlift": ("rdl", lambda: rdl_set(4, overrun_deg=25.0, kink_deg=50.0, squat_deg=30.0, eccentric_s=0.6)),
    "a doubtful deadlift": ("rdl", lambda: rdl_set(4, overrun_deg=7.0, kink_deg=27.0, shot=Shot(noise_mm=8.0))),
    "a deadlift askew": ("rdl", lambda: rdl_set(3, shot=Shot(yaw_deg=45.0))),
    "a deadlift nearly from the side": ("rdl", lambda: rdl_set(3, shot=Shot(yaw_deg=24.0))),
    "a deadlift in few frames": ("rdl", lambda: rdl_set(3, rate_hz=15.0)),
    "a deadlift that is no Nordic": ("nordic", lambda: rdl_set(2)),
    "a deadlift that is no curl": ("seated_curl", lambda: rdl_set(2)),
    "a good morning": ("good_morning", lambda: good_morning_set(4)),
    "a Nordic": ("nordic", lambda: nordic_set(3)),
    "a Nordic that is no hinge": ("good_morning", lambda: nordic_set(2)),
    "a glute-ham raise": ("ghr", lambda: ghr_set(3)),
    "a seated curl": ("seated_curl", lambda: curl_set(3, seated=True)),
    "a seated curl that is no lying one": ("lying_curl", lambda: curl_set(3, seated=True)),
    "a lying curl": ("lying_curl", lambda: curl_set(3)),
}


def find_faults(text: str) -> list[str]:
    """Return what the rules find in one text: what it is, and where."""
    faults = [f"has {word!r}" for word in BANNED if word in text.lower()]
    faults += [f"has {found[0]!r}" for found in re.finditer(r"\bdeg\b|--\w[\w-]*|  ", text)]
    codes = "|".join(sorted({check.code.partition(".")[0] for check in all_checks()}))
    faults += [f"has the code {found[0]!r}" for found in re.finditer(rf"\b(?:{codes})\.[a-z_]+", text)]
    faults += [f"has the name {found[0]!r}" for found in re.finditer(r"\b[a-z]+_[a-z_]+\b", text)]
    for sentence in re.split(r"(?<=[.;:?!])\s", text):
        if len(sentence.split()) > MOST_WORDS:
            faults.append(f"has a sentence of {len(sentence.split())} words: {sentence!r}")
    return faults


def fill(template: str) -> str:
    """Return a template with a number for each of its places."""
    places = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    return template.format(**dict.fromkeys(places, 1.0))


def of_registry() -> Iterator[str]:
    """Yield every sentence that a check or the voice can say."""
    for check in all_checks():
        yield from (check.title, check.why, check.name)
        yield from map(fill, (check.cue, check.good, check.aside, check.maybe, check.spoken))
    yield from map(fill, WORDS.values())
    yield from (
        say_aim(None),
        say_aim(Tempo(5.0, 1.0, 1.0)),
        COME_UP,
        TOO_DARK,
        TOO_SLOW,
        FEW,
        TWO_PEOPLE,
        OTHER_ONE,
        NEW_SIZE,
    )
    yield from (text for name, text in vars(positioning).items() if name.isupper() and isinstance(text, str))
    slow = (replace(make_rep(1), eccentric_s=9.0, concentric_s=9.0),)
    yield from (str(describe_slowness(slow, tagged, None)) for tagged in (0.25, 1.0, float("nan")))


def of_report(report: Report) -> Iterator[str]:
    """Yield every sentence that a report holds: findings, cues, reasons, warnings."""
    for finding in report.findings:
        yield from (finding.text, finding.reason or "", finding.aside)
    yield from (cue.text for cue in report.cues)
    yield from (*report.kinematics.quality.warnings, report.kinematics.view.reason or "")
    if report.kinematics.bar is not None:
        yield report.kinematics.bar.reason or ""


def of_page(report: Report) -> Iterator[str]:
    """Yield what the page says above the fold: summary, cues, what was not judged, cautions."""
    lift = all_lifts()[report.lift.name]
    explained = {check.code: Explained(check.title, check.why, check.name, check.method) for check in lift.checks}
    texts = build_texts(report, explained)
    yield from (texts["said"].doubt, texts["said"].title, texts["said"].text, *texts["cautions"])
    yield from (cue[key] for cue in texts["cues"] for key in ("text", "evidence"))
    yield from (each["reason"] for each in texts["unjudged"])


def of_code(source: str) -> Iterator[str]:
    """Yield every text of a module but its docstrings, with # for what an f-string fills in."""
    nodes = list(ast.walk(ast.parse(source)))
    aside = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    aside |= {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "#" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in aside:
            yield node.value


def of_package() -> Iterator[str]:
    """Yield every text of more than a few words in the package's code and every line of its pages' templates."""
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix == ".py":
            yield from (each for each in of_code(path.read_text(encoding="utf-8")) if len(each.split()) >= PROSE_WORDS)
        elif path.suffix in {".jinja", ".html", ".js"}:
            yield from path.read_text(encoding="utf-8").splitlines()


def of_help() -> Iterator[str]:
    """Yield what every command's help says of it."""
    commands = typer.main.get_command(app)
    assert isinstance(commands, typer.core.TyperGroup)
    yield from (each.help or "" for each in commands.commands.values())


def find_stilted(text: str) -> list[str]:
    """Return the stilted phrases of a text, each with what to write in its place."""
    found = [(re.search(phrase, text), better) for phrase, better in STILTED.items()]
    return [f"{match[0]!r}: write {better!r}" for match, better in found if match is not None]


def test_what_checks_and_voice_can_say() -> None:
    assert {text: find_faults(text) for text in of_registry() if find_faults(text)} == {}


@pytest.mark.parametrize("name", SETS)
def test_what_a_judged_set_says(name: str) -> None:
    lift_name, make = SETS[name]
    lift = all_lifts()[lift_name]
    report = judge_set(NOWHERE, make()[0], lift, Settings(lift=lift_name))
    texts = [*of_report(report), *of_page(report)]
    assert any(texts)
    assert {text: find_faults(text) for text in texts if find_faults(text)} == {}
    printed = summarise(report, lift.title, name_checks(), signal=lift.signal)
    rules = [line.strip() for line in printed.splitlines() if not re.match(r"\s+(Rep|\d+)\s", line)]
    wrong = {line: [each for each in find_faults(line) if each != "has '  '"] for line in rules[1:]}
    assert {line: faults for line, faults in wrong.items() if faults} == {}


def test_the_rules_see_what_they_are_for() -> None:
    assert find_faults("The last 20 deg: turn round, or set --tempo.") == [
        "has 'turn round'",
        "has 'deg'",
        "has '--tempo'",
    ]
    assert find_faults("rdl.overrun  in hip_travel") == [
        "has '  '",
        "has the code 'rdl.overrun'",
        "has the name 'hip_travel'",
    ]
    assert find_faults("word " * 26) == [f"has a sentence of 26 words: {'word ' * 26!r}"]
    assert find_faults("Your lower back rounded (about 36°). Brace.") == []


def test_no_text_of_the_package_is_stilted() -> None:
    texts = [*of_package(), *of_help()]
    assert len(texts) > 2000, "the texts were found"
    assert {text: find_stilted(text) for text in texts if find_stilted(text)} == {}


def test_the_stilted_phrases_are_seen_and_plain_ones_are_not() -> None:
    (text,) = of_code('"""No docstring."""\ny = f"{x} is no number. Name a file anew, or mend it"')
    assert find_stilted(text) == [
        "'is no ': write 'is not a'",
        "'anew': write 'again, all of it, correct'",
        "'Name a': write 'Give, Choose, Set ... to'",
    ]
    assert find_stilted("There is no file set.mp4. It is no longer there: --rate cannot be 0.") == []


def test_with_a_target_the_tempo_cue_names_the_target_alone() -> None:
    poses, lift = rdl_set(3, eccentric_s=1.5)[0], all_lifts()["rdl"]

    def say(tempo: Tempo | None) -> str:
        report = judge_set(NOWHERE, poses, lift, Settings(lift="rdl", tempo=tempo))
        return next(each.text for each in report.findings if each.code == "rdl.tempo")

    assert re.fullmatch(r"You lowered in 1\.\d s\. Take 2 to 4 s\.", say(None))
    assert re.fullmatch(r"You lowered in 1\.\d s\. Your target is 5\.0 s\.", say(Tempo(5.0, 1.0, 1.0)))


def test_a_view_that_forbids_angles_is_told_in_degrees_as_people_write_them(
    report_with: Callable[..., Report],
) -> None:
    view = View("left", "left", 60.0, "red", "the camera is about 60° off the side view")
    found = make_finding("rdl.overrun", "not_judged", reason=view.reason)
    text = summarise(report_with(findings=(found,), cues=(), kinematics=replace(make_kinematics(), view=view)), "RDL")
    assert "  The camera is about 60° off the side view.\n" in text


def test_what_people_are_told_has_no_more_digits_than_are_known() -> None:
    told = [(34.6, "deg"), (-0.2, "deg"), (3.0, "s"), (0.123, "leg"), (20.4, "%"), (float("nan"), "deg")]
    assert [name_value(*each) for each in told] == ["35°", "0°", "3.0 s", "12 % of leg length", "20 %", "-"]
    assert write_degrees("[D] over 25 deg, gains over 150 deg/s2") == "[D] over 25°, gains over 150°/s²"


def test_every_channel_that_a_chart_can_show_has_a_name() -> None:
    shown = {name for lift_name, make in SETS.values() for name in channels_of(lift_name, make)}
    assert {name for name in shown if name_channel(name) not in CHANNELS.values()} == set()
    assert [fault for name in CHANNELS.values() for fault in find_faults(name)] == []


def channels_of(lift_name: str, make: Made) -> set[str]:
    return set(judge_set(NOWHERE, make()[0], all_lifts()[lift_name], Settings(lift=lift_name)).kinematics.channels)


def test_where_the_view_forbids_angles_the_terminal_shows_none(report_with: Callable[..., Report]) -> None:
    view = View("left", "left", 50.0, "red", "the camera is about 50° off the side view")
    text = summarise(report_with(kinematics=replace(make_kinematics(), view=view)), "RDL", signal="trunk_deg")
    table = text[text.index("  Rep") : text.index("Good")]
    assert "°" not in table
    assert "Trunk lean" not in text


def test_numbers_and_ranges_with_their_units() -> None:
    told = [(14.2, "deg"), (3.0, "s"), (1.25, "s"), (0.05, "leg"), (20.0, "%"), (float("nan"), "deg")]
    assert [quantity(*each) for each in told] == ["14.2°", "3.0 s", "1.25 s", "0.05 leg lengths", "20 %", "-"]
    assert name_span(-0.2, 26.6, "deg") == "0 to 27°"
    assert name_span(0.25, 3.0, "s") == "0.2 to 3.0 s"
    assert pool_spans(["from 9 to 27°", "from 3.5 to 12°"]) == "from 3.5 to 27°"
    assert pool_spans(["dark", "dark"]) == "dark"


def test_the_terminal_alone_names_the_options_that_tell_what_a_clip_could_not() -> None:
    report = judge_set(NOWHERE, rdl_set(3)[0], all_lifts()["rdl"], Settings(lift="rdl"))
    assert name_answers(report) == ""
    quality = replace(report.kinematics.quality, warnings=("times are not judged. Set the speed to 0.125, or to 1",))
    slowed = replace(report, kinematics=replace(report.kinematics, quality=quality))
    assert name_answers(slowed).strip() == "To tell formcheck, add: --speed 0.125 (with your own value)"


@pytest.mark.parametrize(
    ("place", "option"), [("on the left", "right"), ("on the right", "left"), ("between them", "left")]
)
def test_the_other_person_is_offered_and_not_the_one_who_was_followed(place: str, option: str) -> None:
    report = judge_set(NOWHERE, rdl_set(3)[0], all_lifts()["rdl"], Settings(lift="rdl"))
    said = f"two people are in the picture: the one {place}, who moves most, was followed. If that is not the lifter, "
    quality = replace(report.kinematics.quality, warnings=(said + "set the subject to left, right or a place",))
    followed = replace(report, kinematics=replace(report.kinematics, quality=quality))
    assert name_answers(followed).strip() == f"To tell formcheck, add: --subject {option} (with your own value)"
