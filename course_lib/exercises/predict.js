// A prediction form: radio buttons, a button to commit, and the answer in words.
/** @import { Widget } from "../explore/view/types.d.ts" */

let justCommitted = false; // the notebook draws the form anew after a commit; the keyboard focus must stay

/** @param {string} choice */
function radio(choice) {
  const input = document.createElement("input");
  input.type = "radio";
  input.name = "choice";
  input.value = choice;
  input.dataset.lmSuppressShortcuts = ""; // or JupyterLab takes the arrow keys away
  const label = document.createElement("label");
  label.style.display = "block";
  label.append(input, ` ${choice}`);
  return { input, label };
}

/** @param {Widget<{ question: string, choices: string[], answer: string, status: string }>} widget */
function render({ model, el }) {
  const radios = model.get("choices").map(radio);
  const legend = document.createElement("legend");
  legend.textContent = model.get("question");
  const button = document.createElement("button");
  button.textContent = "Commit";
  button.className = "jupyter-button";
  button.dataset.lmSuppressShortcuts = "";
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  const fieldset = document.createElement("fieldset");
  fieldset.append(legend, ...radios.map(({ label }) => label), button, status);
  const form = document.createElement("form");
  form.append(fieldset);
  el.append(form);

  const chosen = () => new FormData(form).get("choice");
  const showChoice = () => {
    button.disabled = chosen() === null;
  };
  const showAnswer = () => {
    for (const { input } of radios) input.checked = input.value === model.get("answer");
    showChoice();
  };
  const showStatus = () => {
    status.textContent = model.get("status");
  };

  form.addEventListener("change", showChoice);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    justCommitted = true;
    model.set("answer", String(chosen()));
    model.save_changes();
  });
  model.on("change:answer", showAnswer);
  model.on("change:status", showStatus);
  showAnswer();
  showStatus();
  if (justCommitted) requestAnimationFrame(() => button.focus());
  justCommitted = false;
  return () => {
    model.off("change:answer", showAnswer);
    model.off("change:status", showStatus);
  };
}

export default { render };
