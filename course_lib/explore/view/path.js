// Points in the plane, and the way through them.
/** @import { Drawing, Path, Point } from "./types.d.ts" */
import { formatCode, fraction, numberTicks, placeName, setAttributes, SIZE, svg, widthOf } from "./dom.js";

const [NAME, GAP] = [12, 8]; // pixels of a name, and between it and its point

/** @typedef {{ left: number, right: number, top: number, bottom: number }} Box */

/**
 * How much of two boxes lies on each other.
 *
 * @param {Box} one
 * @param {Box} other
 */
const overlap = (one, other) =>
  Math.max(0, Math.min(one.right, other.right) - Math.max(one.left, other.left)) *
  Math.max(0, Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top));

/**
 * Places for names beside their points: where they hide no point and no other name, and stay inside the picture.
 *
 * @param {Point[]} points
 * @param {string[]} names
 * @param {number} pixel its size in the drawing
 * @returns {(Box | null)[]} none where there is no point
 */
function besides(points, names, pixel) {
  const [high, gap] = [NAME * pixel, GAP * pixel];
  const there = points.filter(([x]) => !Number.isNaN(x));
  /** @type {Box[]} */
  const taken = there.map(([x, y]) => ({
    left: x - gap / 2,
    right: x + gap / 2,
    top: y - gap / 2,
    bottom: y + gap / 2,
  }));
  return names.map((name, k) => {
    const [x, y] = points[k];
    if (Number.isNaN(x)) return null;
    const wide = widthOf(name, high);
    const choices = [0, -1, 1, -2, 2, -3, 3].flatMap((up) =>
      [x + gap, x - gap - wide, x - wide / 2].map((left) => {
        const middle = y + up * 0.8 * high;
        return { left, right: left + wide, top: middle - high / 2, bottom: middle + high / 2 };
      })
    );
    /** @param {Box} box */
    function cost(box) {
      const inside = overlap(box, { left: 0, right: SIZE, top: 0, bottom: SIZE });
      return wide * high - inside + taken.reduce((sum, other) => sum + overlap(box, other), 0);
    }
    const best = choices.reduce((a, b) => (cost(b) < cost(a) - 1 ? b : a));
    taken.push(best);
    return best;
  });
}

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
  const names = panel.names.map(() => svg("text", { class: "point" }));
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
  let pixel = SIZE / 300; // in units of the drawing

  function write() {
    const most = Math.floor(0.9 * SIZE / widthOf("n", NAME * pixel)); // letters, so that a name fits
    const short = panel.names.map((name) => (name.length > most ? `${name.slice(0, most - 1)}…` : name));
    besides(points, short, pixel).forEach((box, k) => {
      names[k].textContent = short[k];
      names[k].setAttribute("visibility", box ? "visible" : "hidden");
      if (!box) return;
      setAttributes(names[k], {
        x: box.left,
        y: box.bottom - 0.15 * NAME * pixel,
        "font-size": NAME * pixel,
      });
    });
  }

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
      write();
    },
    fit(width) {
      pixel = SIZE / width;
      write();
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
      const [x, y] = [codes[2 * k], codes[2 * k + 1]].map((code) => formatCode(code, panel.limits));
      return `${panel.x} ${x}, ${panel.y} ${y}`;
    },
  };
}
