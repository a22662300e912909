// What surrounds every panel: title, axes, legend, caption, and the pointer and keys on it.
/** @import { Axis, Change, Codes, Cursor, Drawing, Label, Look, Panel, Panels, Scale, Shape } from "./types.d.ts" */
import { arrows } from "./arrows.js";
import { axis } from "./axis.js";
import { bars } from "./bars.js";
import { diagram } from "./diagram.js";
import { limit, node, placeName } from "./dom.js";
import { heat } from "./heat.js";
import { lines } from "./lines.js";
import { links } from "./links.js";
import { lineStyle } from "./look.js";
import { path } from "./path.js";

/** @type {{ [Kind in keyof Panels]: (panel: Panels[Kind], shape: Shape) => Drawing }} */
const KINDS = {
  Arrows: arrows,
  Bars: bars,
  Diagram: diagram,
  Heat: heat,
  Lines: lines,
  Links: links,
  Path: path,
};

/**
 * @template {keyof Panels} Kind
 * @param {Panel<Kind>} panel
 * @param {Shape} shape
 */
const drawingOf = (panel, shape) => KINDS[panel.kind](panel, shape);

/**
 * @param {Scale} y
 * @returns {Scale}
 */
function upwards(y) {
  return { ...y, ticks: y.ticks.map((tick) => ({ ...tick, at: 1 - tick.at })) };
}

/**
 * Of a panel with several pictures, the one that the cursor of the axis `among` has chosen.
 *
 * @param {Panel} panel
 * @param {Shape} shape
 * @returns {{
 *   inner: Drawing,
 *   part: (codes: Codes) => Codes,
 *   choose: (cursor: Cursor) => boolean,
 *   chosen?: () => string,
 * }}
 */
function stack(panel, shape) {
  if (!("among" in panel && panel.among)) {
    return { inner: drawingOf(panel, shape), part: (codes) => codes, choose: () => false };
  }
  const [count, ...rest] = panel.shape;
  const size = rest.reduce((a, b) => a * b);
  const inner = drawingOf({ ...panel, shape: rest }, shape);
  /** @param {number} k */
  const name = (k) => placeName(k, panel.among_names);
  let place = panel.place;
  inner.axes[panel.among] = { count, name, start: place };
  inner.keys = { ArrowUp: [panel.among, -1], ArrowDown: [panel.among, 1], ...inner.keys };
  return {
    inner,
    part: (codes) => codes.subarray(place * size, (place + 1) * size),
    choose(cursor) {
      const before = place;
      place = cursor[panel.among] ?? place;
      return place !== before;
    },
    chosen: () => `${panel.among} ${name(place)}`,
  };
}

/**
 * Where the cursor stands, in words.
 *
 * @param {Record<string, Axis>} axes
 * @param {Cursor} cursor
 * @param {Panel} panel
 */
const placesOf = (axes, cursor, panel) =>
  Object.entries(axes).filter(([name, { count }]) =>
    cursor[name] < count && !("among" in panel && panel.among === name)
  ).map(([name, axis]) => `${name} ${axis.name(cursor[name])}`).join(", ");

/** @param {Label} label */
function placed([text, x, y]) {
  const label = node("span", { textContent: text, className: y === null ? "mark" : "" });
  label.style.setProperty("--x", String(x));
  if (y !== null) label.style.setProperty("--y", String(y));
  return label;
}

/**
 * @param {string} name
 * @param {number} k
 * @param {string} kind
 * @param {Shape} shape
 */
function legendKey(name, k, kind, shape) {
  const key = node("span", { className: `key ${kind}`, textContent: name });
  const { colour, dashes } = lineStyle(shape, k);
  const [dash, gap] = dashes;
  key.style.setProperty("--line", colour);
  key.style.setProperty("--dash", dash ? `${dash}px` : "100%");
  key.style.setProperty("--gap", dash ? `${dash + gap}px` : "100%");
  return key;
}

/**
 * @param {Panel} panel
 * @param {Shape} shape
 * @param {(change: Change, aloud: boolean) => void} point
 */
export function plot(panel, shape, point) {
  const { inner, part, choose, chosen } = stack(panel, shape);
  const labels = node("div", { className: "labels", ariaHidden: "true" });
  const box = node(
    "div",
    { className: `plot ${panel.kind.toLowerCase()}`, tabIndex: 0 },
    ...inner.nodes,
    labels,
  );
  box.setAttribute("role", "img");
  if (inner.aspect) box.style.aspectRatio = String(inner.aspect);
  if (!inner.aspect && inner.height) box.style.minHeight = `max(12rem, ${inner.height})`;

  const where = node("span", { className: "where" });
  const reading = node("span", { className: "reading" });
  const caption = node("p", { className: "caption" });
  const sample = panel.kind === "Bars" ? "box" : panel.kind === "Lines" && panel.dots ? "dot" : "";
  const samples = (inner.legend ?? []).map((name, k) => legendKey(name, k, sample, shape));
  const scale = node("span", { className: "scale" });
  const head = node(
    "figcaption",
    {},
    node("strong", { textContent: panel.title }),
    ...samples,
    panel.kind === "Heat" && !panel.picture ? scale : "",
    inner.heads ? "" : node("span", { className: "read" }, where, reading),
  );
  // Each head's reading stands beside its name, in room that is kept for it.
  const names = inner.heads ?? [];
  const byHead = names.map(() => node("b"));
  const heads = byHead.map((text, h) => node("span", {}, legendKey(names[h], h, "", shape), text));

  const frame = node("div", { className: inner.aspect ? "frame fixed" : "frame" }, box);
  if (heads.length) frame.append(node("div", { className: "heads" }, reading, ...heads));
  const figure = node("figure", { className: inner.bare ? "bare" : "" }, head, frame, caption);
  if (inner.widest) figure.style.maxWidth = `calc(${inner.widest} + 6rem)`;
  // The rows of a map run downwards, the numbers of a curve upwards.
  const axes = [
    ...(inner.y
      ? [axis("y", panel.kind === "Heat" ? inner.y : upwards(inner.y), inner.axes[inner.y.label])]
      : []),
    ...(inner.x ? [axis("x", inner.x, inner.axes[inner.x.label])] : []),
  ];
  frame.append(...axes.map(({ element }) => element));
  new ResizeObserver(() => {
    const [width, height] = [box.clientWidth, box.clientHeight];
    axes.forEach(({ fit }) => fit(width, height, Boolean(inner.aspect)));
    inner.fit?.(width, height);
  }).observe(box);

  /** @type {Look} */
  let look;
  /** @type {Cursor} */
  let cursor = {};

  /**
   * @param {string} pressed
   * @returns {Change | null}
   */
  function stepped(pressed) {
    const step = inner.keys?.[pressed];
    if (!step) return null;
    const [name, by] = step;
    const from = cursor[name] ?? (by > 0 ? -1 : inner.axes[name].count);
    const others = Object.fromEntries(Object.keys(inner.axes).map((axis) => [axis, cursor[axis] ?? 0]));
    return { ...others, [name]: limit(from + by, 0, inner.axes[name].count - 1) };
  }

  box.addEventListener("pointermove", (event) => {
    const area = box.getBoundingClientRect();
    point(
      inner.at((event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height),
      false,
    );
  });
  box.addEventListener(
    "pointerleave",
    () => point(Object.fromEntries(Object.keys(inner.axes).map((name) => [name, null])), false),
  );
  box.addEventListener("keydown", (event) => {
    const change = inner.move ? inner.move(event.key, cursor) : stepped(event.key);
    if (!change) return;
    event.preventDefault();
    point(change, true);
  });

  return {
    figure,
    axes: inner.axes,
    size: inner.size ?? panel.shape.reduce((a, b) => a * b), // of its codes
    /**
     * @param {Codes} codes
     * @param {string} words
     * @param {Label[]} newLabels
     * @param {Look} newLook
     */
    draw(codes, words, newLabels, newLook) {
      look = newLook;
      inner.draw(part(codes), look);
      labels.replaceChildren(...newLabels.map(placed));
      caption.textContent = words;
      caption.hidden = !words;
      box.setAttribute("aria-label", `${panel.title}. ${words} Arrow keys read values.`);
      if (panel.kind !== "Heat") return;
      const bar = node("i");
      bar.style.background = `linear-gradient(90deg, ${look.stops(panel.colours)})`;
      scale.replaceChildren(String(panel.colours[0]).replace("-", "−"), bar, String(panel.colours[1]));
    },
    /**
     * @param {Cursor} newCursor
     * @param {Codes} codes
     */
    mark(newCursor, codes) {
      cursor = newCursor;
      if (choose(cursor)) inner.draw(part(codes), look);
      inner.mark(cursor, part(codes));
      axes.forEach((axis) => axis.mark(cursor));
      const text = inner.read(cursor, part(codes));
      where.textContent = text && (panel.kind === "Heat" || !inner.bare)
        ? placesOf(inner.axes, cursor, panel)
        : "";
      reading.textContent = [chosen?.(), text].filter(Boolean).join(": ");
      if (!text) byHead.forEach((read) => (read.textContent = ""));
      if (!text || !inner.readHeads) return text && reading.textContent;
      const reads = inner.readHeads(cursor, part(codes));
      reads.forEach((read, h) => (byHead[h].textContent = read));
      return `${text} ${reads.map((read, h) => `${names[h]}: ${read}`).join("; ")}`;
    },
  };
}
