// An axis beside a plot: ticks, of which only as many are shown as fit, the place of the cursor, and its label.
/** @import { Axis, Cursor, Scale } from "./types.d.ts" */
import { node, widthOf } from "./dom.js";

const LETTERS = 11; // pixels
const LONGEST = 110; // pixels of a name; the rest is left out

/**
 * @param {"x" | "y"} side
 * @param {Scale} scale
 * @param {Axis} [along] where the cursor has places
 */
export function axis(side, { label, ticks }, along) {
  const long = Math.max(0, ...ticks.map(({ text }) => widthOf(text, LETTERS)));
  const widest = Math.min(LONGEST, long);
  /**
   * @param {HTMLElement} tick
   * @param {number} at
   */
  const put = (
    tick,
    at,
  ) => (tick.style[side === "x" ? "left" : "bottom"] = `${100 * (side === "x" ? at : 1 - at)}%`);
  const marks = ticks.map(({ at, text }) => {
    const tick = node("span", { textContent: text, title: long > LONGEST ? text : "" });
    put(tick, at);
    return tick;
  });
  const here = node("b", { hidden: true });
  const box = node("div", { className: "ticks", hidden: widest === 0 }, ...marks, here); // pictures have no names
  // Bold, as it is at the cursor, a name is wider.
  box.style.setProperty("--room", `${Math.max(2 * LETTERS, 1.12 * widest + 6)}px`);
  let length = 1; // of the axis, in pixels
  let upright = false;
  /** @type {number | undefined} */
  let place; // where the cursor stands

  function show() {
    const room = side === "y" || upright ? LETTERS + 1 : widest + 4; // that a tick takes
    const every = Math.ceil(room / (length / marks.length));
    const at = along && place !== undefined ? (place + 0.5) / along.count : NaN;
    here.hidden = Number.isNaN(at);
    if (along && place !== undefined) {
      here.textContent = along.name(place);
      put(here, at);
    }
    const free = side === "y" || upright ? room : (room + widthOf(here.textContent, LETTERS) + 8) / 2;
    marks.forEach((tick, k) => {
      const near = Math.abs(ticks[k].at - at) * length < free;
      tick.classList.toggle("thin", near || k % every > 0);
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
      length = side === "x" ? width : height;
      upright = side === "x" && widest + 4 > width / marks.length;
      box.classList.toggle("upright", upright);
      show();
    },
    /** @param {Cursor} cursor */
    mark(cursor) {
      const to = along && cursor[label] < along.count ? cursor[label] : undefined;
      if (to === place) return;
      place = to;
      show();
    },
  };
}
