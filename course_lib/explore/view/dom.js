// Small helpers: elements, numbers, ticks.
/** @import { Attributes, Limits, Properties, Tick } from "./types.d.ts" */

export const LAST = 2 ** 16 - 4; // the code of the upper limit
const [BELOW, ABOVE] = [LAST + 1, LAST + 2]; // of numbers beyond the limits
export const MISSING = LAST + 3; // of no number
export const SIZE = 1000; // of a drawing that is stretched to the room there is
export const UNIT = 100; // of a drawing, for a distance of one between places
const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties<HTMLElementTagNameMap[Tag]>} properties
 * @param {...(Node | string)} children
 */
export function node(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...Node} children
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function context2d(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (!context) throw new Error("this browser draws on no canvas");
  return context;
}

/**
 * Keep keys that are pressed within from JupyterLab, for which "d d" deletes a cell. It passes over an element with
 * this attribute, but looks at the one in focus before those around it.
 *
 * @param {HTMLElement} root
 */
export function keepKeys(root) {
  root.addEventListener("focusin", (event) => {
    const focused = /** @type {HTMLElement} */ (event.target);
    focused.dataset.lmSuppressShortcuts = "";
  });
}

/**
 * Pixels that a text takes at a size of letters, about; Hangul and other full letters are square.
 *
 * @param {string} text
 * @param {number} size
 */
export const widthOf = (text, size) =>
  size * Array.from(text).reduce((sum, letter) => sum + (letter > "\u2e80" ? 1 : 0.58), 0);

/** @param {Uint8Array<ArrayBuffer>} bytes */
export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint16Array(await new Response(stream).arrayBuffer());
}

/**
 * A code as a fraction of the limits, or the end that it lies beyond; NaN where there is no number.
 *
 * @param {number} code
 */
export function fraction(code) {
  if (code === MISSING) return NaN;
  return code > LAST ? Number(code === ABOVE) : code / LAST;
}

/**
 * The number that a code stands for; NaN where there is none.
 *
 * @param {number} code
 * @param {Limits} limits
 */
export const decode = (code, [low, high]) => low + fraction(code) * (high - low);

/**
 * @param {number} number
 * @param {Limits} limits
 */
export function encode(number, [low, high]) {
  return Number.isNaN(number) ? MISSING : Math.round(limit((number - low) / (high - low), 0, 1) * LAST);
}

/**
 * @param {number} number
 * @param {Limits} limits
 * @param {number} least digits after the point
 */
export function format(number, [low, high] = [0, 1], least = 0) {
  if (Number.isNaN(number)) return "none";
  const digits = Math.max(least, Math.min(3, 1 - Math.floor(Math.log10((high - low) / 4))));
  return number.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");
}

/**
 * The number of a code in words; of what lies beyond a limit only that is known.
 *
 * @param {number} code
 * @param {Limits} limits of the codes
 * @param {Limits} digits whose numbers tell how many digits are worth saying
 * @param {number} least digits after the point
 */
export function formatCode(code, limits, digits = limits, least = 0) {
  const beyond = { [BELOW]: "< ", [ABOVE]: "> " }[code] ?? "";
  return beyond + format(decode(code, limits), digits, least);
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const limit = (value, low, high) => Math.max(low, Math.min(high, value));

/**
 * Round numbers between low and high, about `count` of them.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function roundNumbers(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((k) => k * power >= raw) ?? 10);
  const numbers = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) numbers.push(k * step);
  return numbers.map((number) => ({ number, text: String(+number.toPrecision(6)).replace("-", "−") }));
}

/**
 * Ticks of an axis of numbers: how far along (0 to 1) and what they say.
 *
 * @param {Limits} limits
 * @returns {Tick[]}
 */
export function numberTicks([low, high], count = 4) {
  return roundNumbers(low, high, count).map(({ number, text }) => ({
    at: (number - low) / (high - low),
    text,
  }));
}

/**
 * A code on a logarithmic axis in words; the end codes stand for a limit and all that lies beyond it.
 *
 * @param {number} code
 * @param {Limits} limits
 */
export function formatPower(code, limits) {
  if (code === MISSING) return "none";
  const [low, high] = limits.map(Math.log10);
  const number = 10 ** decode(code, [low, high]);
  const plain = number >= 0.01 && number < 1e5;
  const text = plain ? String(+number.toPrecision(3)) : number.toExponential(1).replace("+", "");
  const beyond = { 0: "≤ ", [LAST]: "≥ " }[code] ?? "";
  return beyond + text;
}

/**
 * Ticks of a logarithmic axis: whole powers of ten, about `count` of them.
 *
 * @param {Limits} limits
 * @returns {Tick[]}
 */
export function powerTicks(limits, count = 5) {
  const [low, high] = limits.map(Math.log10);
  const step = [1, 2, 3, 5, 10, 20].find((k) => (high - low) / k <= count) ?? 50;
  const powers = [];
  for (let k = Math.ceil(low / step - 1e-9) * step; k <= high + 1e-9; k += step) powers.push(k);
  /** @param {number} k */
  const raised = (k) => String(k).replace(/./g, (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[+sign]));
  return powers.map((k) => ({ at: (k - low) / (high - low), text: `10${raised(k)}` }));
}

/**
 * Ticks of an axis of `count` equal places: their names, or a few round ones of their numbers, or all of them.
 *
 * @param {number} count
 * @param {string[] | null} [names]
 * @returns {Tick[]}
 */
export function placeTicks(count, names, start = 1, step = 1) {
  if (names?.length) return names.map((text, k) => ({ at: (k + 0.5) / count, text }));
  const ticks = roundNumbers(start, start + step * (count - 1), Math.min(6, count)).map((
    { number, text },
  ) => ({
    at: ((number - start) / step + 0.5) / count,
    text,
  }));
  /** @param {Tick} tick */
  const place = (tick) => tick.at * count - 0.5;
  const atPlaces = ticks.filter((tick) => Math.abs(place(tick) - Math.round(place(tick))) < 1e-6);
  if (atPlaces.length > 0) return atPlaces;
  return Array.from(
    { length: count },
    (_, k) => ({ at: (k + 0.5) / count, text: placeName(k, null, start, step) }),
  );
}

/**
 * @param {number} index
 * @param {string[] | null} [names]
 */
export const placeName = (index, names, start = 1, step = 1) =>
  names?.length ? names[index] : String(+(start + step * index).toPrecision(6));
