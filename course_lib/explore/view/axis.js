// An axis beside a plot: ticks, of which only as many are shown as fit, and its label.
/** @import { Cursor, Scale } from "./types.d.ts" */
import { node } from "./dom.js";

const FONT = 11; // pixels

/** @param {string} text */
const widthOf = (text) => 0.58 * FONT * text.length;

/**
 * @param {"x" | "y"} side
 * @param {Scale} scale
 */
export function axis(side, { label, ticks }) {
  const widest = Math.max(0, ...ticks.map(({ text }) => widthOf(text)));
  const marks = ticks.map(({ at, text }) => {
    const tick = node("span", { textContent: text });
    tick.style[side === "x" ? "left" : "bottom"] = `${100 * (side === "x" ? at : 1 - at)}%`;
    return tick;
  });
  const box = node("div", { className: "ticks", hidden: widest === 0 }, ...marks); // pictures have no names
  box.style.setProperty("--room", `${Math.max(2 * FONT, widest + 4)}px`);
  let every = 1; // how many-th tick has room
  /** @type {number | undefined} */
  let place; // where the cursor stands

  function show() {
    marks.forEach((tick, k) => {
      tick.classList.toggle("at", k === place);
      tick.classList.toggle(
        "thin",
        k !== place && (k % every > 0 || (place !== undefined && Math.abs(k - place) < every)),
      );
    });
  }

  const element = node(
    "div",
    { className: `axis ${side}` },
    box,
    node("div", { className: "label", textContent: label }),
  );
  return {
    element,
    /**
     * Names that are too long for their places are written upwards. The height of a plot with a fixed aspect
     * is told, too: a grid's row may keep another one when the page gets narrower.
     *
     * @param {number} width
     * @param {number} height
     * @param {boolean} fixed
     */
    fit(width, height, fixed) {
      if (side === "y" && fixed) element.style.height = `${height}px`;
      const upright = side === "x" && widest + 4 > width / marks.length;
      box.classList.toggle("upright", upright);
      every = Math.ceil(
        (side === "y" || upright ? FONT + 1 : widest + 4) / ((side === "x" ? width : height) / marks.length),
      );
      show();
    },
    /** @param {Cursor} cursor */
    mark(cursor) {
      if (cursor[label] === place) return;
      place = cursor[label];
      show();
    },
  };
}
