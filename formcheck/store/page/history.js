"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const root = document.documentElement;
  const trends = JSON.parse(byId("numbers").textContent);
  if (matchMedia("(prefers-color-scheme: dark)").matches) root.dataset.theme = "dark";
  const style = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  const spread = (points, end) => points.map((each) => (each[end] === null ? 0 : Math.abs(each[end] - each.value)));

  function trace(points, day, name, colour, extra) {
    return {
      x: points.map((each) => each[day]),
      y: points.map((each) => each.value),
      name,
      error_y: { type: "data", symmetric: false, array: spread(points, "high"), arrayminus: spread(points, "low"), color: colour, thickness: 1.5, width: 3 },
      hovertemplate: "%{x}: %{y:.2f}<extra></extra>",
      ...extra,
    };
  }

  function draw(element) {
    const trend = trends[Number(element.dataset.trend)];
    const traces = [
      trace(trend.sets, "performed_on", "sets", style("--soft"), { mode: "markers", marker: { color: style("--soft"), size: 6, symbol: "circle-open" } }),
      trace(trend.weeks, "week", "weeks (on their Monday)", style("--accent"), { mode: "lines+markers", line: { color: style("--accent"), width: 2 }, marker: { size: 8 } }),
    ];
    const axis = { gridcolor: style("--line"), zerolinecolor: style("--line"), linecolor: style("--line"), fixedrange: true };
    element.textContent = "";
    return Plotly.react(
      element,
      traces,
      {
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        font: { family: "system-ui, sans-serif", size: 13, color: style("--ink") },
        margin: { l: 52, r: 12, t: 8, b: 40 },
        legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
        xaxis: { ...axis, type: "date", tickformat: "%d %b" },
        yaxis: { ...axis, title: { text: trend.unit === "deg" ? "degrees" : trend.unit, standoff: 4 } },
      },
      { displaylogo: false, responsive: true, displayModeBar: false },
    );
  }

  async function start() {
    const packed = byId("packed-plotly");
    const letters = atob(packed.textContent);
    const stream = new Blob([Uint8Array.from(letters, (each) => each.charCodeAt(0))]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    packed.remove();
    document.head.append(script);
    await Promise.all([...document.querySelectorAll("[data-trend]")].map(draw));
    root.dataset.charts = "ready";
  }

  start();
})();
