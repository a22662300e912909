// Points in the plane, and the way through them.
/** @import { Drawing, Path, Point } from "./types.d.ts" */
import { decode, format, fraction, numberTicks, placeName, setAttributes, SIZE, svg } from "./dom.js";

/**
 * @param {Path} panel
 * @returns {Drawing}
 */
export function path(panel) {
  const [count] = panel.shape;
  const [low, high] = panel.limits;
  const ticks = numberTicks(panel.limits);
  /** @param {number} value */
  const scale = (value) => ((value - low) / (high - low)) * SIZE;
  const grid = ticks.flatMap(({ at }) => [
    svg("path", { class: "grid", d: `M0 ${SIZE * (1 - at)}H${SIZE}` }),
    svg("path", { class: "grid", d: `M${SIZE * at} 0V${SIZE}` }),
  ]);
  const circle = panel.unit_circle
    ? [svg("circle", { class: "circle", cx: scale(0), cy: SIZE - scale(0), r: scale(1) - scale(0) })]
    : [];
  const way = svg("path", { class: "line thin" });
  const dots = svg("path", { class: "dots" });
  const here = svg("circle", { class: "here", r: 22, visibility: "hidden" });
  const names = panel.names.map((name) => {
    const text = svg("text", { class: "point" });
    text.textContent = name;
    return text;
  });
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${SIZE} ${SIZE}` },
    ...grid,
    ...circle,
    way,
    dots,
    here,
    ...names,
  );
  /** @type {Point[]} */
  let points = [];
  return {
    nodes: [picture],
    x: { label: panel.x, ticks },
    y: { label: panel.y, ticks },
    aspect: 1,
    axes: { [panel.along]: { count, name: (k) => panel.names[k] ?? placeName(k) } },
    keys: { ArrowLeft: [panel.along, -1], ArrowRight: [panel.along, 1] },
    draw(codes) {
      points = Array.from(
        { length: count },
        (_, k) => [fraction(codes[2 * k]) * SIZE, (1 - fraction(codes[2 * k + 1])) * SIZE],
      );
      const there = points.filter(([x]) => !Number.isNaN(x)).map(([x, y]) =>
        `${x.toFixed(1)} ${y.toFixed(1)}`
      );
      way.setAttribute("d", panel.connected && there.length ? `M${there.join("L")}` : "");
      dots.setAttribute("d", there.map((point) => `M${point}h0`).join(""));
      names.forEach((text, k) => {
        const [x, y] = points[k];
        text.setAttribute("visibility", Number.isNaN(x) ? "hidden" : "visible");
        if (Number.isNaN(x)) return;
        // Beside the point, on the side where there is room.
        const left = x > 0.75 * SIZE;
        setAttributes(text, { x: left ? x - 25 : x + 25, y: y + 12, "text-anchor": left ? "end" : "start" });
      });
    },
    at(x, y) {
      /** @param {Point} point */
      const distance = ([px, py]) => (Number.isNaN(px) ? Infinity : Math.hypot(px - x * SIZE, py - y * SIZE));
      const nearest = points.reduce(
        (best, point, k) => (distance(point) < distance(points[best]) ? k : best),
        0,
      );
      return { [panel.along]: nearest };
    },
    mark(cursor) {
      const point = points[cursor[panel.along]];
      const shown = point && !Number.isNaN(point[0]);
      here.setAttribute("visibility", shown ? "visible" : "hidden");
      if (shown) setAttributes(here, { cx: point[0], cy: point[1] });
    },
    read(cursor, codes) {
      const k = cursor[panel.along];
      if (!(k < count) || Number.isNaN(fraction(codes[2 * k]))) return "";
      const [x, y] = [codes[2 * k], codes[2 * k + 1]].map((code) =>
        format(decode(code, panel.limits), panel.limits)
      );
      return `${panel.x} ${x}, ${panel.y} ${y}`;
    },
  };
}
