// The view in a page that holds everything: no kernel is asked.
/** @import { Frames, Shape, State } from "./types.d.ts" */
import { render } from "./view.js";

/**
 * @param {string} name of the seat that the view takes
 * @param {Shape} shape
 * @param {Frames} frames
 * @param {string} numbers in base64
 */
export function sweep(name, shape, frames, numbers) {
  /** @type {State} */
  const state = {
    shape,
    frames,
    numbers: Uint8Array.from(atob(numbers), (letter) => letter.charCodeAt(0)),
    complaint: "",
    request: {},
    answered: 0,
  };
  const seat = /** @type {HTMLElement} */ (document.querySelector(`[data-seat="${name}"]:not([data-taken])`));
  seat.dataset.taken = "";
  render({ el: seat, model: { get: (key) => state[key], set() {}, save_changes() {}, on() {}, off() {} } });
}
