"""One athlete's sightings in, phases and words out: guide, set, repetitions. Knows nothing of pictures or clocks.

All times are the source's own.
"""

import math
from collections import deque
from dataclasses import dataclass, field, replace

from formcheck.data import Finding, FloatArray
from formcheck.errors import LiftError
from formcheck.kinematics.bases import FEET
from formcheck.lifts import all_lifts
from formcheck.lifts.check import Lift
from formcheck.live.coaching import positioning
from formcheck.live.coaching.hip_stop import HipSample, TravelWatch, is_carried
from formcheck.live.coaching.rep_log import JUDGED_SPAN_S, Judged, Ledger, LiveRep
from formcheck.live.coaching.rep_phase import RepPhase
from formcheck.live.coaching.spoken_cues import COME_UP, rank_faults, speak_finding, sum_up_aloud
from formcheck.live.tracking.current_angles import Stance, learn_stance, measure_edge_now, measure_now
from formcheck.live.tracking.lifter_tracker import Sighting
from formcheck.live.tracking.model_fallback import Rung
from formcheck.live.tracking.one_euro_filter import CausalFilter
from formcheck.live.tracking.pose_buffer import Trace
from formcheck.live.types import SET_OVER, Said, SetPhase, order_words
from formcheck.pipeline import recognise_set
from formcheck.segmentation.lift_recognition import LEAST_MOTION_DEG
from formcheck.settings import Settings
from formcheck.wording import count_reps, spell, write_sentence

URGENT, FAULT, NOTE, COUNT, GUIDE = range(5)  # priorities of what is said
STANCE_EVERY_S, STANCE_S = 0.5, 3.0
READY_S = 0.6  # of nothing to mend, before the set may begin
STILL_S = 1.5  # of standing still, before the count-in
GUIDE_S = 1.5  # that something to mend must last before it is said: longer than the look it is judged by ...
GUIDE_AGAIN_S = 10.0  # ... and said again
SET_OVER_S = 12.0  # without a movement at the top: the set is over [D]
GONE_S = 4.0  # without the lifter: the set is over
LOWERED_S = 0.5  # for which a curl's lowering goes on where it is nearly over: timed before, it is too short [D]
AGAIN_S, TRIES = 0.2, 5  # a repetition that is not over yet when it is looked at is looked at again
CUE_S = 4.0  # for which a cue stays in the picture
MOST_TOLD = 2  # times that a set hears the same cue: whoever has not changed it by then will not for a third one [D]
COOL_S = 12.0  # in which the same cue is not said again [D]
MOST_SETS = 50  # remembered, so that hours of it take no more memory than one
STOOD_BEFORE_S = 3.0  # of standing before a set that belong to it
TRAVEL_CODES = frozenset({"hip_travel", "overrun", "squatted"})  # what rests on the moment at which the hips stop
# Models whose landmarks do not carry words about it: with every frame of the shipped sample seen, lite is told "10
# degrees too deep" in one of three sound repetitions, full in none [S].
COARSE = frozenset({"lite"})
UNKNOWN = {"trunk_deg": 30.0, "phi_deg": 30.0, "curl_deg": 45.0}  # least ranges of a lift that is not known yet


@dataclass(eq=False)
class Moment:
    """What the coach makes of the last sample; angles NaN where not seen."""

    time_s: float = -math.inf
    xy_px: FloatArray | None = None
    channels: dict[str, float] = field(default_factory=dict)
    phase: SetPhase = "looking"
    depth: float = math.nan
    eccentric_s: float = math.nan
    guide: str | None = None


@dataclass(frozen=True)
class CoachedSet:
    """A set that is over: its lift and its repetitions as they were last judged."""

    lift: str
    reps: tuple[LiveRep, ...]


class Coach:
    """Watches one athlete do sets of one lift (`auto`: of the lift that the first repetition looks like)."""

    def __init__(self, settings: Settings, *, count: bool = False, count_in: bool = True, background: bool = True):
        self._settings = settings
        self._count = count
        self._count_in = count_in
        self._ledger = Ledger(background=background)
        self.sets: deque[CoachedSet] = deque(maxlen=MOST_SETS)
        self.reset()

    def close(self) -> None:
        """End the judging thread."""
        self._ledger.close()

    def reset(self) -> None:
        """Forget set and athlete."""
        self.lift: Lift | None = all_lifts().get(self._settings.lift)
        self.now = Moment()
        self.set_running = False
        self._words: list[Said] = []
        self._trace = Trace()
        self._filter = CausalFilter()
        self._stance: Stance | None = None
        self._learnt_s = -math.inf
        self._fault, self._fault_s, self._told_s = "", -math.inf, -math.inf
        self._ready_s: float | None = None
        self._ready_said = False
        self._set_s = math.inf
        self._cues_s: dict[str, list[float]] = {}
        self._of_set: tuple[Finding, ...] = ()
        self._seen_s = -math.inf
        self._begin_cycles()
        self._ledger.clear()
        self._said_unknown = False
        self._counting_in = 0
        self._rung: Rung | None = None

    def forget_place(self) -> None:
        """Forget where the athlete was seen: another picture, with other pixels, comes next."""
        self._trace.clear()
        self._filter.reset()
        self._stance, self._learnt_s, self._ready_s = None, -math.inf, None
        self._ready_said = False
        self._begin_cycles()

    def set_lift(self, name: str) -> None:
        """Watch another lift; resets."""
        self._settings = replace(self._settings, lift=name)
        self.reset()

    def said(self) -> list[Said]:
        """Return what has come up to be said, in the order in which it is told."""
        words, self._words = self._words, []
        return order_words(words)

    @property
    def reps(self) -> list[LiveRep]:
        """The repetitions of this set, or of the last one."""
        return self._ledger.reps

    @property
    def hips(self) -> TravelWatch | None:
        """What follows the hips' travel; None where the lift has none."""
        return self._travel

    @property
    def stance(self) -> Stance | None:
        """What is known of camera and athlete."""
        return self._stance

    @property
    def cue(self) -> str | None:
        """What was last said about a repetition, for a few seconds."""
        return self._cue[1] if self.now.time_s - self._cue[0] < CUE_S else None

    def step(self, time_s: float, sighting: Sighting | None, size_px: tuple[int, int], rung: Rung) -> Moment:
        """Take the next sample; `time_s` rises."""
        self._trace.add(time_s, sighting)
        self._rung = rung
        self.now = replace(self.now, time_s=time_s, xy_px=None, channels={})
        if time_s - self._learnt_s >= STANCE_EVERY_S:
            self._look_again(time_s, size_px, rung)
        if sighting is not None:
            self._seen_s = time_s
            scale_px = 0.0 if self._stance is None else self._stance.body_px
            self.now.xy_px = self._filter.step(time_s, sighting.xy_px, scale_px)
            if self._stance is not None:
                self.now.channels = measure_now(self.now.xy_px, self._stance)
                self._follow(time_s)
                self._watch_hips(sighting, self._stance)
        self._count_aloud(time_s)
        self._judge(time_s, size_px, rung)
        self._guide_aloud(time_s)
        self._end_when_over(time_s, size_px, rung)
        self.now.phase = self._phase()
        return self.now

    # What the athlete does -------------------------------------------------------------------------------------

    def _begin_cycles(self) -> None:
        if self.lift is None:
            self._cycles = {name: RepPhase(least, from_turn=name == "phi_deg") for name, least in UNKNOWN.items()}
        else:
            from_turn = self.lift.open_ended and not self.lift.lifts_first
            cycle = RepPhase(self.lift.min_range, self.lift.came_up, from_turn=from_turn)
            self._cycles = {self.lift.signal: cycle}
        checks = () if self.lift is None else self.lift.checks
        self._travel = TravelWatch() if any(each.code.endswith(".hip_travel") for each in checks) else None
        self._wanted_s: float | None = None
        self._tries = 0
        self._counted = 0
        self._cue = (-math.inf, "")

    @property
    def _cycle(self) -> RepPhase:
        """The signal that is followed: the one that is on its way, while the lift is not known."""
        return next((each for each in self._cycles.values() if each.leg != "top"), next(iter(self._cycles.values())))

    def _follow(self, time_s: float) -> None:
        for name, cycle in self._cycles.items():
            value = self.now.channels.get(name, math.nan)
            turned = cycle.step(time_s, abs(value) if self.lift is None else value)
            if turned.left:
                self._begin_rep()
            if turned.left or turned.turned:
                self._begin_set(cycle.left_s)
            if turned.rose:
                self._begin_at_the_turn(cycle.bottom_s)
            if turned.ended or (turned.rose and self.lift is not None):
                may_go_on = self.lift is None or self.lift.lifts_first
                self._wanted_s, self._tries = time_s + may_go_on * LOWERED_S, 0
        cycle = self._cycle
        self.now.depth = cycle.depth if self.set_running else math.nan
        if self._lowers():
            self.now.eccentric_s = time_s - self._lowering_since()

    def _begin_rep(self) -> None:
        self._counted = 0
        if self._travel is not None:
            self._travel.begin()

    def _begin_set(self, since_s: float) -> None:
        """Let the set run, if somebody ready is in the frame; one who came into it on the way down counts too."""
        if not self.set_running and self._ready_s is not None:
            self.set_running = True
            self._set_s = since_s
            self._cues_s, self._of_set = {}, ()
            self._ledger.clear()
            if self._travel is not None:
                self._travel.forget()

    def _begin_at_the_turn(self, since_s: float) -> None:
        """Let the set, if it has no repetition yet, begin with the raise of somebody who was first seen down there."""
        self._begin_set(since_s)
        if self.set_running and not self.reps:
            self._set_s = min(self._set_s, since_s)
            self._ledger.bottom_s = since_s

    def _watch_hips(self, sighting: Sighting, stance: Stance) -> None:
        """Show where trunk and hips are, as they were seen, to what follows the hips."""
        if self._travel is None or self._cycle.leg == "back":
            return
        time_s, seen = sighting.time_s, measure_now(sighting.xy_px, stance)
        edge_leg = math.nan if sighting.edge_px is None else measure_edge_now(sighting.edge_px, stance)
        sample = HipSample(seen["trunk_deg"], seen["hip_back_leg"], edge_leg)
        if self._cycle.leg == "top":
            self._travel.stand(time_s, sample)
            return
        stopped = self._travel.step(time_s, sample) if self.set_running else None
        if stopped is None:
            return
        told_s = self._cues_s.setdefault("live.come_up", [])
        if len(told_s) < MOST_TOLD:
            told_s.append(time_s)
            values = {"trunk_deg": stopped.trunk_deg, "probability": stopped.probability}
            self._say(Said(time_s, COME_UP, len(self.reps) + 1, URGENT, "live.come_up", values))

    def _lowers(self) -> bool:
        """Whether the athlete is in the eccentric: on the way away from the top, in a curl on the way back."""
        lifts_first = self.lift is not None and self.lift.lifts_first
        return self.set_running and self._cycle.leg == ("back" if lifts_first else "away")

    def _lowering_since(self) -> float:
        return self._cycle.turned_s if self._cycle.leg == "back" else self._cycle.left_s

    def _phase(self) -> SetPhase:
        if not self.set_running:
            return "looking" if self._ready_s is None else "ready"
        lifts_first = self.lift is not None and self.lift.lifts_first
        away, back = ("rising", "lowering") if lifts_first else ("lowering", "rising")
        names: dict[str, SetPhase] = {"top": "top", "away": away, "turn": "bottom", "back": back}  # type: ignore[dict-item]
        return names[self._cycle.leg]

    # What is made of it -----------------------------------------------------------------------------------------

    def _judge(self, time_s: float, size_px: tuple[int, int], rung: Rung) -> None:
        judged = self._ledger.poll(time_s)
        if judged is not None:
            self._take(judged, time_s)
        if self._wanted_s is None or self._ledger.busy or time_s < self._wanted_s or not self.set_running:
            return
        if self.lift is None and not self._recognise(time_s, size_px, rung):
            self._wanted_s = None
            return
        self._ask(time_s, size_px, rung)

    def _ask(self, time_s: float, size_px: tuple[int, int], rung: Rung) -> None:
        poses = self._trace.poses(self._window_s(time_s), size_px, rung)
        if poses is not None and self.lift is not None:
            self._ledger.ask(poses, self.lift, replace(self._settings, lift=self.lift.name))

    def _window_s(self, time_s: float) -> float:
        return min(JUDGED_SPAN_S, time_s - self._set_s + STOOD_BEFORE_S)

    def _recognise(self, time_s: float, size_px: tuple[int, int], rung: Rung) -> bool:
        poses = self._trace.poses(self._window_s(time_s), size_px, rung)
        try:
            choice = None if poses is None else recognise_set(poses)
        except LiftError:
            choice = None
        if choice is None:
            if not self._said_unknown:
                self._say(
                    Said(time_s, "I don't recognise this lift. Choose it and start again.", None, GUIDE, "live.unknown")
                )
            self._said_unknown = True
            return False
        wanted_s = self._wanted_s
        self.lift = all_lifts()[choice.name]
        self._begin_cycles()
        self._wanted_s = wanted_s
        self._learnt_s = -math.inf  # until now as of feet on the floor, by which it may face the other way
        self._say(Said(time_s, f"{self.lift.title}.", None, GUIDE, "live.lift"))
        return True

    def _take(self, judged: Judged, time_s: float) -> None:
        """Say what a window brought; without a new repetition it may not have been over: look again soon."""
        self._of_set = tuple(each for each in judged.report.findings if each.rep is None)
        lift = judged.report.lift
        if lift.looks_like and "live.doubt" not in self._cues_s:
            self._cues_s["live.doubt"] = [time_s]
            self._say(Said(time_s, write_sentence(lift.doubt), None, NOTE, "live.doubt"))
        for each in judged.fresh:
            self._tell_rep(each, time_s)
        if self._wanted_s is None:
            return
        self._tries += 1
        if judged.fresh or self._tries >= TRIES:
            self._wanted_s = None
        else:
            self._wanted_s = time_s + AGAIN_S

    def _tell_rep(self, entry: LiveRep, time_s: float) -> None:
        assert self.lift is not None
        rep = entry.rep
        self.now.eccentric_s = rep.eccentric_s
        values = {
            "eccentric_s": rep.eccentric_s,
            "pause_s": rep.pause_s,
            "concentric_s": rep.concentric_s,
            "stop_s": rep.stop_s,
        }
        whole = count_reps([vars(each.rep) for each in self.reps if each.rep.number <= rep.number])
        text = f"{spell(whole).capitalize()}." if count_reps([vars(rep)]) else "Half."
        self._say(Said(time_s, text, rep.number, COUNT, "live.rep", values))
        found = self._choose_cue(entry, time_s)
        if found is None:
            return
        self._cues_s.setdefault(found.code, []).append(time_s)
        priority = FAULT if found.verdict == "fault" else NOTE
        self._say(Said(time_s, speak_finding(found), rep.number, priority, found.code, {"value": found.value}))

    def _choose_cue(self, entry: LiveRep, time_s: float) -> Finding | None:
        """Return what matters most of a repetition and was not said twice yet; None while it was just said."""
        ranked = rank_faults(self._carried(entry))
        found = next((each for each in ranked if len(self._cues_s.get(each.code, ())) < MOST_TOLD), None)
        if found is None or time_s - max(self._cues_s.get(found.code, ()), default=-math.inf) < COOL_S:
            return None
        return found

    def _carried(self, entry: LiveRep) -> list[Finding]:
        """Return what may be said of a repetition: nothing of hips that too few pictures or a coarse model saw."""
        rep = entry.rep
        exact = self._rung is not None and self._rung.model not in COARSE
        if self._travel is None or (exact and is_carried(self._trace.seen_s(), rep.start_s, rep.turn_s)):
            return list(entry.findings)
        return [each for each in entry.findings if each.code.split(".", 1)[-1] not in TRAVEL_CODES]

    def _count_aloud(self, time_s: float) -> None:
        if not self._count or not self._lowers():
            return
        seconds = int(time_s - self._lowering_since())
        if seconds > self._counted:
            self._counted = seconds
            self._say(Said(time_s, spell(seconds), None, COUNT, "live.count"))

    def _say(self, said: Said) -> None:
        self._words.append(said)
        if said.priority <= NOTE:
            self._cue = (said.time_s, said.text)

    # Before and after the set ------------------------------------------------------------------------------------

    def _look_again(self, time_s: float, size_px: tuple[int, int], rung: Rung) -> None:
        """Learn anew how the athlete stands, and before a set what there is to mend."""
        self._learnt_s = time_s
        base = FEET if self.lift is None else self.lift.base
        if self._cycle.leg == "top" or not self.set_running:
            span_s = self._window_s(time_s) if self.set_running else STANCE_S
            poses = self._trace.poses(span_s, size_px, rung)
            learnt = None if poses is None else learn_stance(poses, base)
            self._stance = learnt or self._stance
        if self.set_running:
            return
        fault = positioning.find_fault(self._trace, self._trace.poses(positioning.LOOK_S, size_px, rung), self._stance)
        if (fault or "") != self._fault:
            self._fault, self._fault_s = fault or "", time_s
            self._told_s = -math.inf
        self.now.guide = fault
        if fault is not None:
            self._ready_s = None
            self._counting_in = 0
        elif self._ready_s is None and time_s - self._fault_s >= READY_S - STANCE_EVERY_S / 2:
            self._ready_s = time_s

    def _guide_aloud(self, time_s: float) -> None:
        if self.set_running:
            return
        if self._fault:
            lasted = time_s - self._fault_s >= GUIDE_S
            if lasted and time_s - self._told_s >= GUIDE_AGAIN_S:
                self._told_s = time_s
                self._ready_said = False
                self._say(Said(time_s, self._fault, None, GUIDE, "live.guide"))
            return
        if self._ready_s is None:
            return
        if self._told_s < self._ready_s:
            self._told_s = time_s
            if not self._ready_said:  # a fault too short to be said needs no all-clear
                self._ready_said = True
                self._say(Said(time_s, positioning.READY, None, GUIDE, "live.ready"))
            self._counting_in = 4 if self._count_in and not self.sets else 0
        still_s = self._cycle.rests_since(time_s)
        if self._counting_in and still_s >= STILL_S and time_s - self._told_s >= 1.0:
            self._counting_in -= 1
            self._told_s = time_s
            word = spell(self._counting_in).capitalize() if self._counting_in else "Go."
            self._say(Said(time_s, word, None, COUNT, "live.count_in"))

    def _end_when_over(self, time_s: float, size_px: tuple[int, int], rung: Rung) -> None:
        if not self.set_running:
            return
        gone = time_s - self._seen_s > GONE_S
        if not gone and (self._cycle.rests_since(time_s) < SET_OVER_S or self._wanted_s is not None):
            return
        self.finish(time_s, size_px, rung)

    def finish(self, time_s: float, size_px: tuple[int, int], rung: Rung) -> None:
        """End the set that is running, if any: judge it once more and say what it was, or that it is unknown."""
        if not self.set_running:
            return
        moved = any(each.farthest >= LEAST_MOTION_DEG for each in self._cycles.values())
        if self.lift is not None or (moved and self._recognise(time_s, size_px, rung)):
            self._settle(time_s, size_px, rung)
        self.set_running = False
        self._ready_s = None
        self._ready_said = False
        self._fault, self._fault_s = "", time_s
        if self.reps and self.lift is not None:
            self.sets.append(CoachedSet(self.lift.name, tuple(self.reps)))
            whole = count_reps(vars(each.rep) for each in self.reps)
            partial = len(self.reps) - whole
            text = f"Set over. {spell(whole).capitalize()} {'rep' if whole == 1 else 'reps'}"
            text += f", {spell(partial)} partial." if partial else "."
            of_reps = [finding for each in self.reps for finding in each.findings]
            text += sum_up_aloud([*of_reps, *self._of_set])
            self._say(Said(time_s, text, None, NOTE, SET_OVER, {"reps": float(whole)}))

    def _settle(self, time_s: float, size_px: tuple[int, int], rung: Rung) -> None:
        """Judge the whole window a last time, and wait for it: nothing else is to be done."""
        while self._ledger.busy:
            self._ledger.wait()
            self._ledger.poll(time_s)
        self._wanted_s = None
        self._ask(time_s, size_px, rung)
        self._ledger.wait()
        judged = self._ledger.poll(time_s)
        if judged is not None:
            self._take(judged, time_s)
