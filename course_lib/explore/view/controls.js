// One input a control; `change` hears the index of the new value, or the new text.
/** @import { Control, Controls } from "./types.d.ts" */
import { node } from "./dom.js";

/**
 * @param {string} name
 * @param {number} count
 * @param {number} at
 * @param {(k: number) => string} text
 * @param {(k: number) => void} change
 */
export function slider(name, count, at, text, change) {
  const input = node("input", { type: "range", min: 0, max: count - 1, value: at, ariaLabel: name });
  const output = node("output");
  input.dataset.count = String(count);
  const show = () => {
    output.textContent = text(+input.value);
    input.style.setProperty("--along", String(+input.value / Math.max(1, count - 1)));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    show();
    change(+input.value);
  });
  input.addEventListener("placed", show);
  show();
  const label = node("label", {}, node("span", { textContent: name }), input, output);
  return {
    label,
    output,
    /** @param {number} value */
    set(value) {
      input.value = String(value);
      show();
    },
  };
}

/**
 * @param {Controls["Slider" | "Stops"]} control
 * @param {(k: number) => void} change
 */
function valueSlider(control, change) {
  const texts = control.values.map((value) => String(value).replace("-", "−"));
  const { label, output } = slider(control.name, texts.length, control.at, (k) => texts[k], change);
  output.style.minWidth = `${Math.max(...texts.map((text) => text.length))}ch`; // nothing moves aside
  return label;
}

/** @type {{ [Kind in keyof Controls]: (control: Controls[Kind], change: (to: number | string) => void) => HTMLElement }} */
const makers = {
  Slider: valueSlider,
  Stops: valueSlider,
  Toggle(control, change) {
    const input = node("input", { type: "checkbox", checked: control.at === 1 });
    input.addEventListener("input", () => change(+input.checked));
    return node("label", {}, input, node("span", { textContent: control.name }));
  },
  Choice(control, change) {
    const options = control.values.map((value, k) =>
      node("option", { value: k, textContent: value, selected: k === control.at })
    );
    const input = node("select", {}, ...options);
    input.addEventListener("input", () => change(+input.value));
    return node("label", {}, node("span", { textContent: control.name }), input);
  },
  Text(control, change) {
    const input = node("input", { type: "text", value: control.at, spellcheck: false, autocomplete: "off" });
    input.addEventListener("input", () => change(input.value.toWellFormed())); // half a letter can't be sent
    return node("label", {}, node("span", { textContent: control.name }), input);
  },
};

/**
 * @template {keyof Controls} Kind
 * @param {Control<Kind>} control
 * @param {(to: number | string) => void} change
 */
export const controlOf = (control, change) => makers[control.kind](control, change);

/**
 * Show another value, which another view of the same widget has chosen.
 *
 * @param {HTMLElement} label
 * @param {number | string} value
 */
export function place(label, value) {
  const input = /** @type {HTMLInputElement | HTMLSelectElement} */ (label.querySelector("input, select"));
  if (input.type === "checkbox") /** @type {HTMLInputElement} */ (input).checked = Boolean(value);
  else input.value = String(value);
  input.dispatchEvent(new Event("placed"));
}

/**
 * Grey the values after the first `count`; with none, all of the control, which then changes nothing.
 *
 * @param {HTMLElement} label
 * @param {number} count
 */
export function restrict(label, count) {
  const input = /** @type {HTMLInputElement | HTMLSelectElement} */ (label.querySelector("input, select"));
  input.setAttribute("aria-disabled", String(count < 1));
  if (count < 1) return;
  const before = input.value;
  if ("options" in input) {
    [...input.options].forEach((option, k) => (option.disabled = k >= count));
    input.value = String(Math.min(+before, count - 1));
  } else if (input.type === "range") {
    input.max = String(Math.min(Number(input.dataset.count), count) - 1);
  }
  if (input.value !== before) input.dispatchEvent(new Event("input"));
}
