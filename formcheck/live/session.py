"""Pictures in, views and words out: the model and the coach behind one door, for any loop that has pictures."""

import time

import numpy as np

from formcheck.data import RGB, FloatArray
from formcheck.lifts import all_lifts
from formcheck.live.coaching.coach import Coach, CoachedSet
from formcheck.live.coaching.rep_log import LiveRep
from formcheck.live.tracking.lifter_tracker import Finder, Sighting
from formcheck.live.tracking.model_fallback import Ladder, rungs_from
from formcheck.live.types import Overlay, Picture, Said, order_words
from formcheck.pipeline import first_model
from formcheck.pose import person_tracking
from formcheck.settings import Settings
from formcheck.wording import count_reps

DARK = 22.0  # mean of the picture, 0 to 255: below, neither model nor anybody sees much [D]
RATE_S = 2.0  # over which the rate is told
CROWD_EVERY_S = 3.0  # between two looks for a second person, before the set and between two
CROWDED_EVERY_S = 0.4  # once there is one
CROWD_KEPT_S = 10.0  # of what was seen of them
FEWEST_LOOKS = 3  # without which it is not told who moves
MOVES_DEG = 15.0  # by which somebody changes shape, and ...
MOVES_MORE = 2.0  # ... so many times as much as the one who is watched: that one is the lifter [D]
BYSTANDER = 0.5  # of the lifter's length: who looks smaller is far away
PRIORITY = 4  # of what is said about the filming: after all about the lift
FEW_HZ = 20.0  # frames a second that are handled: fewer are said, for then much is not judged ...
FEW_FOR_S = 6.0  # ... when it lasts
TOO_DARK = "It's too dark to see you. Turn on a light."
TOO_SLOW = "This computer is a bit slow."
FEW = "Too few frames are coming in. I can count your reps, but I can't judge much."
TWO_PEOPLE = "I see two people. I'll watch the one who moves."
OTHER_ONE = "I'm watching the other one now."
NEW_SIZE = "The picture changed size. I'm looking for you again."


class Session:
    """See `types.Watcher`. Not safe for threads: one thread calls all of it.

    `settings` hold lift, tempo, limits and the model to begin with; `count` counts the lowering aloud; `background`
    False judges in the caller's thread. `step_down` False keeps the model whatever is dropped: then it is the one
    that the report of the lift takes.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        count: bool = False,
        count_in: bool = True,
        outline: bool = True,
        background: bool = True,
        step_down: bool = True,
    ) -> None:
        self._settings = settings
        unhurried = None if step_down else all_lifts().get(settings.lift)
        rungs = rungs_from(first_model(settings, unhurried), outline=outline)
        self._ladder = Ladder(rungs if step_down else rungs[:1])
        self._finder = Finder(self._ladder.rung)
        self._coach = Coach(settings, count=count, count_in=count_in, background=background)
        self._size_px = (0, 0)
        self._seen_s: list[float] = []
        self._words: list[Said] = []
        self._notices: dict[str, str] = {}
        self._looked_s = float("-inf")
        self._enough_s = float("inf")
        self._crowd: list[tuple[float, list[FloatArray]]] = []
        self._last_s = float("-inf")

    def close(self) -> None:
        """Release the model and end the judging."""
        self._finder.close()
        self._coach.close()

    def reset(self) -> None:
        """Forget set and athlete."""
        self._coach.reset()
        self._finder.reset()
        self._crowd = []
        self._notices.clear()

    def set_lift(self, name: str) -> None:
        """Watch another lift from now on; resets."""
        self._coach.set_lift(name)
        self.reset()

    @property
    def sets(self) -> list[CoachedSet]:
        """The sets that are over, the last fifty."""
        return list(self._coach.sets)

    @property
    def reps(self) -> list[LiveRep]:
        """The repetitions of the set that is running, or of the last one."""
        return self._coach.reps

    def finish(self) -> None:
        """End the set that is running, as if the athlete had left: nothing more comes."""
        self._coach.finish(self._last_s, self._size_px, self._ladder.rung)

    def said(self) -> list[Said]:
        """See Watcher."""
        words, self._words = self._words + self._coach.said(), []
        return order_words(words)

    def see(self, picture: Picture) -> Overlay:
        """See Watcher."""
        began_s = time.monotonic()
        self._last_s = picture.time_s
        self._meet_size(picture)
        sighting = self._finder.find(picture.time_s, picture.rgb)
        if sighting is not None and self._finder.was_a_guess:
            self._coach.forget_place()
        moment = self._coach.step(picture.time_s, sighting, self._size_px, self._ladder.rung)
        if sighting is None:
            self._notice("dark", TOO_DARK if float(picture.rgb[::16, ::16].mean()) < DARK else None, picture.time_s)
        else:
            self._notice("dark", None, picture.time_s)
        self._look_for_others(picture.time_s, picture.rgb)
        now_s = time.monotonic()
        self._step_down(picture, now_s, now_s - began_s)
        self._seen_s = [each for each in self._seen_s if each > picture.time_s - RATE_S] + [picture.time_s]
        self._watch_rate(picture.time_s)
        return Overlay(
            time_s=picture.time_s,
            xy_px=moment.xy_px,
            size_px=self._size_px,
            lift=self._settings.lift if self._coach.lift is None else self._coach.lift.name,
            phase=moment.phase,
            reps=count_reps(vars(each.rep) for each in self._coach.reps),
            set_running=self._coach.set_running,
            hip_deg=moment.channels.get("hip_flexion_deg", float("nan")),
            knee_deg=moment.channels.get("knee_flexion_deg", float("nan")),
            trunk_deg=moment.channels.get("trunk_deg", float("nan")),
            eccentric_s=moment.eccentric_s,
            cue=self._coach.cue,
            guide=None if self._coach.set_running else moment.guide,
            fps=len(self._seen_s) / RATE_S,
            latency_s=time.monotonic() - picture.captured_s,
            model=self._ladder.rung.model,
            dropped_share=self._ladder.dropped_share(),
            side=None if self._coach.stance is None else self._coach.stance.view.side,
            depth=moment.depth,
            target_s=float("nan") if self._settings.tempo is None else self._settings.tempo.eccentric_s,
            notice=next(iter(self._notices.values()), None),
        )

    def _meet_size(self, picture: Picture) -> None:
        size_px = picture.rgb.shape[1], picture.rgb.shape[0]
        if size_px == self._size_px:
            return
        if self._size_px != (0, 0):
            self._coach.finish(picture.time_s, self._size_px, self._ladder.rung)
            self._coach.forget_place()
            self._crowd = []
            self._words.append(Said(picture.time_s, NEW_SIZE, None, PRIORITY, "live.size"))
        self._size_px = size_px

    def _look_for_others(self, time_s: float, rgb: RGB) -> None:
        """Look for other people when nothing is going on, and follow the one whom offline would choose so far."""
        crowded = bool(self._crowd) and len(self._crowd[-1][1]) > 1
        free = self._coach.now.phase == "ready" and not self._coach.set_running
        asked = self._settings.subject != "auto" and self._finder.last_px is not None and not self._coach.set_running
        if not (free or asked) or time_s - self._looked_s < (CROWDED_EVERY_S if crowded else CROWD_EVERY_S):
            return
        self._looked_s = time_s
        self._crowd = [each for each in self._crowd if each[0] > time_s - CROWD_KEPT_S]
        self._crowd.append((time_s, self._meet_people(rgb)))
        self._notice("people", TWO_PEOPLE if len(self._crowd[-1][1]) > 1 else None, time_s)
        lifter = self._choose(self._crowd)
        if lifter is not None:
            self._follow(lifter, time_s)

    def _meet_people(self, rgb: RGB) -> list[FloatArray]:
        """Return everybody in the picture but for those who are far behind the lifter."""
        people, own = self._finder.look_around(rgb), self._finder.last_px
        if own is None:
            return people
        return [
            each for each in people if person_tracking.body_length(each) >= BYSTANDER * person_tracking.body_length(own)
        ]

    def _choose(self, crowd: list[tuple[float, list[FloatArray]]]) -> person_tracking.Track | None:
        """Return whom to follow instead, if anybody."""
        own, subject = self._finder.last_px, self._settings.subject
        tracks = person_tracking.link_people(np.array([time_s for time_s, _ in crowd]), [people for _, people in crowd])
        here = [each for each in tracks if each.seen[-1]]
        if own is None or len(here) < 2:
            return None
        watched = min(here, key=lambda track: person_tracking.core_distance(track.xy_px[-1], own))
        chosen = here[person_tracking.choose_lifter(here, subject)]
        if chosen is watched:
            return None
        if subject == "auto":
            moves = person_tracking.restlessness(chosen) >= max(
                MOVES_DEG, MOVES_MORE * person_tracking.restlessness(watched)
            )
            if int(chosen.seen.sum()) < FEWEST_LOOKS or not moves:
                return None
        return chosen

    def _follow(self, lifter: person_tracking.Track, time_s: float) -> None:
        """Follow another one from now on. How they stood and moved until now belongs to their set."""
        self._finder.watch(lifter.xy_px[-1])
        self._coach.forget_place()
        for row in np.flatnonzero(lifter.seen):
            xy_px = lifter.xy_px[row]
            before = Sighting(float(lifter.time_s[row]), xy_px, np.full((len(xy_px), 3), np.nan), np.ones(len(xy_px)))
            self._coach.step(before.time_s, before, self._size_px, self._ladder.rung)
        self._crowd = []
        self._words.append(Said(time_s, OTHER_ONE, None, PRIORITY, "live.other"))

    def _watch_rate(self, time_s: float) -> None:
        """Say when so few pictures come through that tempo and angles are not judged (limit of the checks: 24 Hz)."""
        rate_hz = len(self._seen_s) / RATE_S
        if rate_hz >= FEW_HZ or not self._finder.framed:
            self._enough_s = time_s
        few = time_s - self._enough_s > FEW_FOR_S
        self._notice("few", FEW if few else None, time_s)

    def _notice(self, what: str, text: str | None, time_s: float) -> None:
        """Begin or end a notice; it is said when it begins."""
        if text is None:
            self._notices.pop(what, None)
        elif what not in self._notices:
            self._notices[what] = text
            self._words.append(Said(time_s, text, None, PRIORITY, f"live.{what}"))

    def _step_down(self, picture: Picture, now_s: float, work_s: float) -> None:
        if not self._finder.framed:
            self._ladder.settle(now_s)
        before = self._ladder.rung
        rung = self._ladder.note(now_s, picture.skipped, work_s)
        if rung is None:
            return
        self._finder.use(rung)
        less = "I won't judge your back for now." if before.model == rung.model else "I'll look less closely."
        self._words.append(Said(picture.time_s, f"{TOO_SLOW} {less}", None, PRIORITY, "live.model"))
