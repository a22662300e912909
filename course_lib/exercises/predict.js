// A prediction form: radio buttons, a button to commit, and the answer in words.

let justCommitted = false; // the notebook draws the form anew after a commit; the keyboard focus must stay

function radio(choice) {
  const input = document.createElement("input");
  input.type = "radio";
  input.name = "choice";
  input.value = choice;
  input.dataset.lmSuppressShortcuts = ""; // or JupyterLab takes the arrow keys away
  const label = document.createElement("label");
  label.style.display = "block";
  label.append(input, ` ${choice}`);
  return label;
}

function render({ model, el }) {
  const legend = document.createElement("legend");
  legend.textContent = model.get("question");
  const button = document.createElement("button");
  button.textContent = "Commit";
  button.className = "jupyter-button";
  button.dataset.lmSuppressShortcuts = "";
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  const fieldset = document.createElement("fieldset");
  fieldset.append(legend, ...model.get("choices").map(radio), button, status);
  const form = document.createElement("form");
  form.append(fieldset);
  el.append(form);

  const chosen = () => new FormData(form).get("choice");
  const showChoice = () => {
    button.disabled = chosen() === null;
  };
  const showAnswer = () => {
    for (const input of form.elements.choice) input.checked = input.value === model.get("answer");
    showChoice();
  };
  const showStatus = () => {
    status.textContent = model.get("status");
  };

  form.addEventListener("change", showChoice);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    justCommitted = true;
    model.set("answer", chosen());
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
