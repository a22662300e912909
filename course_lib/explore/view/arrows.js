// Values at their places, and arrows between them.
/** @import { Arrows, Drawing, Point } from "./types.d.ts" */
import { decode, formatCode, fraction, placeName, setAttributes, svg, UNIT, widthOf } from "./dom.js";

const RADIUS = 0.36 * UNIT;

/**
 * The way of an arrow: an arc over nodes of one height, a straight line otherwise.
 *
 * @param {Point} from
 * @param {Point} to
 */
function arc([x1, y1], [x2, y2]) {
  const level = y1 === y2;
  const lift = level ? 0.35 * UNIT + 0.32 * Math.abs(x2 - x1) : 0;
  /** @type {Point} */
  const middle = [(x1 + x2) / 2, (y1 + y2) / 2 - lift];
  const end = towards([x2, y2], middle, RADIUS * 1.1);
  const begin = towards([x1, y1], middle, RADIUS);
  const angle = (Math.atan2(end[1] - middle[1], end[0] - middle[0]) * 180) / Math.PI;
  return { d: `M${begin}Q${middle} ${end}`, end, angle };
}

/**
 * @param {Point} from
 * @param {Point} to
 * @param {number} distance
 * @returns {Point}
 */
function towards([x, y], [tx, ty], distance) {
  const length = Math.hypot(tx - x, ty - y) || 1;
  return [x + ((tx - x) / length) * distance, y + ((ty - y) / length) * distance];
}

/**
 * @param {Arrows} panel
 * @returns {Drawing}
 */
export function arrows(panel) {
  const count = panel.names.length;
  /** @type {Point[]} */
  const places = panel.places.map(([x, y]) => [x * UNIT, -y * UNIT]);
  const [xs, ys] = [0, 1].map((k) => places.map((place) => place[k]));
  const width = Math.max(...xs) - Math.min(...xs);
  const headroom = 0.5 * UNIT + 0.16 * width; // arcs rise to half their lift
  const box = [
    Math.min(...xs) - 0.6 * UNIT,
    Math.min(...ys) - headroom,
    Math.max(...xs) + 0.6 * UNIT,
    Math.max(...ys) + 0.9 * UNIT,
  ];
  const ways = svg("g", { class: "ways" });
  const nodes = places.map(([x, y], k) => {
    const disc = svg("circle", { class: "node", cx: x, cy: y, r: RADIUS });
    const value = svg("text", { class: "value", x, y: y + 0.09 * UNIT });
    const name = svg("text", { class: "name", x, y: y + RADIUS + 0.3 * UNIT });
    name.textContent = panel.names[k];
    return { disc, value, name };
  });
  const here = svg("circle", { class: "here", r: RADIUS * 1.25, visibility: "hidden" });
  const size = [box[2] - box[0], box[3] - box[1]];
  const viewBox = [box[0], box[1], ...size].join(" ");
  let pixel = 1; // in units of the drawing

  // A value is as large as its disc lets it be, and left out where it would be too small to read.
  /** @param {{ value: SVGTextElement }} node */
  function write({ value }) {
    const fitting = Math.min(Math.max(22, 9 * pixel), (1.9 * RADIUS) / widthOf(value.textContent || "0", 1));
    value.style.fontSize = `${fitting}px`;
    value.style.display = fitting < 8.6 * pixel ? "none" : "";
  }

  const parts = nodes.flatMap(({ disc, value, name }) => [disc, value, name]);
  const picture = svg("svg", { class: "graph", viewBox }, ways, ...parts, here);
  return {
    nodes: [picture],
    size: count * (count + 1),
    aspect: size[0] / size[1],
    bare: true,
    axes: { [panel.along]: { count, name: (k) => panel.names[k] } },
    keys: { ArrowLeft: [panel.along, -1], ArrowRight: [panel.along, 1] },
    draw(codes, look) {
      /** @param {number} k */
      const linked = (k) =>
        places.some((_, j) =>
          fraction(codes[count * (k + 1) + j]) > 0.001 || fraction(codes[count * (j + 1) + k]) > 0.001
        );
      nodes.forEach(({ disc, value, name }, k) => {
        const idle = Number.isNaN(fraction(codes[k])) && !linked(k);
        [disc, value, name].forEach((part) => part.classList.toggle("idle", idle));
        disc.setAttribute("fill", look.colour(codes[k], panel.limits));
        disc.classList.toggle("empty", Number.isNaN(fraction(codes[k])));
        value.setAttribute("fill", look.ink(codes[k], panel.limits));
        const number = decode(codes[k], panel.limits);
        value.textContent = Number.isNaN(number) ? "?" : String(+number.toPrecision(3)).replace("-", "−");
        write(nodes[k]);
      });
      const drawn = [];
      for (let k = 0; k < count * count; k += 1) {
        const strength = fraction(codes[count + k]);
        if (!(strength > 0.001)) continue;
        const { d, end, angle } = arc(places[Math.floor(k / count)], places[k % count]);
        const style = `opacity: ${(0.25 + 0.75 * strength).toFixed(3)}`;
        drawn.push(svg("path", { class: "arrow", d, style }));
        drawn.push(
          svg("path", {
            class: "head",
            d: "M0 0L-20 9V-9Z",
            transform: `translate(${end}) rotate(${angle})`,
            style,
          }),
        );
      }
      ways.replaceChildren(...drawn);
    },
    fit(width) {
      pixel = size[0] / width;
      picture.style.setProperty("--pixel", String(pixel));
      nodes.forEach(write);
    },
    at(x, y) {
      const [px, py] = [box[0] + x * size[0], box[1] + y * size[1]];
      /** @param {Point} place */
      const distance = (place) => Math.hypot(place[0] - px, place[1] - py);
      return {
        [panel.along]: places.reduce(
          (best, place, k) => (distance(place) < distance(places[best]) ? k : best),
          0,
        ),
      };
    },
    mark(cursor) {
      const place = places[cursor[panel.along]];
      here.setAttribute("visibility", place ? "visible" : "hidden");
      if (place) setAttributes(here, { cx: place[0], cy: place[1] });
    },
    read(cursor, codes) {
      const k = cursor[panel.along];
      if (!(k < count)) return "";
      const reads = panel.names.filter((_, from) => fraction(codes[count + from * count + k]) > 0.001);
      const value = formatCode(codes[k], panel.limits);
      return `${placeName(k, panel.names)}: ${value}${reads.length ? `, reads ${reads.join(", ")}` : ""}`;
    },
  };
}
