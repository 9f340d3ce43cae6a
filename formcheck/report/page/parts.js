// What report.html and compare.html share: numbers, the figure over a video, the look of charts, light and dark.

const byId = (id) => document.getElementById(id);
const all = (selector) => [...document.querySelectorAll(selector)];
const root = document.documentElement;
const INK = { near: "#ffffff", far: "#9fb3c8", back: "#f0e442", hip: "#56b4e9", knee: "#e69f00", trunk: "#ee9fc6" };
const EPSILON_S = 0.001; // a seek to the very edge of a frame may show the one before
const MAX_GAP_S = 0.2; // nothing is drawn further from a sample

function bytes(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const letters = atob(text);
  const result = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at += 1) result[at] = letters.charCodeAt(at);
  return result;
}

const floats = (text) => new Float32Array(bytes(text).buffer);
const shorts = (text) => new Int16Array(bytes(text).buffer);

function clock(timeS) {
  const tenths = Math.max(0, Math.round(timeS * 10));
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

function firstAfter(times, timeS) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < timeS) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nearest(times, timeS) {
  const after = Math.min(firstAfter(times, timeS), times.length - 1);
  return after > 0 && timeS - times[after - 1] < times[after] - timeS ? after - 1 : after;
}

const within = (spans, timeS) => spans.some(([start, stop]) => timeS >= start && timeS <= stop);

/** Draw a set's figure on a canvas over its video. `numbers` is what the page carries of the set; `layers` says what to show. */
function makeFigure(canvas, numbers, layers) {
  const pen = canvas.getContext("2d");
  const motionS = floats(numbers.motion.time_s);
  const channels = Object.fromEntries(Object.entries(numbers.motion.channels).map(([name, text]) => [name, floats(text)]));
  const poses = numbers.poses && {
    timeS: floats(numbers.poses.time_s),
    xy: shorts(numbers.poses.xy),
    back: numbers.poses.back ? shorts(numbers.poses.back) : null,
  };
  let nowS = 0;

  function valueAt(name, timeS) {
    const values = channels[name];
    if (!values) return NaN;
    const index = nearest(motionS, timeS);
    return Math.abs(motionS[index] - timeS) > MAX_GAP_S ? NaN : values[index];
  }

  /** Points of a packed array between its two frames round a moment, in picture px; null for what was not seen. */
  function pointsAt(packed, count, timeS) {
    const times = poses.timeS;
    const high = Math.min(firstAfter(times, timeS), times.length - 1);
    const low = Math.max(high - 1, 0);
    const span = times[high] - times[low];
    const share = span > 0 ? Math.min(Math.max((timeS - times[low]) / span, 0), 1) : 0;
    const close = share >= 0.5 ? high : low;
    if (Math.abs(times[close] - timeS) > MAX_GAP_S) return null;
    const unit = numbers.poses.unit_px;
    const read = (frame, at) => packed[2 * (frame * count) + at];
    const points = [];
    for (let point = 0; point < count; point += 1) {
      const pair = [0, 1].map((axis) => {
        const [one, other] = [read(low, 2 * point + axis), read(high, 2 * point + axis)];
        const mixed = one === -32768 || other === -32768 ? read(close, 2 * point + axis) : (1 - share) * one + share * other;
        return mixed === -32768 ? NaN : mixed * unit;
      });
      points.push(Number.isNaN(pair[0]) ? null : pair);
    }
    return points;
  }

  function line(points, colour, width, dash = []) {
    for (const [ink, extra] of [["rgba(0,0,0,0.65)", 2.5], [colour, 0]]) {
      pen.beginPath();
      pen.setLineDash(dash);
      pen.lineWidth = width + extra;
      pen.strokeStyle = ink;
      let down = false;
      for (const point of points) {
        if (point && down) pen.lineTo(...point);
        else if (point) pen.moveTo(...point);
        down = Boolean(point);
      }
      pen.stroke();
    }
    pen.setLineDash([]);
  }

  function label(text, [x, y], colour, size) {
    pen.font = `600 ${size}px system-ui, sans-serif`;
    pen.lineWidth = size / 4;
    pen.strokeStyle = "rgba(0,0,0,0.8)";
    pen.strokeText(text, x, y);
    pen.fillStyle = colour;
    pen.fillText(text, x, y);
  }

  function drawBody(points, near, scale) {
    const count = numbers.joints.length;
    const offset = near ? 0 : count;
    for (const [one, other] of numbers.limbs) {
      const ends = [points[offset + one], points[offset + other]];
      if (ends[0] && ends[1]) line(ends, near ? INK.near : INK.far, (near ? 3 : 1.5) * scale);
    }
  }

  /** Dots at the near side's joints; a knee that was computed, not seen, is dark. */
  function drawJoints(points, scale) {
    const guessed = within(numbers.motion.reconstructed, nowS);
    numbers.joints.forEach((joint, index) => {
      if (!points[index]) return;
      pen.beginPath();
      pen.arc(...points[index], 4.5 * scale, 0, 2 * Math.PI);
      pen.fillStyle = joint === "knee" && guessed ? "#000000" : INK.near;
      pen.fill();
      pen.lineWidth = 1.5 * scale;
      pen.strokeStyle = joint === "knee" && guessed ? INK.near : "#000000";
      pen.stroke();
    });
  }

  function drawAngle(angle, points, scale, place) {
    const at = points[numbers.joints.indexOf(angle.at)];
    const tip = points[numbers.joints.indexOf(angle.tip)];
    const base = angle.base ? points[numbers.joints.indexOf(angle.base)] : at && [at[0], at[1] + 1];
    const value = valueAt(angle.channel, nowS);
    if (!at || !tip || !base || Number.isNaN(value)) return;
    const colour = INK[angle.label] || INK.near;
    const zero = Math.atan2(at[1] - base[1], at[0] - base[0]);
    const end = Math.atan2(tip[1] - at[1], tip[0] - at[0]);
    const turn = Math.atan2(Math.sin(end - zero), Math.cos(end - zero));
    const radius = (angle.base ? 30 : 58) * scale;
    const arc = Array.from({ length: 17 }, (_, step) => {
      const way = zero + (turn * step) / 16;
      return [at[0] + radius * Math.cos(way), at[1] + radius * Math.sin(way)];
    });
    line([at, [at[0] + 1.35 * radius * Math.cos(zero), at[1] + 1.35 * radius * Math.sin(zero)]], colour, 1.2 * scale, [4 * scale, 4 * scale]);
    line(arc, colour, 2.5 * scale);
    const size = Math.max(13, 15 * scale);
    label(`${angle.label} ${Math.round(value) || 0}°`, [10 * scale, (place + 1) * 1.3 * size + 4], colour, size);
  }

  function draw(timeS) {
    nowS = timeS;
    const box = canvas.getBoundingClientRect();
    const density = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(box.width * density), Math.round(box.height * density)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    if (!poses || !width) return;
    const zoom = width / numbers.size_px[0];
    const scale = Math.max(density, height / 480);
    const place = (points) => points.map((point) => point && [point[0] * zoom, point[1] * zoom]);
    const body = pointsAt(poses.xy, 2 * numbers.joints.length, nowS);
    if (!body) return;
    const points = place(body);
    pen.lineCap = pen.lineJoin = "round";
    if (layers.body) drawBody(points, false, scale);
    if (layers.back && poses.back) {
      const back = pointsAt(poses.back, numbers.poses.n_back, nowS);
      if (back) line(place(back), INK.back, 3 * scale);
    }
    if (layers.body) drawBody(points, true, scale);
    if (layers.angles) numbers.angles.forEach((angle, index) => drawAngle(angle, points, scale, index));
    if (layers.body) drawJoints(points, scale);
  }

  return { draw, motionS, channels, poses };
}

// ---- charts ----
const style = (name) => getComputedStyle(root).getPropertyValue(name).trim();
const MAIN = { hip_flexion_deg: ["--hip", "solid"], knee_flexion_deg: ["--knee", "dash"], trunk_deg: ["--trunk", "dot"] };
const CONFIG = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d"], displayModeBar: matchMedia("(pointer: fine)").matches ? "hover" : false };

function baseLayout() {
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: 13, color: style("--ink") },
    margin: { l: 52, r: 12, t: 8, b: 40 },
    dragmode: matchMedia("(pointer: fine)").matches ? "zoom" : false,
    hoverlabel: { bgcolor: style("--card"), bordercolor: style("--line"), font: { color: style("--ink") } },
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
  };
}

const axis = (extra) => ({ gridcolor: style("--line"), zerolinecolor: style("--line"), linecolor: style("--line"), ...extra });

function pale(colour, alpha) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${red},${green},${blue},${alpha})`;
}


/** Unpack plotly's JavaScript, which travels inside the page, and run it; the page's policy knows its digest. */
async function loadPlotly() {
  const packed = byId("packed-plotly");
  const stream = new Blob([bytes(packed.textContent)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(stream).text();
  packed.remove();
  document.head.append(script);
}

/** Paint the charts in the colours of light or dark, whenever that changes. */
const onTheme = (redraw) => root.addEventListener("themed", redraw);

/** Seek a video to a moment of the pictures; `offsetS` is what its clock shows at the first. */
function seekVideo(video, timeS, offsetS) {
  video.currentTime = timeS + offsetS + EPSILON_S;
}

/** Call `show` with the player's clock at every new picture. */
function followFrames(video, show) {
  if (video.requestVideoFrameCallback) {
    const onFrame = (_, frame) => {
      show(frame.mediaTime);
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
    return;
  }
  const onTick = () => {
    if (!video.paused) show(video.currentTime);
    requestAnimationFrame(onTick);
  };
  requestAnimationFrame(onTick);
  video.addEventListener("seeked", () => show(video.currentTime));
}

/** Take a video that travels inside the page. */
function unpackVideo(video, packed) {
  if (!packed) return;
  video.src = URL.createObjectURL(new Blob([bytes(packed.textContent)], { type: "video/mp4" }));
  packed.remove();
}

// ---- controls ----
/** Call the action of a key; the keys of a form's field and of the browser itself stay theirs. */
function onKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input, textarea")) return;
    if (event.key === " " && event.target.closest("button, summary, a")) return;
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
}

/** Show on the play button whether a press of it plays or pauses. */
function markPlaying(playing) {
  byId("play").textContent = playing ? "❚❚" : "▶";
  byId("play").setAttribute("aria-label", playing ? "Pause" : "Play");
}

/** Show which speed is chosen. */
function markSpeed(speed) {
  all("[data-speed]").forEach((each) => each.setAttribute("aria-pressed", String(Number(each.dataset.speed) === speed)));
}

function onSpeeds(choose) {
  all("[data-speed]").forEach((each) => each.addEventListener("click", () => choose(Number(each.dataset.speed))));
}

/** Let the buttons switch what is drawn of the figure. */
function onLayers(layers, draw) {
  all("[data-layer]").forEach((each) =>
    each.addEventListener("click", () => {
      layers[each.dataset.layer] = !layers[each.dataset.layer];
      each.setAttribute("aria-pressed", String(layers[each.dataset.layer]));
      draw();
    }),
  );
}

/** Draw a line across a chart at `x` of its axis; none before the chart is drawn. */
function placeCursor(element, x) {
  const full = element._fullLayout;
  if (!full || !full.xaxis) return;
  let bar = element.querySelector(".chart-cursor");
  if (!bar) {
    bar = document.createElement("div");
    bar.className = "chart-cursor";
    element.append(bar);
  }
  const at = full.xaxis.l2p(x);
  bar.hidden = at < 0 || at > full.xaxis._length;
  Object.assign(bar.style, { left: `${full.xaxis._offset + at - 1}px`, top: `${full._size.t}px`, height: `${full._size.h}px` });
}

/** Draw the charts when the page itself is there to be read. */
function startCharts(draw) {
  requestAnimationFrame(() => setTimeout(() => loadPlotly().then(draw).catch((error) => {
    all(".wait").forEach((each) => (each.textContent = "This browser cannot draw the charts; the tables hold the numbers."));
    console.error(error);
  }), 0));
}

/** On paper: light, and the chart `element` as large as the sheet allows, if `isDrawn()`. */
function onPrint(element, size, isDrawn) {
  let before = "light";
  const relayout = (change) => window.Plotly && isDrawn() && Plotly.relayout(element, change);
  addEventListener("beforeprint", () => {
    before = root.dataset.theme;
    theme.set("light");
    relayout({ ...size, autosize: false });
  });
  addEventListener("afterprint", () => {
    relayout({ width: null, height: null, autosize: true });
    theme.set(before);
  });
}
