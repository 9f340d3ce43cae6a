"use strict";
(() => {
  const numbers = JSON.parse(byId("numbers").textContent);
  const video = byId("video");
  const canvas = byId("figure");
  const layers = { body: true, back: true, angles: true };
  const figure = makeFigure(canvas, numbers, layers);
  const { motionS, channels, poses } = figure;
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
    byId("now").textContent = clock(timeS) + (rep ? ` · rep ${rep.number}${phaseAt(rep, timeS)}` : "");
    byId("scrub").value = timeS;
    byId("cursor").style.left = `${Math.min(100, (100 * timeS) / numbers.end_s)}%`;
    moveCursors();
  }

  function seek(timeS) {
    const wantedS = Math.min(Math.max(timeS, 0), numbers.end_s);
    if (hasVideo) seekVideo(video, wantedS / numbers.speed, numbers.offset_s);
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

  /** The report's time of a moment of the player: a clip in slow motion takes longer than the lift did. */
  const playerTime = (shownS) => Math.max(0, shownS - numbers.offset_s) * numbers.speed;

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
    numbers.offset_s = -motionS[0] / numbers.speed;
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
      const link = event.target.closest('a[href^="#check-"]');
      if (link) openCheck(link.hash);
    });
    byId("play").addEventListener("click", togglePlay);
    byId("back").addEventListener("click", () => step(-1));
    byId("next").addEventListener("click", () => step(1));
    byId("scrub").addEventListener("input", (event) => stopAndSeek(Number(event.target.value)));
    byId("print").addEventListener("click", () => window.print());
    onSpeeds(setSpeed);
    onLayers(layers, draw);
    window.addEventListener("resize", draw);
  }

  function wireKeys() {
    const actions = {
      " ": togglePlay,
      k: togglePlay,
      ArrowLeft: (event) => (event.shiftKey ? stopAndSeek(nowS - 1) : step(-1)),
      ArrowRight: (event) => (event.shiftKey ? stopAndSeek(nowS + 1) : step(1)),
      ArrowUp: () => jumpRep(-1),
      ArrowDown: () => jumpRep(1),
      s: () => setSpeed(video.playbackRate === 1 ? 0.25 : 1),
      n: nextFinding,
    };
    onKeys(actions);
  }

  function openCheck(hash) {
    const target = byId(decodeURIComponent(hash.slice(1)));
    if (target && target.matches("details")) target.open = true;
  }

  // ---- charts ----
  let plots = []; // [element, x axis name]: where the time runs along x
  const pretty = (name) => name.replace(/_(deg|leg|s)$/, "").replaceAll("_", " ");
  const PROPER = { hip_back_leg: "hip travel, back", lumbar_deg: "outline of the back" };
  const title = (name) => PROPER[name] || pretty(name);

  /** 90 % of the channel's noise round its curve: one closed outline for each stretch that was seen. */
  function band(name, row, colour) {
    const half = 1.645 * (numbers.noise[name] || 0);
    if (!half) return [];
    const [x, y] = [[], []];
    const values = channels[name];
    for (let start = 0; start < values.length; start += 1) {
      if (Number.isNaN(values[start])) continue;
      let stop = start;
      while (stop < values.length && !Number.isNaN(values[stop])) stop += 1;
      for (let at = start; at < stop; at += 1) x.push(motionS[at]) && y.push(values[at] + half);
      for (let at = stop - 1; at >= start; at -= 1) x.push(motionS[at]) && y.push(values[at] - half);
      x.push(null);
      y.push(null);
      start = stop;
    }
    return [{ x, y, yaxis: row, mode: "lines", hoverinfo: "skip", line: { width: 0 }, showlegend: false, legendgroup: name, fill: "toself", fillcolor: pale(colour, 0.18), connectgaps: false }];
  }

  function curve(name, row, colour, dash, visible = true) {
    return {
      x: motionS, y: channels[name], yaxis: row, name: title(name), mode: "lines", legendgroup: name, visible, connectgaps: false,
      line: { color: colour, width: 2, dash }, hovertemplate: name.endsWith("_deg") ? "%{y:.0f}°" : "%{y:.3f}",
    };
  }

  /** Rows of the time chart: the three angles, then travel, then the back, each with what is measured in its unit. */
  function motionTraces() {
    const names = Object.keys(channels);
    const traces = [];
    const extras = [style("--other"), style("--soft"), style("--accent"), style("--fault"), style("--note")];
    names.filter((name) => MAIN[name]).forEach((name) => {
      const [variable, dash] = MAIN[name];
      traces.push(...band(name, "y", style(variable)), curve(name, "y", style(variable), dash));
    });
    const wide = matchMedia("(min-width: 900px)").matches; // on a phone the legend names what is drawn, and no more
    const others = names.filter((name) => !MAIN[name] && name !== "lumbar_deg");
    const leading = channels.hip_back_leg ? "hip_back_leg" : others.find((name) => name.endsWith("_leg"));
    const rest = others.filter((name) => wide || name === leading);
    rest.filter((name) => name.endsWith("_deg")).forEach((name, index) => traces.push(curve(name, "y", extras[index % 5], "dashdot", "legendonly")));
    if (leading) traces.push(...band(leading, "y2", style("--other")));
    rest.filter((name) => name.endsWith("_leg")).forEach((name, index) => traces.push(curve(name, "y2", extras[index % 5], "solid", name === leading ? true : "legendonly")));
    if (channels.lumbar_deg) traces.push(...band("lumbar_deg", "y3", style("--note")), curve("lumbar_deg", "y3", style("--note"), "solid"));
    return traces;
  }

  function motionShapes() {
    const across = (start, stop, colour, layer = "below") => ({ type: "rect", xref: "x", yref: "paper", x0: start, x1: stop, y0: 0, y1: 1, line: { width: 0 }, fillcolor: colour, layer });
    const reps = numbers.reps.map((rep) => across(rep.start_s, rep.stop_s, pale(style("--accent"), 0.06)));
    const unseen = numbers.unseen.map(([start, stop]) => across(start, stop, pale(style("--soft"), 0.35)));
    const spans = numbers.findings.filter((each) => each.start_s !== null && each.end_s !== null);
    const unjudged = spans.filter((each) => each.verdict === "not_judged").map((each) => across(each.start_s, each.end_s, pale(style("--soft"), 0.16)));
    const passed = spans.filter((each) => ["fault", "note"].includes(each.verdict)).map((each) => across(each.start_s, each.end_s, pale(style(`--${each.verdict}`), 0.16)));
    const turns = numbers.reps.map((rep) => ({ type: "line", xref: "x", yref: "paper", x0: rep.turn_s, x1: rep.turn_s, y0: 0, y1: 1, line: { color: style("--soft"), width: 1, dash: "dot" }, layer: "below" }));
    return [...reps, ...unjudged, ...unseen, ...passed, ...turns];
  }

  function motionNotes() {
    return numbers.reps.map((rep) => ({ x: rep.start_s, y: 1, xref: "x", yref: "paper", text: `rep ${rep.number}`, showarrow: false, xanchor: "left", yanchor: "top", font: { size: 11, color: style("--soft") } }));
  }

  function drawMotion() {
    const element = byId("motion");
    const traces = motionTraces();
    const rows = ["y", "y2", "y3"].filter((row) => traces.some((each) => each.yaxis === row));
    const share = rows.length === 3 ? [0.5, 0.25, 0.25] : rows.length === 2 ? [0.65, 0.35] : [1];
    const names = { y: "degrees", y2: "legs", y3: "back, °" };
    const layout = { ...baseLayout(), hovermode: "x unified", shapes: motionShapes(), annotations: motionNotes() };
    let top = 1;
    rows.forEach((row, index) => {
      const bottom = top - share[index];
      layout[row.replace("y", "yaxis")] = axis({ domain: [Math.max(0, bottom + (index < rows.length - 1 ? 0.03 : 0)), top], title: { text: names[row], standoff: 4 }, fixedrange: true });
      top = bottom;
    });
    layout.xaxis = axis({ title: { text: "time in the video, s", standoff: 6 }, range: [0, numbers.end_s], anchor: rows.at(-1) });
    return Plotly.react(element, traces, layout, CONFIG).then(() => onPick(element, (point) => point.x));
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
    const layout = { ...baseLayout(), hovermode: "x unified", xaxis: axis({ title: { text: "seconds from the turn", standoff: 6 } }), yaxis: axis({ title: { text: name.endsWith("_leg") ? "leg lengths" : name.endsWith("_deg") ? "degrees" : "", standoff: 4 } }) };
    return Plotly.react(element, traces, layout, CONFIG).then(() => onPick(element, (point) => point.customdata));
  }

  function drawCheck(element) {
    const some = numbers.findings.filter((each) => each.code === element.dataset.check && each.value !== null && each.rep !== null);
    const symbols = { fault: "x", note: "diamond", good: "circle", not_judged: "circle-open" };
    const colours = { fault: style("--fault"), note: style("--note"), good: style("--good"), not_judged: style("--none") };
    const trace = {
      x: some.map((each) => each.rep), y: some.map((each) => each.value), mode: "markers", type: "scatter", customdata: some.map((each) => each.start_s), text: some.map((each) => each.text.replaceAll("<", "&lt;")),
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

  const moveCursors = () => plots.forEach((element) => placeCursor(element, nowS));

  function fillChannels() {
    const select = byId("channel");
    if (!select) return;
    const order = [...Object.keys(MAIN), ...Object.keys(PROPER)].filter((name) => channels[name]);
    for (const name of [...order, ...Object.keys(channels).filter((each) => !order.includes(each))]) select.add(new Option(title(name), name));
    select.addEventListener("change", drawOver);
  }

  const openCharts = () => all("details[open] [data-check]");

  async function drawCharts() {
    if (!window.Plotly) return;
    all(".wait").forEach((each) => each.remove());
    await drawMotion();
    await drawOver();
    for (const element of openCharts()) await drawCheck(element);
    root.dataset.charts = "ready";
  }

  function wireCharts() {
    fillChannels();
    all("details.check").forEach((each) =>
      each.addEventListener("toggle", () => {
        const chart = each.open && window.Plotly && each.querySelector("[data-check]");
        if (chart) drawCheck(chart);
      }),
    );
    startCharts(drawCharts);
  }

  const setTheme = makeTheme(drawCharts);
  wireButtons();
  wireVideo();
  wireDock();
  wireKeys();
  wireCharts();
  onPrint(byId("motion"), { width: 690, height: 400 }, () => plots.length > 0, setTheme);
  if (location.hash) openCheck(location.hash);
  show(0);
  root.dataset.ready = "yes";
})();
