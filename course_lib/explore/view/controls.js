// One input a control; `change` hears the index of the new value, or the new text.
import { node } from "./dom.js";

export function slider(name, count, at, text, change) {
  const input = node("input", { type: "range", min: 0, max: count - 1, value: at, ariaLabel: name });
  const output = node("output");
  const show = () => {
    output.textContent = text(+input.value);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.dataset.lmSuppressShortcuts = ""; // or JupyterLab takes the arrow keys for itself
  input.addEventListener("input", () => {
    show();
    change(+input.value);
  });
  show();
  const label = node("label", {}, node("span", { textContent: name }), input, output);
  return {
    label,
    set(value) {
      input.value = value;
      show();
    },
  };
}

function valueSlider(control, change) {
  const texts = control.values.map((value) => String(value).replace("-", "−"));
  const { label } = slider(control.name, texts.length, control.at, (k) => texts[k], change);
  label.lastChild.style.minWidth = `${Math.max(...texts.map((text) => text.length))}ch`; // nothing moves aside
  return label;
}

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
    input.dataset.lmSuppressShortcuts = "";
    input.addEventListener("input", () => change(+input.value));
    return node("label", {}, node("span", { textContent: control.name }), input);
  },
  Text(control, change) {
    const input = node("input", { type: "text", value: control.at, spellcheck: false, autocomplete: "off" });
    input.dataset.lmSuppressShortcuts = "";
    input.addEventListener("input", () => change(input.value));
    return node("label", {}, node("span", { textContent: control.name }), input);
  },
};

export const controlOf = (control, change) => makers[control.kind](control, change);
