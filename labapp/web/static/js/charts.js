/* Draws <canvas data-chart> with Chart.js: bar, line, pie, doughnut, funnel. The numbers stand in a table beside it. */
(() => {
  "use strict";
  const { all, say } = window.labapp;
  const { Chart } = window;
  const LIGHT = ["#0d6472", "#d0782a", "#5b62b3", "#7d9a2e", "#b04a78", "#2f87c9", "#8a6b4f", "#5f7078"];
  const DARK = ["#6cc9d2", "#f0aa6b", "#a3a9ee", "#bcd27a", "#e58fb6", "#7fbdf0", "#cdb096", "#a8b7be"];
  const WAN = 10000;
  const charts = new Map();

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const palette = () => (document.documentElement.dataset.bsTheme === "dark" ? DARK : LIGHT);
  const isRound = (kind) => kind === "pie" || kind === "doughnut";
  const number = (value) => Number(value).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });

  const dataset = (kind, series, index, count) => {
    const colours = palette();
    const each = Array.from({ length: count }, (_, place) => colours[place % colours.length]);
    const one = colours[index % colours.length];
    return {
      label: series.label,
      data: series.values,
      backgroundColor: isRound(kind) ? each : one,
      borderColor: isRound(kind) ? style("--lab-surface") : one,
      borderWidth: kind === "line" ? 2 : isRound(kind) ? 1 : 0,
      borderRadius: kind === "line" || isRound(kind) ? 0 : 3,
      maxBarThickness: 44,
      pointRadius: 3,
      tension: 0.2,
    };
  };

  const axis = (isValue, inWan) => ({
    beginAtZero: true,
    grid: { color: style("--lab-line"), display: isValue },
    border: { color: style("--lab-line") },
    title: { display: isValue && inWan, text: say("ten_thousand"), color: style("--lab-muted") },
    ticks: {
      color: style("--lab-muted"),
      ...(isValue ? { precision: inWan ? undefined : 0, callback: (value) => number(inWan ? value / WAN : value) } : {}),
    },
  });

  const addressOf = (data, point) => {
    const here = data.urls?.[point.datasetIndex];
    return Array.isArray(here) ? here[point.index] : data.urls?.[point.index];
  };

  const options = (kind, data) => {
    const inWan = data.unit === "wan";
    const flat = kind === "funnel";
    const scales = isRound(kind) ? {} : { x: axis(flat, inWan), y: axis(!flat, inWan) };
    const worded = (point) => {
      const value = isRound(kind) ? point.parsed : flat ? point.parsed.x : point.parsed.y;
      const text = inWan ? `${number(value / WAN)} ${say("ten_thousand")}` : number(value);
      return `${point.dataset.label ?? point.label}: ${text}`;
    };
    return {
      animation: false,
      maintainAspectRatio: false,
      indexAxis: flat ? "y" : "x",
      scales,
      plugins: {
        legend: { display: isRound(kind) || data.series.length > 1, position: isRound(kind) ? "right" : "bottom", labels: { color: style("--lab-text"), boxWidth: 12 } },
        tooltip: { callbacks: { label: worded } },
      },
      onClick: (_event, points) => {
        const address = points.length && addressOf(data, points[0]);
        if (address) location.assign(address);
      },
      onHover: (event, points) => {
        event.native.target.classList.toggle("clickable", Boolean(points.length && addressOf(data, points[0])));
      },
    };
  };

  const draw = (canvas) => {
    charts.get(canvas)?.destroy();
    const data = JSON.parse(canvas.dataset.chart);
    const kind = canvas.dataset.chartKind;
    Chart.defaults.font.family = style("--bs-body-font-family");
    charts.set(canvas, new Chart(canvas, {
      type: kind === "funnel" ? "bar" : kind,
      data: { labels: data.labels, datasets: data.series.map((series, index) => dataset(kind, series, index, data.labels.length)) },
      options: options(kind, data),
    }));
  };

  const redraw = () => {
    for (const [canvas, chart] of charts) {
      if (canvas.isConnected) draw(canvas);
      else {
        chart.destroy();
        charts.delete(canvas);
      }
    }
  };

  window.labapp.drawCharts = (root) => all(root, "canvas[data-chart]").filter((canvas) => !charts.has(canvas)).forEach(draw);
  document.addEventListener("labapp:theme", redraw);
  window.addEventListener("beforeprint", () => charts.forEach((chart) => chart.resize()));
})();
