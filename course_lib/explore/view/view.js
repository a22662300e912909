// One view for every explorer, in the form that anywidget calls: render({ model, el }).
// Controls choose a frame of the sweep, or ask the kernel for one; panels draw it; panels that share an axis
// share its cursor.
/** @import { Change, Codes, Control, Cursor, Frames, State, Widget } from "./types.d.ts" */
import { controlOf, place, restrict, slider } from "./controls.js";
import { inflate, keepKeys, node } from "./dom.js";
import { applyLook, lookOf, themeOf } from "./look.js";
import { plot } from "./plot.js";

/** @param {Widget<State>} widget */
export async function render({ model, el }) {
  const shape = model.get("shape");
  // A live view that is made anew, as in a tab of its own, goes on where the last one was.
  const at = [...(model.get("request").at ?? shape.controls.map((control) => control.at))];
  /** @type {Cursor} */
  const cursor = {};
  /** @type {Frames} */
  let frames = { panels: [], captions: [], labels: [], fits: [] };
  /** @type {Codes} */
  let codes = new Uint16Array();
  /** @type {ReturnType<typeof plot>[]} */
  let panels = [];
  /** @type {number[]} */
  let sizes = [];
  /** @type {Record<string, ReturnType<typeof slider>>} */
  let scrubs = {}; // a slider for each axis of shape.scrub
  let newest = 0; // of the answers that were taken
  let last = 0; // the control that was moved last

  const title = node("p", { className: "title", textContent: shape.name.replaceAll("_", " ") });
  const bar = node("div", { className: "controls", role: "group", ariaLabel: `Controls of ${shape.name}` });
  const grid = node("div", { className: shape.widths.length > 2 ? "panels many" : "panels" });
  const status = node("p", { className: "status", role: "status" });
  const spoken = node("p", { className: "spoken" });
  spoken.setAttribute("aria-live", "polite");
  const root = node(
    "section",
    { className: "course explorer", ariaLabel: shape.name },
    title,
    bar,
    grid,
    spoken,
  );
  keepKeys(root);
  grid.style.setProperty("--widths", shape.widths.map((width) => `minmax(0, ${width}fr)`).join(" "));

  // Of the frame that the controls choose.
  function index() {
    if (shape.live) return 0;
    return shape.controls.reduce((k, { values }, i) => k * (values?.length ?? 1) + Number(at[i]), 0);
  }

  /** @param {number} k */
  function codesOf(k) {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const from = index() * total + sizes.slice(0, k).reduce((sum, size) => sum + size, 0);
    return codes.subarray(from, from + sizes[k]);
  }

  /** @type {number | undefined} */
  let speaking;
  /** @param {string} text */
  function speak(text) {
    clearTimeout(speaking);
    speaking = setTimeout(() => (spoken.textContent = text), 400);
  }

  /**
   * @param {Change} change
   * @param {boolean} aloud
   */
  function point(change, aloud) {
    for (const [name, place] of Object.entries(change)) {
      if (place !== null) cursor[name] = place;
      else if (!shape.scrub.includes(name)) delete cursor[name];
    }
    const readings = panels.map((panel, k) => panel.mark(cursor, codesOf(k)));
    for (const [name, scrub] of Object.entries(scrubs)) if (change[name] != null) scrub.set(change[name]);
    if (!aloud) return;
    const places = Object.keys(change).filter((name) => change[name] !== null).map((name) =>
      `${name} ${panels.find((panel) => panel.axes[name])?.axes[name].name(cursor[name])}`
    );
    speak(`${places.join(", ")}: ${readings.filter(Boolean).join("; ")}`);
  }

  function draw() {
    const theme = themeOf(el);
    const look = lookOf(shape, theme);
    applyLook(root, shape, theme);
    panels.forEach((panel, k) => {
      panel.draw(codesOf(k), frames.captions[index()][k], frames.labels[index()]?.[k] ?? [], look);
    });
    point({}, false);
    labels.forEach((label, i) => restrict(label, frames.fits[index()]?.[i] ?? Infinity));
  }

  // Make the panels anew: once, and where a live answer has other sizes or names than the last one. The focus stays
  // where it was: without one, keys are JupyterLab's.
  function build() {
    const focusable = () => /** @type {HTMLElement[]} */ ([...root.querySelectorAll("input, select, .plot")]);
    const focused = focusable().findIndex((element) => element.matches(":focus"));
    panels = frames.panels.map((panel) => plot(panel, shape, point));
    sizes = panels.map((panel) => panel.size);
    grid.style.setProperty("--last", String(((panels.length - 1) % shape.widths.length) + 1)); // its column
    grid.replaceChildren(...panels.map((panel) => panel.figure));
    title.hidden = panels.length === 1; // whose own title says it
    Object.values(scrubs).forEach((scrub) => scrub.label.remove());
    scrubs = {};
    for (const name of shape.scrub) {
      const found = panels.map((panel) => panel.axes[name]).filter(Boolean);
      if (!found.length) continue;
      const start = found.find((axis) => axis.start !== undefined)?.start ??
        Math.floor((found[0].count - 1) / 2);
      scrubs[name] = slider(name, found[0].count, start, found[0].name, (k) => point({ [name]: k }, false));
      bar.append(scrubs[name].label);
      cursor[name] = start;
    }
    focusable()[focused]?.focus({ preventScroll: true });
  }

  // Answers may inflate at the same time: what is done after a newer one was taken is dropped.
  async function take() {
    const number = (newest += 1);
    const [newFrames, newCodes] = [structuredClone(model.get("frames")), await inflate(model.get("numbers"))];
    if (number !== newest) return;
    const before = JSON.stringify(frames.panels);
    [frames, codes] = [newFrames, newCodes];
    if (JSON.stringify(frames.panels) !== before) build();
    draw();
  }

  /**
   * @param {number} i
   * @param {number | string} value
   */
  function changed(i, value) {
    at[i] = value;
    last = i;
    if (shape.live) {
      model.set("request", { number: (model.get("request").number ?? 0) + 1, at: [...at] });
      model.save_changes();
      root.classList.add("waiting");
      return;
    }
    draw();
    speak(frames.captions[index()].filter(Boolean).join(" "));
  }

  // The control that was moved last is marked as the cause of the message.
  /** @param {string} words */
  function complain(words) {
    status.textContent = words;
    labels.forEach((label, i) => {
      label.querySelector("input, select")?.setAttribute("aria-invalid", String(words !== "" && i === last));
    });
    settle();
  }

  // The message stands under the control, and no control leaves its row for it.
  function settle() {
    const others = bar.querySelectorAll("label");
    status.hidden = true;
    others.forEach((other) => (other.style.order = ""));
    const { offsetLeft, offsetTop, offsetHeight } = labels[last];
    const below = [...others].filter((other) => other.offsetTop >= offsetTop + offsetHeight);
    below.forEach((other) => (other.style.order = "2"));
    status.hidden = !status.textContent;
    root.style.setProperty("--bar", `${bar.offsetHeight}px`);
    status.style.setProperty("--under", `${offsetLeft}px`);
  }

  // Another tab of the notebook may have asked.
  function follow() {
    const asked = model.get("request").at ?? at;
    labels.forEach((label, i) => {
      const inHand = document.hasFocus() && label.matches(":focus-within");
      if (inHand || asked[i] === at[i]) return;
      at[i] = asked[i];
      place(label, at[i]);
    });
  }

  async function answered() {
    follow();
    if (model.get("answered") === model.get("request").number) root.classList.remove("waiting");
    complain(model.get("complaint"));
    if (status.textContent) return;
    await take();
    speak(frames.captions[0].filter(Boolean).join(" "));
  }

  const labels = shape.controls.map((control, i) => {
    const moved = /** @type {Control} */ ({ ...control, at: at[i] });
    return controlOf(moved, (value) => changed(i, value));
  });
  bar.append(...labels);
  if (labels.length > 0) {
    bar.append(status);
    new ResizeObserver(settle).observe(bar);
  }
  el.replaceChildren(root);
  await take();
  model.on("change:answered", answered);
  const watch = new MutationObserver(redraw);
  watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", redraw);

  function stop() {
    model.off("change:answered", answered);
    watch.disconnect();
    dark.removeEventListener("change", redraw);
  }

  // Nobody calls `stop` for an output that is removed from a page, as when its cell runs again.
  function redraw() {
    if (el.isConnected) draw();
    else stop();
  }

  return stop;
}
