// Tokens that read tokens: a line for each weight, in the colour of its head and, unless it is faint, its dashes.
/** @import { Codes, Cursor, Drawing, Links, Shape } from "./types.d.ts" */
import { fraction, limit, node, SIZE, svg } from "./dom.js";
import { lineStyle } from "./look.js";

/** @typedef {{ query?: number, key?: number }} Token one that is pointed at, or none */

const LEVELS = 16; // of width and opacity: lines that look alike are drawn as one path
const FAINTEST = 0.01; // weights below it are not drawn

/**
 * @param {Links} panel
 * @param {Shape} shape
 * @returns {Drawing}
 */
export function links(panel, shape) {
  const [heads, queries, keys] = panel.shape;
  const [left, right] = [panel.y_names, panel.x_names];
  const height = limit(330 / Math.max(queries, keys), 14, 48) * Math.max(queries, keys);
  const slot = Math.min(40 / heads, 9); // room for a head's mark
  const style = Array.from({ length: heads }, (_, h) => lineStyle(shape, h));

  const ways = svg("svg", { class: "ways", viewBox: `0 0 ${SIZE} ${height}`, preserveAspectRatio: "none" });
  const [leftMarks, rightMarks] = [queries, keys].map(() =>
    svg("svg", { class: "marks", viewBox: `0 0 ${heads * slot} ${height}`, preserveAspectRatio: "none" })
  );
  const [leftNames, rightNames] = [left, right].map((names) => {
    const column = node(
      "div",
      { className: "names", ariaHidden: "true" },
      ...names.map((name) => node("span", { textContent: name })),
    );
    column.style.gridTemplateRows = `repeat(${names.length}, 1fr)`;
    return column;
  });
  const picture = node("div", { className: "sides" }, leftMarks, leftNames, ways, rightNames, rightMarks);
  picture.style.height = `${height}px`;
  picture.style.setProperty("--marks", `${heads * slot}px`);

  /**
   * @param {Codes} codes
   * @param {number} h
   * @param {number} i
   * @param {number} j
   */
  const weight = (codes, h, i, j) => fraction(codes[(h * queries + i) * keys + j]);
  /**
   * Where a head's line ends at a token: the heads stand below each other, so that their lines don't hide one another.
   *
   * @param {number} k
   * @param {number} count
   * @param {number} h
   */
  const y = (k, count, h) => (height / count) * (k + 0.5 + 0.5 * ((h + 0.5) / heads - 0.5));

  /**
   * A head's lines, from a query or from all of them, to a key or to all of them.
   *
   * @param {Codes} codes
   * @param {Token} token
   */
  function drawn(codes, { query, key }) {
    const strong = query !== undefined || key !== undefined;
    /** @type {Map<number, string>} */
    const paths = new Map();
    for (let h = 0; h < heads; h += 1) {
      for (let i = query ?? 0; i < (query === undefined ? queries : query + 1); i += 1) {
        for (let j = key ?? 0; j < (key === undefined ? keys : key + 1); j += 1) {
          const share = weight(codes, h, i, j);
          if (!(share >= FAINTEST)) continue;
          const look = h * LEVELS + Math.min(LEVELS - 1, Math.floor(share * LEVELS));
          const way = `M0 ${y(i, queries, h).toFixed(1)}L${SIZE} ${y(j, keys, h).toFixed(1)}`;
          paths.set(look, (paths.get(look) ?? "") + way);
        }
      }
    }
    // The strongest lie on top.
    return [...paths].sort(([a], [b]) => (a % LEVELS) - (b % LEVELS)).map(([look, d]) => {
      const [h, part] = [Math.floor(look / LEVELS), ((look % LEVELS) + 0.5) / LEVELS];
      const opacity = strong ? 0.25 + 0.75 * part : 0.06 + 0.6 * part;
      const width = strong ? 1 + 4 * part : 0.6 + 1.8 * part;
      const { colour, dashes } = style[h]; // those of hundreds of faint lines would take most of the time to paint
      return svg("path", {
        d,
        "stroke-dasharray": look % LEVELS ? dashes.join(" ") : "",
        style: `stroke: ${colour}; stroke-width: ${width}px; stroke-opacity: ${opacity.toFixed(3)}`,
      });
    });
  }

  /**
   * Beside each of `count` tokens a bar for each head, as high as its weight.
   *
   * @param {number} count
   * @param {(h: number, k: number) => number} share
   */
  function marks(count, share) {
    return style.map(({ colour }, h) => {
      const ends = Array.from(
        { length: count },
        (_, k) => [share(h, k) * (height / count - 3), (height / count) * (k + 1) - 1.5],
      );
      const [left, width] = [(h * slot).toFixed(1), (0.8 * slot).toFixed(1)];
      const d = ends.filter(([high]) => high > 0.4).map(([high, foot]) =>
        `M${left} ${foot.toFixed(1)}v${(-high).toFixed(1)}h${width}v${high.toFixed(1)}z`
      ).join("");
      return svg("path", { d, style: `fill: ${colour}` });
    });
  }

  /**
   * The token pointed at: a query, or a key alone.
   *
   * @param {Cursor} cursor
   * @returns {Token}
   */
  function chosen(cursor) {
    const [query, key] = [cursor[panel.y], cursor[panel.x]];
    if (query < queries) return { query };
    return key < keys ? { key } : {};
  }

  let shown = ""; // the token that is shown
  /** @type {SVGPathElement[] | null} */
  let all = null; // the lines of all tokens, once they are drawn
  return {
    nodes: [picture],
    bare: true,
    axes: {
      [panel.x]: { count: keys, name: (k) => right[k] },
      [panel.y]: { count: queries, name: (k) => left[k] },
    },
    heads: panel.names,
    draw() {
      [shown, all] = ["", null];
    },
    at: (x, up) =>
      x < 0.5
        ? { [panel.y]: limit(Math.floor(up * queries), 0, queries - 1), [panel.x]: null }
        : { [panel.x]: limit(Math.floor(up * keys), 0, keys - 1), [panel.y]: null },
    // Up and down along one side, left and right to the other.
    move(pressed, cursor) {
      const { query, key } = chosen(cursor);
      const onRight = key !== undefined;
      const [from, count] = onRight ? [key, keys] : [query, queries];
      const by = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: 0, ArrowRight: 0 }[pressed];
      if (by === undefined) return null;
      const toRight = pressed === "ArrowRight" || (pressed !== "ArrowLeft" && onRight);
      const start = from ?? (by < 0 ? count : by > 0 ? -1 : 0);
      const to = limit(start + by, 0, (toRight ? keys : queries) - 1);
      return toRight ? { [panel.x]: to, [panel.y]: null } : { [panel.y]: to, [panel.x]: null };
    },
    mark(cursor, codes) {
      const token = chosen(cursor);
      const now = JSON.stringify([token, cursor[panel.x]]);
      if (shown === now) return;
      shown = now;
      const { query, key } = token;
      const none = query === undefined && key === undefined;
      ways.replaceChildren(...(none ? (all ??= drawn(codes, {})) : drawn(codes, token)));
      rightMarks.replaceChildren(
        ...(query === undefined ? [] : marks(keys, (h, j) => weight(codes, h, query, j) || 0)),
      );
      leftMarks.replaceChildren(
        ...(key === undefined ? [] : marks(queries, (h, i) => weight(codes, h, i, key) || 0)),
      );
      [...leftNames.children].forEach((name, i) => name.classList.toggle("here", i === query));
      [...rightNames.children].forEach((name, j) => name.classList.toggle("here", j === cursor[panel.x]));
    },
    read(cursor) {
      const { query, key } = chosen(cursor);
      if (query !== undefined) return `“${left[query]}” reads`;
      return key !== undefined ? `“${right[key]}” is read by` : "";
    },
    // For each head the token that the chosen one reads most, or that reads it most.
    readHeads(cursor, codes) {
      const { query, key = 0 } = chosen(cursor);
      const names = query === undefined ? left : right;
      return style.map((_, h) => {
        /** @param {number} k */
        const share = (k) => query === undefined ? weight(codes, h, k, key) : weight(codes, h, query, k);
        const most = names.reduce((best, _name, k) => (share(k) > share(best) ? k : best), 0);
        return share(most) >= 0 ? `${names[most]} ${share(most).toFixed(2)}` : "removed";
      });
    },
  };
}
