// A map: one coloured cell a number.
/** @import { Drawing, Heat } from "./types.d.ts" */
import {
  context2d,
  decode,
  encode,
  formatCode,
  limit,
  MISSING,
  node,
  placeName,
  placeTicks,
  widthOf,
} from "./dom.js";

const TALLEST = 28; // rem of a map whose cells aren't squares
const [LARGEST, SMALLEST] = [13, 9]; // pixels of the numbers in cells

/**
 * @param {Heat} panel
 * @returns {Drawing}
 */
export function heat(panel) {
  const [rows, columns] = panel.shape;
  const canvas = node("canvas", { width: columns, height: rows });
  const row = node("i", { className: "cursor", hidden: true });
  const column = node("i", { className: "cursor", hidden: true });
  const context = context2d(canvas);
  const named = panel.x_names.length > 0 && panel.y_names.length > 0;
  const square = panel.picture || (named && rows <= 3 * columns && !panel.stretched); // cells, unless the map gets too tall
  // Few enough to write the numbers into the cells, or wide enough.
  const written = named && !panel.picture &&
    (rows * columns <= 36 || (panel.stretched && columns <= 6 && rows <= 16));
  const decimals = written && panel.colours[1] < 10 ? 2 : 0; // what is added up in the head needs them
  /** @param {number} code */
  const coloured = (code) => encode(decode(code, panel.limits), panel.colours);
  /** @param {number} code */
  const words = (code) => formatCode(code, panel.limits, panel.colours, decimals);
  const cells = node("div", { className: "cells", ariaHidden: "true" });
  cells.style.gridTemplate = `repeat(${rows}, minmax(0, 1fr)) / repeat(${columns}, minmax(0, 1fr))`;
  let longest = ""; // of the numbers in cells
  let [width, height] = [0, 0]; // pixels of a cell

  // Numbers are as large as all of them can be, and left out where they would be too small to read.
  function size() {
    const fitting = Math.min(LARGEST, (0.92 * width) / (widthOf(longest, 1) || 1), 0.8 * height);
    cells.style.fontSize = `${fitting}px`;
    cells.hidden = fitting < SMALLEST;
  }
  return {
    nodes: [canvas, cells, row, column],
    ...(panel.picture ? { bare: true } : {
      x: { label: panel.x, ticks: placeTicks(columns, panel.x_names, panel.x_start) },
      y: { label: panel.y, ticks: placeTicks(rows, panel.y_names, panel.y_start) },
    }),
    aspect: square ? columns / rows : null,
    widest: square ? `${columns * Math.min(4.5, 22 / rows)}rem` : null,
    height: `${Math.min(0.85 * rows, TALLEST)}rem`,
    axes: {
      [panel.x]: { count: columns, name: (k) => placeName(k, panel.x_names, panel.x_start) },
      [panel.y]: { count: rows, name: (k) => placeName(k, panel.y_names, panel.y_start) },
    },
    keys: {
      ArrowLeft: [panel.x, -1],
      ArrowRight: [panel.x, 1],
      ArrowUp: [panel.y, -1],
      ArrowDown: [panel.y, 1],
    },
    draw(codes, look) {
      const image = context.createImageData(columns, rows);
      const pixels = new Uint32Array(image.data.buffer);
      codes.forEach((code, k) => (pixels[k] = look.pixel(coloured(code), panel.colours)));
      context.putImageData(image, 0, 0);
      if (!written) return;
      const texts = Array.from(codes, (code) => {
        const text = node("span", { textContent: code === MISSING ? "" : words(code) });
        text.style.color = look.ink(coloured(code), panel.colours);
        return text;
      });
      cells.replaceChildren(...texts);
      longest = texts.map((text) => text.textContent).reduce((a, b) => (b.length > a.length ? b : a), "");
      size();
    },
    fit(across, down) {
      [width, height] = [across / columns, down / rows];
      if (written) size();
    },
    at: (x, y) => ({
      [panel.x]: limit(Math.floor(x * columns), 0, columns - 1),
      [panel.y]: limit(Math.floor(y * rows), 0, rows - 1),
    }),
    mark(cursor) {
      const [i, j] = [cursor[panel.y], cursor[panel.x]];
      row.hidden = !(i < rows);
      row.style.cssText = `left:0;right:0;top:${(100 * i) / rows}%;height:${100 / rows}%`;
      column.hidden = !(j < columns);
      column.style.cssText = `top:0;bottom:0;left:${(100 * j) / columns}%;width:${100 / columns}%`;
    },
    read(cursor, codes) {
      const [i, j] = [cursor[panel.y], cursor[panel.x]];
      return i < rows && j < columns ? words(codes[i * columns + j]) : "";
    },
  };
}
