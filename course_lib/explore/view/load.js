// What anywidget loads anew for each widget, and the browser keeps: so it only asks for the module that all share.
/** @import { Code, Seated, Widget } from "./types.d.ts" */

export default {
  /** @param {Pick<Widget<Seated>, "model">} widget */
  async initialize({ model }) {
    const code = /** @type {Code} */ (await model.widget_manager?.get_model(model.get("code")));
    code.loaded ??= load(code.get("text"));
    return (await code.loaded).default.initialize({ model });
  },
};

/** @param {string} text */
async function load(text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}
