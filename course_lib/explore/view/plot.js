// What surrounds every panel: title, axes, legend, caption, and the pointer and keys on it.
import { arrows } from "./arrows.js";
import { bars } from "./bars.js";
import { diagram } from "./diagram.js";
import { limit, node } from "./dom.js";
import { heat } from "./heat.js";
import { lines } from "./lines.js";
import { path } from "./path.js";

const KINDS = { Arrows: arrows, Bars: bars, Diagram: diagram, Heat: heat, Lines: lines, Path: path };

function axis(side, { label, ticks }) {
  const marks = ticks.map(({ at, text }) => {
    const tick = node("span", { textContent: text });
    tick.style[side === "x" ? "left" : "bottom"] = `${100 * (side === "x" ? at : 1 - at)}%`;
    return tick;
  });
  const box = node("div", { className: "ticks" }, ...marks);
  box.style.setProperty("--room", `${Math.max(2, ...ticks.map(({ text }) => 0.58 * text.length + 0.3))}em`);
  return node("div", { className: `axis ${side}` }, box, node("div", { className: "label", textContent: label }));
}

function upwards(y) {
  return { ...y, ticks: y.ticks.map((tick) => ({ ...tick, at: 1 - tick.at })) };
}

export function plot(panel, shape, point) {
  const inner = KINDS[panel.kind](panel, shape);
  const box = node("div", { className: `plot ${panel.kind.toLowerCase()}`, tabIndex: 0 }, ...inner.nodes);
  box.dataset.lmSuppressShortcuts = ""; // or JupyterLab takes the arrow keys for itself
  box.setAttribute("role", "img");
  if (inner.aspect) box.style.aspectRatio = inner.aspect;
  if (!inner.aspect && inner.height) box.style.minHeight = `max(12rem, ${inner.height})`;

  const reading = node("span", { className: "reading" });
  const caption = node("p", { className: "caption" });
  const head = node("figcaption", {}, node("strong", { textContent: panel.title }));
  inner.legend?.forEach((name, k) => {
    const sample = panel.kind === "Bars" ? "box" : panel.dots ? "dot" : "";
    const key = node("span", { className: `key ${sample}`, textContent: name });
    key.style.setProperty("--line", `var(--line${k % shape.dashes.length})`);
    const [dash, gap] = shape.dashes[k % shape.dashes.length];
    key.style.setProperty("--dash", dash ? `${dash}px` : "100%");
    key.style.setProperty("--gap", dash ? `${dash + gap}px` : "100%");
    head.append(key);
  });
  const scale = panel.kind === "Heat" ? node("span", { className: "scale" }) : null;
  if (scale) head.append(scale);
  head.append(reading);

  const frame = node("div", { className: inner.aspect ? "frame fixed" : "frame" }, box);
  const figure = node("figure", { className: inner.bare ? "bare" : "" }, head, frame, caption);
  if (inner.widest) figure.style.maxWidth = `calc(${inner.widest} + 6rem)`;
  // The rows of a map run downwards, the numbers of a curve upwards.
  if (inner.y) frame.append(axis("y", panel.kind === "Heat" ? inner.y : upwards(inner.y)));
  if (inner.x) frame.append(axis("x", inner.x));

  box.addEventListener("pointermove", (event) => {
    const area = box.getBoundingClientRect();
    point(inner.at((event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height), false);
  });
  box.addEventListener("pointerleave", () => point(Object.fromEntries(Object.keys(inner.axes).map((name) => [name, null])), false));
  box.addEventListener("keydown", (event) => {
    const [name, by] = inner.keys[event.key] ?? [];
    if (!name) return;
    event.preventDefault();
    const from = figure.cursor[name] ?? (by > 0 ? -1 : inner.axes[name].count);
    const others = Object.fromEntries(Object.keys(inner.axes).map((axis) => [axis, figure.cursor[axis] ?? 0]));
    point({ ...others, [name]: limit(from + by, 0, inner.axes[name].count - 1) }, true);
  });

  return {
    figure,
    axes: inner.axes,
    size: inner.size ?? panel.shape.reduce((a, b) => a * b), // of its codes
    draw(codes, words, look) {
      inner.draw(codes, look);
      caption.textContent = words;
      caption.hidden = !words;
      box.setAttribute("aria-label", `${panel.title}. ${words} Arrow keys read values.`);
      if (!scale) return;
      const bar = node("i");
      bar.style.background = `linear-gradient(90deg, ${look.stops(panel.limits)})`;
      scale.replaceChildren(String(panel.limits[0]).replace("-", "−"), bar, String(panel.limits[1]));
    },
    mark(cursor, codes) {
      figure.cursor = cursor;
      inner.mark(cursor, codes);
      reading.textContent = inner.read(cursor, codes);
      return reading.textContent;
    },
  };
}
