// Curves over one axis, or the points of them.
/** @import { Codes, Drawing, Lines, Shape } from "./types.d.ts" */
import {
  formatCode,
  formatPower,
  fraction,
  limit,
  node,
  numberTicks,
  placeName,
  placeTicks,
  powerTicks,
  SIZE,
  svg,
} from "./dom.js";
import { lineStyle } from "./look.js";

/**
 * @param {Lines} panel
 * @param {Shape} shape
 * @returns {Drawing}
 */
export function lines(panel, shape) {
  const [count, length] = panel.shape;
  /** @param {number} j */
  const across = (j) => (((j + 0.5) / length) * SIZE).toFixed(1);
  /** @param {number} part */
  const up = (part) => ((1 - part) * SIZE).toFixed(1);
  const ticks = panel.log ? powerTicks(panel.limits) : numberTicks(panel.limits);
  /** @param {number} code */
  const words = (
    code,
  ) => (panel.log ? formatPower(code, panel.limits) : formatCode(code, panel.limits));
  const grid = ticks.map(({ at }) => svg("path", { class: "grid", d: `M0 ${up(at)}H${SIZE}` }));
  const curves = Array.from({ length: count }, (_, k) => {
    const { colour, dashes } = lineStyle(shape, k);
    return svg("path", {
      class: panel.dots ? "dots" : "line",
      style: `stroke: ${colour}`,
      "stroke-dasharray": panel.dots ? "" : dashes.join(" "),
    });
  });
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${SIZE} ${SIZE}`, preserveAspectRatio: "none" },
    ...grid,
    ...curves,
  );
  const hair = node("i", { className: "cursor hair", hidden: true });
  const spots = curves.map((_, k) =>
    svg("path", { class: "spot", style: `stroke: ${lineStyle(shape, k).colour}` })
  );
  picture.append(...spots);

  /** @param {Codes} codes */
  function way(codes) {
    let d = "";
    let drawing = false;
    codes.forEach((code, j) => {
      const part = fraction(code);
      if (!Number.isNaN(part)) {
        d += `${drawing && !panel.dots ? "L" : "M"}${across(j)} ${up(part)}${panel.dots ? "h0" : ""}`;
      }
      drawing = !Number.isNaN(part);
    });
    return d;
  }

  return {
    nodes: [picture, hair],
    x: { label: panel.x, ticks: placeTicks(length, panel.x_names, panel.start, panel.step) },
    y: { label: panel.y, ticks },
    axes: { [panel.x]: { count: length, name: (k) => placeName(k, panel.x_names, panel.start, panel.step) } },
    keys: { ArrowLeft: [panel.x, -1], ArrowRight: [panel.x, 1] },
    legend: panel.names,
    draw: (codes) =>
      curves.forEach((curve, k) =>
        curve.setAttribute("d", way(codes.subarray(k * length, (k + 1) * length)))
      ),
    at: (x) => ({ [panel.x]: limit(Math.floor(x * length), 0, length - 1) }),
    mark(cursor, codes) {
      const j = cursor[panel.x];
      hair.hidden = !(j < length);
      hair.style.left = `${(100 * (j + 0.5)) / length}%`;
      spots.forEach((spot, k) => {
        const part = j < length ? fraction(codes[k * length + j]) : NaN;
        spot.setAttribute("d", Number.isNaN(part) ? "" : `M${across(j)} ${up(part)}h0`);
      });
    },
    read(cursor, codes) {
      const j = cursor[panel.x];
      if (!(j < length)) return "";
      return Array.from({ length: count }, (_, k) => {
        const number = words(codes[k * length + j]);
        return panel.names[k] ? `${panel.names[k]} ${number}` : number;
      }).filter((text) => !text.endsWith("none")).join(", ");
    },
  };
}
