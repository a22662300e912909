// Bars side by side: one group a category, one bar a series.
/** @import { Bars, Drawing } from "./types.d.ts" */
import {
  formatCode,
  fraction,
  limit,
  node,
  numberTicks,
  placeName,
  placeTicks,
  setAttributes,
  svg,
} from "./dom.js";

/**
 * @param {Bars} panel
 * @returns {Drawing}
 */
export function bars(panel) {
  const [series, categories] = panel.shape;
  const [low, high] = panel.limits;
  const zero = limit(-low / (high - low), 0, 1);
  const width = 80 / series;
  const ticks = numberTicks(panel.limits);
  const size = 100 * categories;
  const grid = ticks.map(({ at }) => svg("path", { class: "grid", d: `M0 ${100 - 100 * at}H${size}` }));
  const boxes = Array.from({ length: series * categories }, (_, k) => {
    const [s, j] = [Math.floor(k / categories), k % categories];
    return svg("rect", {
      class: s ? "bar hollow" : "bar",
      x: 100 * j + 10 + s * width,
      width: width * 0.9,
      style: `--line: var(--line${s})`,
    });
  });
  const picture = svg("svg", { viewBox: `0 0 ${size} 100`, preserveAspectRatio: "none" }, ...grid, ...boxes);
  const column = node("i", { className: "cursor", hidden: true });
  return {
    nodes: [picture, column],
    x: { label: panel.x, ticks: placeTicks(categories, panel.x_names) },
    y: { label: panel.y, ticks },
    axes: { [panel.x]: { count: categories, name: (k) => placeName(k, panel.x_names) } },
    keys: { ArrowLeft: [panel.x, -1], ArrowRight: [panel.x, 1] },
    legend: panel.names,
    draw(codes) {
      boxes.forEach((box, k) => {
        const part = fraction(codes[k]);
        const [bottom, top] = Number.isNaN(part)
          ? [zero, zero]
          : [Math.min(zero, part), Math.max(zero, part)];
        setAttributes(box, { y: 100 - 100 * top, height: 100 * (top - bottom) });
      });
    },
    at: (x) => ({ [panel.x]: limit(Math.floor(x * categories), 0, categories - 1) }),
    mark(cursor) {
      const j = cursor[panel.x];
      column.hidden = !(j < categories);
      column.style.cssText = `top:0;bottom:0;left:${(100 * j) / categories}%;width:${100 / categories}%`;
    },
    read(cursor, codes) {
      const j = cursor[panel.x];
      if (!(j < categories)) return "";
      return Array.from({ length: series }, (_, s) => {
        const number = formatCode(codes[s * categories + j], panel.limits);
        return panel.names[s] ? `${panel.names[s]} ${number}` : number;
      }).join(", ");
    },
  };
}
