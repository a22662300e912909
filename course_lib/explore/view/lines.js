// Curves over one axis, or the points of them.
import { decode, format, formatPower, fraction, limit, node, numberTicks, placeName, placeTicks, powerTicks, svg } from "./dom.js";

const SIZE = 1000;

export function lines(panel, shape) {
  const [count, length] = panel.shape.slice(-2);
  const across = (j) => (((j + 0.5) / length) * SIZE).toFixed(1);
  const up = (part) => ((1 - part) * SIZE).toFixed(1);
  const ticks = panel.log ? powerTicks(panel.limits) : numberTicks(panel.limits);
  const words = (code) => (panel.log ? formatPower(code, panel.limits) : format(decode(code, panel.limits), panel.limits));
  const grid = ticks.map(({ at }) => svg("path", { class: "grid", d: `M0 ${up(at)}H${SIZE}` }));
  const curves = Array.from({ length: count }, (_, k) =>
    svg("path", {
      class: panel.dots ? "dots" : "line",
      style: `stroke: var(--line${k % shape.dashes.length})`,
      "stroke-dasharray": panel.dots ? "" : shape.dashes[k % shape.dashes.length].join(" "),
    }),
  );
  const picture = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, preserveAspectRatio: "none" }, ...grid, ...curves);
  const hair = node("i", { className: "cursor hair", hidden: true });
  let place = panel.place; // where the cursor of the axis `among` stands

  function way(codes) {
    let d = "";
    let drawing = false;
    codes.forEach((code, j) => {
      const part = fraction(code);
      if (!Number.isNaN(part)) d += `${drawing && !panel.dots ? "L" : "M"}${across(j)} ${up(part)}${panel.dots ? "h0" : ""}`;
      drawing = !Number.isNaN(part);
    });
    return d;
  }

  const codesOf = (codes, k) => codes.subarray((place * count + k) * length, (place * count + k + 1) * length);
  const draw = (codes) => curves.forEach((curve, k) => curve.setAttribute("d", way(codesOf(codes, k))));
  const axes = { [panel.x]: { count: length, name: (k) => placeName(k, null, panel.start, panel.step) } };
  if (panel.among) axes[panel.among] = { count: panel.shape[0], name: (k) => placeName(k), start: panel.place };

  return {
    nodes: [picture, hair],
    x: { label: panel.x, ticks: placeTicks(length, null, panel.start, panel.step) },
    y: { label: panel.y, ticks },
    axes,
    keys: { ArrowLeft: [panel.x, -1], ArrowRight: [panel.x, 1], ...(panel.among && { ArrowUp: [panel.among, -1], ArrowDown: [panel.among, 1] }) },
    legend: panel.names,
    draw,
    at: (x) => ({ [panel.x]: limit(Math.floor(x * length), 0, length - 1) }),
    mark(cursor, codes) {
      const j = cursor[panel.x];
      hair.hidden = !(j < length);
      hair.style.left = `${(100 * (j + 0.5)) / length}%`;
      const chosen = cursor[panel.among] ?? place;
      if (chosen === place) return;
      place = chosen;
      draw(codes);
    },
    read(cursor, codes) {
      const j = cursor[panel.x];
      if (!(j < length)) return "";
      const numbers = Array.from({ length: count }, (_, k) => {
        const number = words(codesOf(codes, k)[j]);
        return panel.names[k] ? `${panel.names[k]} ${number}` : number;
      }).filter((text) => !text.endsWith("none")).join(", ");
      return panel.among ? `${panel.among} ${placeName(place)}: ${numbers}` : numbers;
    },
  };
}
