// A prediction form: radio buttons, a button to commit, and the answer in words.
/** @import { Seated, Widget } from "../explore/view/types.d.ts" */
import { keepKeys, node } from "../explore/view/dom.js";

/** @param {string} choice */
function radio(choice) {
  const input = node("input", { type: "radio", name: "choice", value: choice });
  return { input, label: node("label", {}, input, node("span", { textContent: choice })) };
}

/** @typedef {{ question: string, choices: string[], answer: string, complaint: string }} Prediction */

/**
 * What is shown as taken is only what the kernel has stored.
 *
 * @param {Widget<Seated & Prediction & { request: { choice?: string } }>} widget
 */
export function render({ model, el }) {
  const radios = model.get("choices").map(radio);
  const button = node("button", { textContent: "Commit" });
  const status = node("p", { className: "answer", role: "status" });
  const fieldset = node(
    "fieldset",
    {},
    node("legend", { textContent: model.get("question") }),
    node("div", { className: "choices" }, ...radios.map(({ label }) => label)),
    button,
    status,
  );
  const word = node("strong");
  const form = node("form", {}, node("p", { className: "state" }, word), fieldset);
  keepKeys(form);
  el.replaceChildren(form);

  const chosen = () => new FormData(form).get("choice");
  const showChoice = () => {
    button.disabled = chosen() === null;
  };
  const showAnswer = () => {
    const answer = model.get("answer");
    if (!model.get("complaint")) {
      for (const { input } of radios) input.checked = input.value === answer;
    }
    form.className = `course prediction ${answer ? "taken" : "asked"}`;
    word.textContent = answer ? "Your prediction" : "Prediction";
    const words = [model.get("complaint"), answer && `You predicted: ${answer}`];
    status.textContent = words.filter(Boolean).join(" ");
    showChoice();
  };

  form.addEventListener("change", showChoice);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const number = (model.get("request").number ?? 0) + 1;
    model.set("request", { number, choice: String(chosen()) });
    model.save_changes();
  });
  model.on("change:answered", showAnswer);
  showAnswer();
  return () => model.off("change:answered", showAnswer);
}
