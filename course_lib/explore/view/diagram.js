// A computation as nodes and wires that light up as it is done.
/** @import { Codes, Diagram, DiagramNode, Drawing, Point } from "./types.d.ts" */
import { decode, fraction, placeName, setAttributes, svg, UNIT, widthOf } from "./dom.js";

const [BOX, VALUE, OPERATION] = [{ x: 60, y: 40 }, { x: 40, y: 40 }, { x: 26, y: 26 }]; // half sizes
const LIGHTS = ["idle", "done", "now"];
const NUMBER = { units: 20, pixels: 9 }; // height of its letters, at least

/**
 * @param {Point} place
 * @returns {Point}
 */
const at = ([x, y]) => [x * UNIT, -y * UNIT];

/** @param {DiagramNode} node */
const halfSize = (node) => (node.box ? BOX : node.symbol ? OPERATION : VALUE);

/**
 * Where a wire that comes along an axis from (fx, fy), or leaves to there, meets the node.
 *
 * @param {DiagramNode} node
 * @param {Point} from
 * @returns {Point}
 */
function rim(node, [fx, fy]) {
  const [x, y] = at(node.place);
  const half = halfSize(node);
  return Math.abs(x - fx) > Math.abs(y - fy)
    ? [x - Math.sign(x - fx) * half.x, y]
    : [x, y - Math.sign(y - fy) * half.y];
}

/**
 * @param {string} words
 * @param {Point} place
 * @param {string} style
 */
function text(words, place, style) {
  const lines = words.split("\n").map((line, k) => {
    const part = svg("tspan", { x: place[0], dy: k ? "1.1em" : 0 });
    part.textContent = line;
    return part;
  });
  return svg("text", { x: place[0], y: place[1], class: style }, ...lines);
}

/** @param {DiagramNode} node */
function drawn(node) {
  const [x, y] = at(node.place);
  const half = halfSize(node);
  const shape = node.box
    ? svg("rect", { x: x - half.x, y: y - half.y, width: 2 * half.x, height: 2 * half.y, rx: 8 })
    : svg("circle", { cx: x, cy: y, r: half.x });
  const number = node.symbol
    ? text("", [x + (node.box ? 10 : half.x), y - half.y - 9], "number beside")
    : text("", [x, y + 8], "number");
  const parts = [shape, number];
  if (node.symbol) {
    parts.push(
      text(
        node.symbol,
        [x, node.box ? y - 6 : y + 8],
        node.symbol.length > 2 && !node.box ? "word" : "symbol",
      ),
    );
  }
  if (node.box) parts.push(text(node.name, [x, y + 22], "inside"));
  if (!node.symbol) parts.push(text(node.label, [x, y + half.y + 22], "name"));
  return { group: svg("g", { class: "part" }, ...parts), number: number.childNodes[0] };
}

/**
 * @param {Diagram} panel
 * @returns {Drawing}
 */
export function diagram(panel) {
  const { nodes } = panel;
  const count = nodes.length;
  const corners = nodes.map(({ place }) => at(place));
  const [xs, ys] = [0, 1].map((k) => corners.map((corner) => corner[k]));
  const top = Math.min(...nodes.map((node, k) => ys[k] - (node.box ? 0.75 : 0.6) * UNIT)); // numbers stand on boxes
  const rights = nodes.map(({ symbol, label }, k) => {
    const beside = symbol && label ? halfSize(nodes[k]).x + widthOf(`${label} = −0.00`, NUMBER.units) : 0;
    return xs[k] + Math.max(0.95 * UNIT, beside);
  });
  const box = [Math.min(...xs) - 0.95 * UNIT, top];
  const size = [Math.max(...rights) - box[0], Math.max(...ys) + 1.05 * UNIT - box[1]];
  const wires = panel.wires.map(({ origin, target, bends }) => {
    const [from, to] = [nodes[origin], nodes[target]];
    const corners = bends.map(at);
    const begin = rim(from, corners[0] ?? at(to.place));
    const end = rim(to, corners.at(-1) ?? at(from.place));
    const [x, y] = corners.at(-1) ?? begin;
    const angle = (Math.atan2(end[1] - y, end[0] - x) * 180) / Math.PI;
    const way = svg("path", { class: "wire", d: `M${[begin, ...corners, end].join("L")}` });
    const head = svg("path", {
      class: "tip",
      d: "M0 0L-15 7V-7Z",
      transform: `translate(${end}) rotate(${angle})`,
    });
    return { parts: [way, head], target };
  });
  const parts = nodes.map(drawn);
  const here = svg("rect", { class: "here", rx: 10, visibility: "hidden" });
  const ways = LIGHTS.map((name) => svg("g", { class: name })); // what shines is drawn over what does not
  const picture = svg(
    "svg",
    { class: "diagram", viewBox: [...box, ...size].join(" ") },
    ...ways,
    ...parts.map(({ group }) => group),
    here,
  );
  let pixel = 1; // in units of the picture
  /** @type {Codes} */
  let drawnCodes = new Uint16Array(2 * count);

  /**
   * @param {number} code
   * @param {number} digits after the point
   */
  const words = (code, digits = 2) =>
    decode(code, panel.limits).toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");

  // A number in a circle has as many digits as fit.
  /** @param {number} code */
  function wordsInside(code) {
    const size = Math.max(NUMBER.units, NUMBER.pixels * pixel);
    const fitting = [2, 1, 0].map((digits) => words(code, digits));
    return fitting.find((text) => widthOf(text, size) < 1.9 * VALUE.x) ?? fitting[2];
  }

  function write() {
    parts.forEach(({ number }, k) => {
      const code = drawnCodes[k];
      const known = lightOf(k) > 0 && !Number.isNaN(fraction(code));
      const { symbol, label } = nodes[k];
      const text = symbol ? `${label ? `${label} = ` : ""}${words(code)}` : wordsInside(code);
      number.textContent = known ? text : "";
    });
  }

  /** @param {number} k */
  const lightOf = (k) => Math.round(2 * fraction(drawnCodes[count + k]));

  return {
    nodes: [picture],
    size: 2 * count,
    aspect: size[0] / size[1],
    widest: "46rem",
    bare: true,
    axes: { [panel.along]: { count, name: (k) => placeName(k, nodes.map(({ name }) => name)) } },
    keys: { ArrowLeft: [panel.along, -1], ArrowRight: [panel.along, 1] },
    draw(codes) {
      drawnCodes = codes;
      parts.forEach(({ group }, k) => group.setAttribute("class", `part ${LIGHTS[lightOf(k)]}`));
      ways.forEach((group, bright) =>
        group.replaceChildren(
          ...wires.filter(({ target }) => lightOf(target) === bright).flatMap((wire) => wire.parts),
        )
      );
      write();
    },
    fit(width) {
      pixel = size[0] / width;
      write();
      picture.style.setProperty("--pixel", String(pixel));
      const inside = nodes.filter((node) => node.box).map(({ name }) =>
        widthOf(name, Math.max(18, 9 * pixel))
      );
      picture.classList.toggle("narrow", Math.max(...inside) > 2 * BOX.x); // symbols alone
    },
    at(x, y) {
      const [px, py] = [box[0] + x * size[0], box[1] + y * size[1]];
      /** @param {Point} corner */
      const distance = ([cx, cy]) => Math.hypot(cx - px, cy - py);
      return {
        [panel.along]: corners.reduce(
          (best, corner, k) => (distance(corner) < distance(corners[best]) ? k : best),
          0,
        ),
      };
    },
    mark(cursor) {
      const k = cursor[panel.along];
      here.setAttribute("visibility", k < count ? "visible" : "hidden");
      if (!(k < count)) return;
      const half = halfSize(nodes[k]);
      setAttributes(here, {
        x: corners[k][0] - half.x - 6,
        y: corners[k][1] - half.y - 6,
        width: 2 * half.x + 12,
        height: 2 * half.y + 12,
      });
    },
    read(cursor, codes) {
      const k = cursor[panel.along];
      if (!(k < count)) return "";
      const known = fraction(codes[count + k]) > 0 && !Number.isNaN(fraction(codes[k]));
      return `${nodes[k].name}: ${known ? words(codes[k]) : "still to come"}`;
    },
  };
}
