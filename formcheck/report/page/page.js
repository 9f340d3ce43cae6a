"use strict";
(() => {
  const numbers = JSON.parse(byId("numbers").textContent);
  const video = byId("video");
  const canvas = byId("figure");
  const layers = { body: true, back: true, angles: true };
  const figure = makeFigure(canvas, numbers, layers);
  const { motionS, channels, poses } = figure;
  const isWide = () => matchMedia("(min-width: 900px)").matches;
  let nowS = 0;
  let hasVideo = false;
  let isLost = false; // there is no video: the figure is drawn on an empty stage

  const draw = () => (hasVideo || isLost) && figure.draw(nowS); // the poster is cut to the lifter, and fits no figure

  // ---- time ----
  function repAt(timeS) {
    return numbers.reps.find((rep) => timeS >= rep.start_s && timeS <= rep.stop_s);
  }

  function phaseAt(rep, timeS) {
    const phase = rep.phases.find(([, start, end]) => timeS >= start && timeS <= end);
    return phase ? ` ${phase[0]}` : "";
  }

  function show(timeS) {
    nowS = timeS;
    draw();
    const rep = repAt(timeS);
    byId("now").textContent = clock(inVideo(timeS)) + (rep ? ` · rep ${rep.number}${phaseAt(rep, timeS)}` : "");
    byId("scrub").value = timeS;
    byId("cursor").style.left = `${Math.min(100, (100 * timeS) / numbers.end_s)}%`;
    moveCursors();
  }

  function seek(timeS) {
    const wantedS = Math.min(Math.max(timeS, 0), numbers.end_s);
    if (hasVideo) seekVideo(video, inVideo(wantedS), numbers.offset_s);
    show(wantedS);
  }

  function stopAndSeek(timeS) {
    video.pause();
    seek(timeS);
  }

  function step(count) {
    video.pause();
    const times = poses ? poses.timeS : motionS;
    const index = Math.min(Math.max(nearest(times, nowS) + count, 0), times.length - 1);
    seek(times[index]);
  }

  function jumpRep(count) {
    const starts = numbers.reps.map((rep) => rep.start_s);
    const wanted = count > 0 ? starts.find((start) => start > nowS + 0.05) : starts.findLast((start) => start < nowS - 0.05);
    if (wanted !== undefined) stopAndSeek(wanted);
  }

  function nextFinding() {
    const starts = numbers.findings.filter((each) => each.start_s !== null && ["fault", "note"].includes(each.verdict));
    const times = starts.map((each) => each.start_s).sort((one, other) => one - other);
    if (times.length) stopAndSeek(times.find((time) => time > nowS + 0.05) ?? times[0]);
  }

  /** The report's time of a moment of the player, and the video's of one of the report: slow motion takes longer than
   * the lift did. */
  const playerTime = (shownS) => Math.max(0, shownS - numbers.offset_s) * numbers.speed;
  const inVideo = (timeS) => timeS / numbers.speed;

  function togglePlay() {
    if (!hasVideo) return;
    if (video.paused) video.play();
    else video.pause();
  }

  /** At a desk the player stays in sight, small, in a corner, when its own place is scrolled away. */
  function wireDock() {
    const slot = byId("slot");
    if (!window.IntersectionObserver) return;
    new IntersectionObserver(([entry]) => {
      const away = !entry.isIntersecting && entry.boundingClientRect.height > 0;
      slot.style.minHeight = away ? `${entry.boundingClientRect.height}px` : "";
      slot.classList.toggle("docked", away);
      draw();
    }).observe(slot);
  }

  function setSpeed(speed) {
    video.playbackRate = speed;
    markSpeed(speed);
  }

  /** Play the annotated video where the browser cannot play the original: it has the figure drawn in already. */
  function takeSpare() {
    video.src = video.dataset.spare;
    delete video.dataset.spare;
    numbers.offset_s = -inVideo(motionS[0]);
    all('[data-layer][aria-pressed="true"]').forEach((each) => each.click());
  }

  function wireVideo() {
    const ready = () => {
      if (hasVideo) return;
      hasVideo = true;
      isLost = false;
      byId("missing").hidden = true;
      seek(nowS);
    };
    const lost = () => {
      hasVideo = false;
      if (video.dataset.spare) {
        takeSpare();
        return;
      }
      isLost = true;
      video.removeAttribute("poster");
      byId("missing").hidden = false;
      draw();
    };
    video.addEventListener("loadedmetadata", () => (video.videoWidth ? ready() : lost()));
    video.addEventListener("error", lost);
    video.addEventListener("play", () => markPlaying(true));
    video.addEventListener("pause", () => markPlaying(false));
    video.addEventListener("click", togglePlay);
    byId("choose").addEventListener("change", (event) => {
      const [file] = event.target.files;
      if (file) {
        delete video.dataset.spare;
        video.src = URL.createObjectURL(file);
      }
    });
    unpackVideo(video, byId("packed-video"));
    if (video.error) lost();
    else if (video.readyState >= 1) ready();
    followFrames(video, (shownS) => show(playerTime(shownS)));
  }

  function wireButtons() {
    document.addEventListener("click", (event) => {
      const target = event.target.closest("[data-seek]");
      if (target) stopAndSeek(Number(target.dataset.seek));
      if (target && !isWide() && !target.closest("#player")) byId("player").scrollIntoView();
      const link = event.target.closest('a[href^="#check-"]');
      if (link) openCheck(link.hash);
    });
    byId("play").addEventListener("click", togglePlay);
    byId("back").addEventListener("click", () => step(-1));
    byId("next").addEventListener("click", () => step(1));
    byId("scrub").addEventListener("input", (event) => stopAndSeek(Number(event.target.value)));
    onSpeeds(setSpeed);
    onLayers(layers, draw);
    window.addEventListener("resize", draw);
  }

  function wireKeys() {
    onKeys({
      " ": togglePlay,
      k: togglePlay,
      ArrowLeft: (event) => (event.shiftKey ? stopAndSeek(nowS - 1) : step(-1)),
      ArrowRight: (event) => (event.shiftKey ? stopAndSeek(nowS + 1) : step(1)),
      ArrowUp: () => jumpRep(-1),
      ArrowDown: () => jumpRep(1),
      s: () => setSpeed(video.playbackRate === 1 ? 0.25 : 1),
      n: nextFinding,
    });
  }

  /** Open a check, and what it is folded into. */
  function openCheck(hash) {
    let target = byId(decodeURIComponent(hash.slice(1)));
    if (!target) return;
    for (; target; target = target.parentElement) if (target.matches("details")) target.open = true;
  }

  // ---- charts ----
  let plots = []; // charts in which the time runs along x
  const title = (name) => numbers.names[name] || name;
  const isMain = (name) => Boolean(MAIN[name]);
  const unitOf = (name) => ({ deg: "degrees", leg: "leg lengths", thigh: "thigh lengths", m: "metres" })[name.split("_").at(-1)] || "";

  function curve(name, row, colour, dash) {
    return {
      x: Array.from(motionS, inVideo), y: channels[name], yaxis: row, name: title(name), mode: "lines", connectgaps: false,
      line: { color: colour, width: 2, dash }, hovertemplate: name.endsWith("_deg") ? "%{y:.0f}°" : "%{y:.2f}",
    };
  }

  /** Hip, knee and trunk, and below them whatever else was asked for. */
  function motionTraces() {
    const traces = Object.keys(channels).filter(isMain).map((name) => curve(name, "y", style(MAIN[name][0]), MAIN[name][1]));
    const more = byId("more").value;
    return more ? [...traces, curve(more, "y2", style("--other"), "solid")] : traces;
  }

  function motionShapes() {
    const across = (start, stop, colour, layer = "below") => ({ type: "rect", xref: "x", yref: "paper", x0: inVideo(start), x1: inVideo(stop), y0: 0, y1: 1, line: { width: 0 }, fillcolor: colour, layer });
    const reps = numbers.reps.map((rep) => across(rep.start_s, rep.stop_s, pale(style("--accent"), 0.06)));
    const unseen = numbers.unseen.map(([start, stop]) => across(start, stop, pale(style("--soft"), 0.35)));
    const spans = numbers.findings.filter((each) => each.start_s !== null && each.end_s !== null);
    const unjudged = spans.filter((each) => each.verdict === "not_judged").map((each) => across(each.start_s, each.end_s, pale(style("--soft"), 0.16)));
    const passed = spans.filter((each) => ["fault", "note"].includes(each.verdict)).map((each) => across(each.start_s, each.end_s, pale(style(`--${each.verdict}`), 0.16)));
    const turns = numbers.reps.map((rep) => ({ type: "line", xref: "x", yref: "paper", x0: inVideo(rep.turn_s), x1: inVideo(rep.turn_s), y0: 0, y1: 1, line: { color: style("--soft"), width: 1, dash: "dot" }, layer: "below" }));
    return [...reps, ...unjudged, ...unseen, ...passed, ...turns];
  }

  function motionNotes() {
    return numbers.reps.map((rep) => ({ x: inVideo(rep.start_s), y: 1, xref: "x", yref: "paper", text: `rep ${rep.number}`, showarrow: false, xanchor: "left", yanchor: "top", font: { size: 11, color: style("--soft") } }));
  }

  function drawMotion() {
    const element = byId("motion");
    if (!element) return undefined;
    const more = byId("more").value;
    const layout = { ...baseLayout(), hovermode: "x unified", shapes: motionShapes(), annotations: motionNotes() };
    layout.yaxis = axis({ domain: [more ? 0.4 : 0, 1], title: { text: "degrees", standoff: 4 }, fixedrange: true });
    if (more) layout.yaxis2 = axis({ domain: [0, 0.36], title: { text: unitOf(more), standoff: 4 }, fixedrange: true });
    layout.xaxis = axis({ title: { text: "time in the video, s", standoff: 6 }, range: [0, inVideo(numbers.end_s)], anchor: more ? "y2" : "y" });
    return Plotly.react(element, motionTraces(), layout, CONFIG).then(() => onPick(element, (point) => point.x * numbers.speed));
  }

  function drawOver() {
    const element = byId("over");
    if (!element) return undefined;
    const name = byId("channel").value;
    const dashes = ["solid", "dash", "dot", "dashdot", "longdash"];
    const ramp = root.dataset.theme === "dark" ? ["#fde725", "#90d743", "#35b779", "#21a6a6", "#5b9bd5", "#a58ad8"] : ["#440154", "#3b528b", "#21808c", "#2f9b5f", "#7a8a10", "#b56a00"];
    const traces = numbers.reps.map((rep, index) => {
      const [from, to] = [firstAfter(motionS, rep.start_s - 0.3), firstAfter(motionS, rep.stop_s + 0.3)];
      const times = Array.from(motionS.slice(from, to));
      return { x: times.map((time) => time - rep.turn_s), y: channels[name].slice(from, to), customdata: times, name: `rep ${rep.number}`, mode: "lines", line: { width: 2.5, color: ramp[Math.round((index * (ramp.length - 1)) / Math.max(1, numbers.reps.length - 1))], dash: dashes[index % dashes.length] }, hovertemplate: "%{y:.3~g}" };
    });
    const layout = { ...baseLayout(), hovermode: "x unified", xaxis: axis({ title: { text: "seconds from the turn", standoff: 6 } }), yaxis: axis({ title: { text: unitOf(name), standoff: 4 } }) };
    return Plotly.react(element, traces, layout, CONFIG).then(() => onPick(element, (point) => point.customdata));
  }

  function drawCheck(element) {
    const some = numbers.findings.filter((each) => each.code === element.dataset.check && each.value !== null && each.rep !== null);
    const symbols = { fault: "x", note: "diamond", good: "circle", not_judged: "circle-open" };
    const colours = { fault: style("--fault"), note: style("--note"), good: style("--good"), not_judged: style("--none") };
    const trace = {
      x: some.map((each) => each.rep), y: some.map((each) => each.value), mode: "markers", type: "scatter", customdata: some.map((each) => each.start_s),
      error_y: { type: "data", symmetric: false, array: some.map((each) => each.high - each.value), arrayminus: some.map((each) => each.value - each.low), color: style("--soft"), thickness: 1.5, width: 5 },
      marker: { size: 11, symbol: some.map((each) => symbols[each.verdict]), color: some.map((each) => colours[each.verdict]) }, hovertemplate: "%{y:.3~g}<extra>rep %{x}</extra>", showlegend: false,
    };
    const { note, fault, unit } = some[0];
    const lines = [["note", note], ["fault", fault]].filter(([step, at]) => at !== null && !(step === "note" && note === fault));
    const shapes = lines.map(([step, at]) => ({ type: "line", xref: "paper", x0: 0, x1: 1, y0: at, y1: at, line: { color: colours[step], width: 1.5, dash: step === "note" ? "dot" : "dash" } }));
    const notes = lines.map(([step, at]) => ({ xref: "paper", x: 1, y: at, text: step, showarrow: false, xanchor: "right", yanchor: "bottom", font: { size: 11, color: colours[step] } }));
    const values = [...some.flatMap((each) => [each.low, each.high, each.value]), ...lines.map(([, at]) => at), 0].filter((each) => each !== null);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const layout = { ...baseLayout(), hovermode: "closest", shapes, annotations: notes, xaxis: axis({ title: { text: "rep", standoff: 4 }, dtick: 1, range: [0.5, numbers.reps.length + 0.5] }), yaxis: axis({ title: { text: unit === "°" ? "degrees" : unit, standoff: 4 }, range: [low - 0.05 * (high - low), high + 0.1 * (high - low)] }) };
    return Plotly.react(element, [trace], layout, CONFIG).then(() => onPick(element, (point) => point.customdata));
  }

  function onPick(element, timeOf) {
    element.removeAllListeners("plotly_click");
    element.on("plotly_click", (event) => {
      const timeS = timeOf(event.points[0]);
      if (Number.isFinite(timeS)) stopAndSeek(timeS);
    });
    if (element.id === "motion") plots = [element];
    moveCursors();
  }

  const moveCursors = () => plots.forEach((element) => placeCursor(element, inVideo(nowS)));

  /** How far an angle moves: what moves most is what the repetitions are compared in first. */
  const reach = (name) => {
    const seen = channels[name].filter(Number.isFinite);
    return seen.length ? Math.max(...seen) - Math.min(...seen) : 0;
  };

  /** Offer the channels: to compare the repetitions in all of them, to add to the chart those that are not in it. */
  function fillChannels() {
    const order = [...Object.keys(MAIN).filter((name) => channels[name]), ...Object.keys(channels).filter((name) => !isMain(name))];
    const fill = (select, names, draw) => {
      if (!select) return;
      for (const name of names) select.add(new Option(title(name), name));
      select.addEventListener("change", draw);
    };
    fill(byId("channel"), order, drawOver);
    if (byId("channel")) byId("channel").value = order.filter(isMain).sort((a, b) => reach(b) - reach(a))[0] ?? order[0];
    if (byId("more")) byId("more").add(new Option("nothing", ""));
    fill(byId("more"), order.filter((name) => !isMain(name)), drawMotion);
  }

  /** Draw what is open: a chart in a closed fold has no size. */
  async function drawCharts() {
    if (!window.Plotly) return;
    all(".wait").forEach((each) => each.remove());
    if (byId("charts").open) {
      await drawMotion();
      await drawOver();
    }
    if (byId("checks").open) for (const element of all("details[open] [data-check]")) await drawCheck(element);
    root.dataset.charts = "ready";
  }

  function wireCharts() {
    fillChannels();
    byId("charts").addEventListener("toggle", drawCharts);
    byId("checks").addEventListener("toggle", drawCharts);
    all("details.check").forEach((each) =>
      each.addEventListener("toggle", () => {
        const chart = each.open && window.Plotly && each.querySelector("[data-check]");
        if (chart) drawCheck(chart);
      }),
    );
    startCharts(drawCharts);
  }

  /** On a wide screen some folds are open from the start; on paper all but how it was made. */
  function wireFolds() {
    if (isWide()) all("details[data-desk]").forEach((each) => (each.open = true));
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = all("details.fold:not(.made):not([open])");
      closed.forEach((each) => (each.open = true));
    });
    addEventListener("afterprint", () => closed.forEach((each) => (each.open = false)));
  }

  onTheme(drawCharts);
  wireButtons();
  wireVideo();
  wireDock();
  wireKeys();
  wireFolds();
  wireCharts();
  onPrint(byId("motion"), { width: 690, height: 400 }, () => plots.length > 0);
  if (location.hash) openCheck(location.hash);
  show(0);
  root.dataset.ready = "yes";
})();
