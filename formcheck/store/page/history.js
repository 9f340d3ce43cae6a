const numbers = JSON.parse(byId("numbers").textContent);

const spread = (points, end) => points.map((each) => (each[end] === null ? 0 : Math.abs(each[end] - each.value)));
const line = (name, colour, points, key, extra) => ({ x: points.map((each) => each.week), y: points.map((each) => each[key]), name, mode: "lines+markers", connectgaps: true, line: { color: colour, width: 2 }, marker: { size: 8 }, ...extra });

function trace(points, day, name, colour, extra) {
  return {
    x: points.map((each) => each[day]),
    y: points.map((each) => each.value),
    customdata: points.map((each) => each.uid),
    name,
    error_y: { type: "data", symmetric: false, array: spread(points, "high"), arrayminus: spread(points, "low"), color: colour, thickness: 1.5, width: 3 },
    hovertemplate: "%{x}: %{y:.2f}<extra></extra>",
    ...extra,
  };
}

const look = (extra) => ({ ...baseLayout(), xaxis: axis({ type: "date", tickformat: "%d %b", fixedrange: true }), dragmode: false, ...extra });
const CALM = { ...CONFIG, displayModeBar: false };

/** A click on a set leads to its report, where there is one. */
async function drawTrend(element) {
  const trend = numbers.trends[Number(element.dataset.trend)];
  const traces = [
    trace(trend.sets, "performed_on", "sets", style("--soft"), { mode: "markers", marker: { color: style("--soft"), size: 7, symbol: "circle-open" } }),
    trace(trend.weeks, "week", "weeks (on their Monday)", style("--accent"), { mode: "lines+markers", line: { color: style("--accent"), width: 2 }, marker: { size: 8 } }),
  ];
  await Plotly.react(element, traces, look({ yaxis: axis({ title: { text: trend.unit === "deg" ? "degrees" : trend.unit, standoff: 4 }, fixedrange: true }) }), CALM);
  element.removeAllListeners("plotly_click");
  element.on("plotly_click", (event) => {
    const url = numbers.links[event.points[0].customdata];
    if (url) window.top.location.assign(url);
  });
}

function drawWork(element) {
  const weeks = numbers.work[Number(element.dataset.work)];
  const some = (key) => weeks.some((each) => each[key] !== null);
  const speed = some("bar_up_m_s") ? ["bar up, m/s", "bar_up_m_s"] : ["lifting, s", "lifting_s"];
  const traces = [
    ...(some("load_kg") ? [line("heaviest, kg", style("--accent"), weeks, "load_kg")] : []),
    ...(some(speed[1]) ? [line(speed[0], style("--knee"), weeks, speed[1], { yaxis: "y2", line: { color: style("--knee"), width: 2, dash: "dash" }, marker: { size: 8, symbol: "diamond" } })] : []),
  ];
  return Plotly.react(element, traces, look({ margin: { l: 52, r: 52, t: 8, b: 40 }, yaxis: axis({ title: { text: "kg", standoff: 4 }, rangemode: "tozero", fixedrange: true }), yaxis2: axis({ title: { text: speed[0], standoff: 4 }, overlaying: "y", side: "right", rangemode: "tozero", showgrid: false, fixedrange: true }) }), CALM);
}

async function drawAll() {
  if (!window.Plotly) return;
  all(".wait").forEach((each) => each.remove());
  await Promise.all([...all("[data-trend]").map(drawTrend), ...all("[data-work]").map(drawWork)]);
  root.dataset.charts = "ready";
}

onTheme(drawAll);
startCharts(drawAll);
root.dataset.ready = "yes";
