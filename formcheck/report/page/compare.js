const numbers = JSON.parse(byId("numbers").textContent);
const layers = { body: true, back: true, angles: true };
const STEP = 0.5; // percent of a repetition, of one press of a key
const SLOWEST = 0.0625; // the least speed that browsers play at
const LATE_S = 0.12; // a video this far from its place is sought
const HOLD_S = 0.6; // at the end of a repetition, before it is played again
const ROWS = [["hip_flexion_deg", "hip, °"], ["knee_flexion_deg", "knee, °"], ["trunk_deg", "trunk, °"]];
let percent = 0;
let speed = 1;
let playing = null; // the last tick's time, ms
let heldS = 0;

// ---- one set ----
function makeSide(key) {
  const own = numbers[key];
  const video = byId(`video-${key}`);
  const figure = makeFigure(byId(`figure-${key}`), own, layers);
  const now = byId(`now-${key}`);
  const choice = byId(`rep-${key}`);
  const side = { key, own, video, figure, choice, hasVideo: false, shownS: null, curves: {} };
  for (const [name, reps] of Object.entries(own.curves)) side.curves[name] = reps.map(floats);

  side.rep = () => own.reps[Number(choice.value)];

  /** The phase at a place of the repetition and how far into it that is; its span of the video, null when not shown. */
  side.phaseAt = (place) => {
    const [word, from, to] = numbers.phases.find(([, , end]) => place <= end) || numbers.phases.at(-1);
    const rep = side.rep();
    return { word, share: (place - from) / (to - from), span: (rep && rep.phases[word]) || null };
  };

  side.timeAt = (place) => {
    const { share, span } = side.phaseAt(place);
    return span ? span[0] + share * (span[1] - span[0]) : null;
  };

  side.draw = () => figure.draw(side.shownS === null ? -1e9 : side.shownS);

  side.show = (place) => {
    const timeS = side.timeAt(place);
    const { word } = side.phaseAt(place);
    const rep = side.rep();
    now.textContent = !rep ? "no rep" : timeS === null ? `${word}: not in the clip` : `${clock(timeS / own.speed)} · ${word}`;
    if (timeS === null || !side.hasVideo || video.paused) {
      side.shownS = timeS;
      side.draw();
    }
    return timeS;
  };

  side.seek = (place) => {
    const timeS = side.show(place);
    if (timeS !== null && side.hasVideo) seekVideo(video, timeS / own.speed, own.offset_s);
  };

  /** Keep the video near a moment while everything plays: `rate` is its seconds per second. */
  side.follow = (place, rate) => {
    const timeS = side.show(place);
    if (timeS === null || !side.hasVideo) return;
    const lateS = Math.abs(video.currentTime - own.offset_s - timeS / own.speed);
    if (rate < SLOWEST) {
      if (!video.paused) video.pause();
      if (lateS > LATE_S && !video.seeking) seekVideo(video, timeS / own.speed, own.offset_s);
      return;
    }
    video.playbackRate = Math.min(rate / own.speed, 4);
    if (lateS > LATE_S && !video.seeking) seekVideo(video, timeS / own.speed, own.offset_s);
    if (video.paused) video.play().catch(() => undefined);
  };

  function ready() {
    if (side.hasVideo) return;
    side.hasVideo = true;
    byId(`missing-${key}`).hidden = true;
    side.seek(percent);
  }

  function lost() {
    side.hasVideo = false;
    byId(`missing-${key}`).hidden = false;
  }

  video.addEventListener("loadedmetadata", () => (video.videoWidth ? ready() : lost()));
  video.addEventListener("error", lost);
  video.addEventListener("click", togglePlay);
  byId(`choose-${key}`).addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) video.src = URL.createObjectURL(file);
  });
  choice.addEventListener("change", () => {
    go(percent);
    drawCurves();
  });
  unpackVideo(video, byId(`packed-video-${key}`));
  if (video.error || !video.currentSrc && !video.src) lost();
  else if (video.readyState >= 1) ready();
  followFrames(video, (shownS) => {
    if (side.timeAt(percent) === null) return;
    side.shownS = Math.max(0, shownS - own.offset_s) * own.speed;
    side.draw();
  });
  return side;
}

// ---- both ----
function place(value) {
  percent = Math.min(100, Math.max(0, value));
  byId("scrub").value = percent;
  byId("cursor").style.left = `${percent}%`;
  moveCursor();
}

function go(value) {
  place(value);
  sides.forEach((side) => side.seek(percent));
}

function stop() {
  playing = null;
  sides.forEach((side) => side.video.pause());
  markPlaying(false);
}

function stopAndGo(value) {
  stop();
  go(value);
}

/** Seconds that a phase takes: as long as in the slower of the two. */
function lengthOf(place) {
  const lengths = sides.map((side) => side.phaseAt(place).span).filter(Boolean).map(([start, end]) => end - start);
  return Math.max(0, ...lengths);
}

function tick(nowMs) {
  if (playing === null) return;
  const passedS = Math.min(0.1, (nowMs - playing) / 1000);
  playing = nowMs;
  requestAnimationFrame(tick);
  if (percent >= 100) {
    sides.forEach((side) => side.video.pause());
    heldS += passedS;
    if (heldS < HOLD_S) return;
    heldS = 0;
    go(0);
    return;
  }
  let leftS = passedS * speed;
  let at = percent;
  for (const [, from, to] of numbers.phases) {
    if (at >= to || leftS <= 0) continue;
    const lengthS = lengthOf((Math.max(at, from) + to) / 2);
    const perS = lengthS > 0 ? (to - from) / lengthS : Infinity;
    const next = Math.min(to, at + leftS * perS);
    leftS -= perS === Infinity ? 0 : (next - at) / perS;
    at = next;
  }
  place(at);
  const middle = Math.min(at + 1e-6, 100);
  const lengthS = lengthOf(middle);
  sides.forEach((side) => {
    const { span } = side.phaseAt(middle);
    side.follow(at, span && lengthS > 0 ? (speed * (span[1] - span[0])) / lengthS : 0);
  });
}

function togglePlay() {
  if (playing !== null) {
    stopAndGo(percent);
    return;
  }
  if (!sides.some((side) => side.rep())) return;
  if (percent >= 100) go(0);
  heldS = 0;
  playing = performance.now();
  markPlaying(true);
  requestAnimationFrame(tick);
}

function setSpeed(wanted) {
  speed = wanted;
  markSpeed(speed);
}

function chooseRep(side, index) {
  side.choice.value = String(Math.min(Math.max(index, 0), side.own.reps.length - 1));
}

function jumpReps(count) {
  sides.filter((side) => side.rep()).forEach((side) => chooseRep(side, Number(side.choice.value) + count));
  go(percent);
  drawCurves();
}

function showRep(key, number) {
  const side = sides.find((each) => each.key === key);
  const index = side.own.reps.findIndex((rep) => rep.number === number);
  if (index < 0) return;
  chooseRep(side, index);
  stopAndGo(numbers.phases[0][2]);
  drawCurves();
  byId("player").scrollIntoView({ block: "nearest" });
}

// ---- the chart ----
function curve(side, name, index, chosen) {
  return {
    x: Array.from({ length: 101 }, (_, at) => at), y: side.curves[name][index], yaxis: `y${ROWS.findIndex(([each]) => each === name) + 1}`.replace("y1", "y"), mode: "lines", connectgaps: false,
    name: `${side.key.toUpperCase()} rep ${side.own.reps[index].number}`, legendgroup: side.key, showlegend: chosen && name === firstRow(), hoverinfo: chosen ? undefined : "skip",
    line: { color: chosen ? style(`--${side.key}`) : pale(style(`--${side.key}`), 0.28), width: chosen ? 3 : 1.2, dash: side.key === "b" ? "dash" : "solid" }, hovertemplate: chosen ? "%{y:.0f}°" : undefined,
  };
}

const firstRow = () => (ROWS.find(([name]) => sides.some((side) => side.curves[name])) || [])[0];

function drawCurves() {
  if (!window.Plotly) return undefined;
  const traces = [];
  for (const [name] of ROWS) {
    for (const side of sides.filter((each) => each.curves[name])) {
      const chosen = Number(side.choice.value);
      side.curves[name].forEach((_, index) => index !== chosen && traces.push(curve(side, name, index, false)));
    }
    for (const side of sides.filter((each) => each.curves[name] && each.rep())) traces.push(curve(side, name, Number(side.choice.value), true));
  }
  const element = byId("over");
  const layout = { ...baseLayout(), hovermode: "x unified" };
  ROWS.forEach(([, title], row) => {
    layout[row ? `yaxis${row + 1}` : "yaxis"] = axis({ domain: [1 - (row + 1) / 3 + (row < 2 ? 0.025 : 0), 1 - row / 3], title: { text: title, standoff: 4 }, fixedrange: true });
  });
  layout.xaxis = axis({ range: [0, 100], fixedrange: true, anchor: "y3", tickvals: numbers.phases.map(([, from, to]) => (from + to) / 2), ticktext: numbers.phases.map(([word]) => word), showgrid: false, zeroline: false });
  layout.shapes = numbers.phases.slice(1).map(([, from]) => ({ type: "line", xref: "x", yref: "paper", x0: from, x1: from, y0: 0, y1: 1, line: { color: style("--soft"), width: 1, dash: "dot" }, layer: "below" }));
  return Plotly.react(element, traces, layout, CONFIG).then(() => {
    element.removeAllListeners("plotly_click");
    element.on("plotly_click", (event) => stopAndGo(event.points[0].x));
    moveCursor();
  });
}

const moveCursor = () => placeCursor(byId("over"), percent);

async function drawCharts() {
  if (!window.Plotly) return;
  all(".wait").forEach((each) => each.remove());
  if (firstRow()) await drawCurves();
  else byId("over").textContent = "There are no curves to draw.";
  root.dataset.charts = "ready";
}

// ---- wiring ----
function wireButtons() {
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-rep]");
    if (target) showRep(target.dataset.of, Number(target.dataset.rep));
  });
  byId("play").addEventListener("click", togglePlay);
  byId("back").addEventListener("click", () => stopAndGo(percent - STEP));
  byId("next").addEventListener("click", () => stopAndGo(percent + STEP));
  byId("scrub").addEventListener("input", (event) => stopAndGo(Number(event.target.value)));
  onSpeeds(setSpeed);
  onLayers(layers, () => sides.forEach((side) => side.draw()));
  window.addEventListener("resize", () => sides.forEach((side) => side.draw()));
}

function wireKeys() {
  onKeys({
    " ": togglePlay,
    k: togglePlay,
    ArrowLeft: (event) => stopAndGo(percent - (event.shiftKey ? 10 : STEP)),
    ArrowRight: (event) => stopAndGo(percent + (event.shiftKey ? 10 : STEP)),
    ArrowUp: () => jumpReps(-1),
    ArrowDown: () => jumpReps(1),
    s: () => setSpeed(speed === 1 ? 0.25 : 1),
  });
}

const sides = [];
onTheme(drawCharts);
for (const key of ["a", "b"]) sides.push(makeSide(key));
wireButtons();
wireKeys();
onPrint(byId("over"), { width: 690, height: 560 }, () => Boolean(firstRow()));
go(0);
startCharts(drawCharts);
root.dataset.ready = "yes";
