// The view of a widget that is not displayed: it takes the seats in outputs that have its name, and says what is
// the matter where the kernel doesn't answer.
/** @import { Bundle, Kernel, Seated, View, Widget } from "./types.d.ts" */
import { node } from "./dom.js";

const PATIENCE = 1500; // milliseconds that an answer may take before something is said
const BUSY =
  "No answer yet: the kernel is busy, or gone. Wait for what runs; restart the kernel only if nothing does.";
const AWAY = "No connection to the kernel. It is tried again and again; if nothing comes, reload the page.";
const ENDED = ["restarting", "autorestarting", "terminating", "dead"];

/**
 * What anywidget calls, made of a view.
 *
 * @template {Seated} Traits
 * @param {(widget: Widget<Traits>) => View} render
 * @param {number} pause milliseconds without a new answer, after which the output is renewed
 */
export function seated(render, pause) {
  /** @param {{ model: Widget<Traits>["model"] }} widget */
  function initialize({ model }) {
    /** @type {HTMLElement[]} */
    const places = [];
    /** @type {View[]} */
    const views = [];
    let away = "";
    let ended = "";
    /** @type {HTMLElement | null} */
    let focused = null;
    let composing = false;
    /** @type {number | undefined} */
    let waiting;
    /** @type {number | undefined} */
    let resting;

    // An output that is renewed is a new seat: the view moves there with all that it shows.
    /** @param {HTMLElement} seat */
    function take(seat) {
      const place = places.find((place) => !place.isConnected) ?? open();
      seat.replaceChildren(place);
      if (!place.hasChildNodes()) fill(place);
      if (place.contains(focused)) focused?.focus({ preventScroll: true });
    }

    function open() {
      const place = node("div");
      place.addEventListener("focusin", (event) => (focused = /** @type {HTMLElement} */ (event.target)));
      // When an output is renewed the focus is back before this is looked at.
      place.addEventListener("focusout", () =>
        setTimeout(() => {
          if (!focused?.matches(":focus")) focused = null;
        }));
      place.addEventListener("compositionstart", () => (composing = true));
      place.addEventListener("compositionend", () => {
        composing = false;
        rest();
      });
      places.push(place);
      return place;
    }

    /** @param {HTMLElement} place */
    function fill(place) {
      const view = node("div");
      place.append(view, node("p", { className: "kernel", role: "status" }));
      views.push(render({ model, el: view }));
      say();
    }

    function say(busy = "") {
      const text = ended || away || busy;
      for (const place of places) {
        place.classList.toggle("alone", text !== "");
        const line = place.lastElementChild;
        if (line && line.textContent !== text) line.textContent = text;
      }
    }

    function asked() {
      waiting ??= setTimeout(() => say(BUSY), PATIENCE);
    }

    function answered() {
      clearTimeout(waiting);
      waiting = undefined;
      if (model.get("answered") !== model.get("request").number) asked();
      say();
      rest();
    }

    // The output is renewed when nothing is asked, typed or dragged for a while.
    function rest() {
      clearTimeout(resting);
      resting = setTimeout(() => {
        if (composing || model.get("kept") === model.get("answered")) return;
        if (places.some((place) => place.matches(":active"))) return rest();
        model.set("kept", model.get("answered"));
        model.save_changes();
      }, pause);
    }

    // A page that was reloaded doesn't know any more whose output the kernel renews.
    /** @param {Bundle} bundle */
    function renew(bundle) {
      for (const { outputs } of model.widget_manager?.context?.model?.cells ?? []) {
        for (let place = 0; outputs && place < outputs.length; place++) {
          const output = outputs.get(place).toJSON();
          const page = String(output.data?.["text/html"]);
          if (page.includes(seat) && page !== bundle.data["text/html"]) {
            outputs.set(place, { ...output, ...bundle });
          }
        }
      }
    }

    function end() {
      clearTimeout(resting);
      ended = `The kernel was restarted or ended. ${model.get("wake")}`;
      say();
    }

    const seat = `data-seat="${model.get("seat")}"`;
    const own = `[${seat}]`;
    /** @param {Event} event */
    function heard({ target }) {
      const taken = /** @type {HTMLElement} */ (target);
      if (taken.matches(own)) take(taken);
    }

    const forget = watch(model.widget_manager?.context?.sessionContext, end, (text) => {
      away = text;
      say();
    });
    model.on("change:request", asked);
    model.on("change:answered", answered);
    model.on("comm_live_update", end);
    model.on("msg:custom", renew);
    document.addEventListener("seat", heard);
    document.querySelectorAll(own).forEach((seat) => take(/** @type {HTMLElement} */ (seat)));

    return async () => {
      clearTimeout(waiting);
      clearTimeout(resting);
      forget();
      model.off(null); // JupyterLab keeps a model that is closed, and with it all that hears it
      document.removeEventListener("seat", heard);
      for (const stop of await Promise.all(views)) stop();
    };
  }

  return { initialize };
}

/**
 * Hear how the kernel of a notebook fares, where the notebook tells; returns what ends the hearing.
 *
 * @param {Kernel | undefined} kernel
 * @param {() => void} end
 * @param {(text: string) => void} leave
 */
function watch(kernel, end, leave) {
  /**
   * @param {unknown} _sender
   * @param {string} status
   */
  const status = (_sender, status) => ENDED.includes(status) && end();
  /**
   * @param {unknown} _sender
   * @param {string} status
   */
  const connection = (_sender, status) => leave(status === "connected" ? "" : AWAY);
  kernel?.statusChanged.connect(status);
  kernel?.kernelChanged.connect(end);
  kernel?.connectionStatusChanged.connect(connection);
  return () => {
    kernel?.statusChanged.disconnect(status);
    kernel?.kernelChanged.disconnect(end);
    kernel?.connectionStatusChanged.disconnect(connection);
  };
}
