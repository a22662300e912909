// The colours of the page's theme, and maps of the codes onto them.
/** @import { Limits, Look, Shape, Theme } from "./types.d.ts" */
import { context2d, fraction, LAST, MISSING, node } from "./dom.js";

/** @param {string} hex */
const channels = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));

/** @param {string[]} stops */
function ramp(stops) {
  const colours = new Uint32Array(1024);
  for (let k = 0; k < 1024; k += 1) {
    const along = (k / 1023) * (stops.length - 1);
    const left = Math.min(stops.length - 2, Math.floor(along));
    const [from, to] = [channels(stops[left]), channels(stops[left + 1])];
    const [r, g, b] = from.map((value, c) => Math.round(value + (to[c] - value) * (along - left)));
    colours[k] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return colours;
}

// A canvas turns a colour that may be written in many ways, as in color() or oklch(), into numbers.
const pixel = context2d(node("canvas", { width: 1, height: 1 }), { willReadFrequently: true });

/**
 * @param {Element} element
 * @returns {Theme}
 */
export function themeOf(element) {
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = getComputedStyle(element).color;
  pixel.fillRect(0, 0, 1, 1);
  const [r, g, b] = pixel.getImageData(0, 0, 1, 1).data;
  return 0.3 * r + 0.6 * g + 0.1 * b > 127 ? "dark" : "light";
}

/**
 * @param {Shape} shape
 * @param {Theme} theme
 * @returns {Look}
 */
export function lookOf(shape, theme) {
  /** @type {Map<string[], Uint32Array>} */
  const ramps = new Map();
  /** @param {Limits} limits */
  const signed = ([low, high]) => low < 0 && high > 0;
  /**
   * How far along its map's colours a share of the limits is: a sign's zero is in the middle.
   *
   * @param {number} share
   * @param {Limits} limits
   */
  function along(share, [low, high]) {
    if (!signed([low, high])) return share;
    return 0.5 + (low + share * (high - low)) / (2 * Math.max(-low, high));
  }
  return {
    theme,
    // The colours from the lower to the upper limit, for a gradient.
    stops(limits) {
      return Array.from({ length: 33 }, (_, k) => this.colour(Math.round((k / 32) * LAST), limits));
    },
    // A code's colour as 32 bits of a canvas; transparent where there is no number.
    pixel(code, limits) {
      if (code === MISSING) return 0;
      const map = shape.maps[signed(limits) ? "signed" : "unsigned"][theme];
      const colours = ramps.get(map) ?? ramp(map);
      ramps.set(map, colours);
      return colours[Math.round(along(fraction(code), limits) * 1023)];
    },
    colour(code, limits) {
      if (code === MISSING) return "none";
      const bits = this.pixel(code, limits);
      return `rgb(${bits & 255},${(bits >> 8) & 255},${(bits >> 16) & 255})`;
    },
    // Black or white, whichever can be read better on a code's colour: the contrast is 4.5 to 1 or more.
    ink(code, limits) {
      if (code === MISSING) return "currentColor";
      const bits = this.pixel(code, limits);
      const [r, g, b] = [0, 8, 16].map((shift) => (((bits >> shift) & 255) / 255) ** 2.2);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#000" : "#fff";
    },
  };
}

/**
 * Colour and dashes of a line: those that follow after one line in each colour have other dashes.
 *
 * @param {Shape} shape
 * @param {number} k
 */
export function lineStyle(shape, k) {
  const count = shape.dashes.length;
  return { colour: `var(--line${k % count})`, dashes: shape.dashes[(k + Math.floor(k / count)) % count] };
}

/**
 * @param {HTMLElement} root
 * @param {Shape} shape
 * @param {Theme} theme
 */
export function applyLook(root, shape, theme) {
  root.style.colorScheme = theme;
  shape.lines[theme].forEach((colour, k) => root.style.setProperty(`--line${k}`, colour));
  root.style.setProperty("--mark", shape.mark[theme]);
}
