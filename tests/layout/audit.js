// What is wrong with how an explorer is laid out, in sentences. Evaluated with the explorer's section.
/**
 * @typedef {{ text: string, box: DOMRect, parent: Element }} Piece a line of text, and where its ink is
 * @typedef {[red: number, green: number, blue: number, alpha: number]} Colour
 */

((/** @type {HTMLElement} */ section) => {
  const SLACK = 1.5; // pixels
  const SMALLEST = 8.5; // pixels of a letter's height
  const CONTRAST = 4.5;
  const SEEN = { visibilityProperty: true, contentVisibilityAuto: true };
  /** @type {string[]} */
  const findings = [];
  const whole = section.getBoundingClientRect();
  /** @param {Element} element */
  const title = (element) => element.closest("figure")?.querySelector("strong")?.textContent ?? "controls";
  /**
   * @param {Element} element
   * @param {string} what
   */
  const find = (element, what) => findings.push(`${title(element)}: ${what}`);

  // Ink is lower than its line: letters don't fill it.
  /** @returns {Piece[]} */
  function pieces() {
    const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const parent = text.parentElement;
      if (!parent || !text.textContent?.trim() || parent.closest(".spoken, select")) continue;
      if (!parent.checkVisibility(SEEN)) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      // What is too long ends in dots.
      const cut = [parent, parent.parentElement].find((part) =>
        part && getComputedStyle(part).textOverflow === "ellipsis"
      );
      const limits = cut?.getBoundingClientRect();
      const upright = getComputedStyle(parent).writingMode !== "horizontal-tb";
      for (const line of range.getClientRects()) {
        const [left, top] = [
          Math.max(line.left, limits?.left ?? -Infinity),
          Math.max(line.top, limits?.top ?? -Infinity),
        ];
        const width = Math.min(line.right, limits?.right ?? Infinity) - left;
        const height = Math.min(line.bottom, limits?.bottom ?? Infinity) - top;
        const [across, up] = upright ? [0.2 * width, 0] : [0, 0.2 * height];
        const box = new DOMRect(left + across, top + up, width - 2 * across, height - 2 * up);
        if (box.width > 0 && box.height > 0) found.push({ text: text.textContent.trim(), box, parent });
      }
    }
    return found;
  }

  /**
   * @param {DOMRect} inner
   * @param {DOMRect} outer
   */
  const within = (inner, outer) =>
    inner.left >= outer.left - SLACK && inner.right <= outer.right + SLACK &&
    inner.top >= outer.top - SLACK && inner.bottom <= outer.bottom + SLACK;

  /** The box that a text must not leave. @param {Element} parent */
  function roomOf(parent) {
    const cells = parent.closest(".cells");
    if (cells) {
      const { width, height } = cells.getBoundingClientRect();
      const { width: columns, height: rows } = /** @type {HTMLCanvasElement} */ (
        cells.parentElement?.querySelector("canvas")
      );
      const k = [...cells.children].indexOf(parent);
      const origin = cells.getBoundingClientRect();
      return new DOMRect(
        origin.left + ((k % columns) * width) / columns,
        origin.top + (Math.floor(k / columns) * height) / rows,
        width / columns,
        height / rows,
      );
    }
    const label = parent.closest("text");
    if (label?.matches(".graph .value")) return label.previousElementSibling?.getBoundingClientRect();
    if (label?.matches(".symbol, .word, .inside, .number:not(.beside)")) {
      return label.closest(".part")?.firstElementChild?.getBoundingClientRect();
    }
    return (parent.closest("svg") ?? section).getBoundingClientRect();
  }

  /** @param {string} css */
  function colourOf(css) {
    const numbers = css.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    const full = css.startsWith("color(") ? numbers.map((part, k) => (k < 3 ? 255 * part : part)) : numbers;
    return /** @type {Colour} */ ([...full, 1].slice(0, 4));
  }
  /** @param {Colour} colour */
  const light = (colour) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, share, k) => {
      const part = colour[k] / 255;
      return sum + share * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    }, 0);
  /**
   * @param {Colour} one
   * @param {Colour} other
   */
  function contrast(one, other) {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  }
  /** @param {Element | null} element @returns {Colour} */
  function backgroundOf(element) {
    for (let at = element; at; at = at.parentElement) {
      const colour = colourOf(getComputedStyle(at).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  }
  /** What a cell's number stands on. @param {Element} parent @returns {Colour} */
  function pixelBehind(parent) {
    const cells = /** @type {Element} */ (parent.closest(".cells"));
    const canvas = /** @type {HTMLCanvasElement} */ (cells.parentElement?.querySelector("canvas"));
    const k = [...cells.children].indexOf(parent);
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy?.drawImage(canvas, 0, 0);
    const at = copy?.getImageData(k % canvas.width, Math.floor(k / canvas.width), 1, 1).data;
    return at?.[3] ? [at[0], at[1], at[2], 1] : backgroundOf(cells);
  }

  const all = pieces();
  for (const { text, box, parent } of all) {
    const room = roomOf(parent);
    if (room && !within(box, room)) find(parent, `“${text}” leaves its box`);
    const style = getComputedStyle(parent);
    const drawing = parent.closest("svg");
    const scale = drawing?.getScreenCTM()?.a ?? 1;
    if (scale * parseFloat(style.fontSize) < SMALLEST) {
      find(parent, `“${text}” is ${(scale * parseFloat(style.fontSize)).toFixed(1)} pixels high`);
    }
    const faint = parent.closest(".idle");
    const behind = parent.closest(".cells")
      ? pixelBehind(parent)
      : parent.closest("circle, .symbol, .number, .value")
      ? null
      : backgroundOf(parent);
    const ratio = behind && contrast(colourOf(drawing ? style.fill : style.color), behind);
    if (!faint && ratio && ratio < CONTRAST) find(parent, `“${text}” has a contrast of ${ratio.toFixed(1)}`);
  }

  // Text over text: in the order of their tops only the next few can meet.
  const order = all.toSorted((one, other) => one.box.top - other.box.top);
  order.forEach((one, k) => {
    for (const other of order.slice(k + 1)) {
      if (other.box.top > one.box.bottom) break;
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - other.box.top;
      if (across > SLACK && down > SLACK && one.parent !== other.parent) {
        find(one.parent, `“${one.text}” and “${other.text}” overlap`);
      }
    }
  });

  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) findings.push(`the page scrolls sideways to ${page.scrollWidth}`);
  for (
    const part of section.querySelectorAll("figure, .plot, label, input, select, .key, .scale i, .reading")
  ) {
    const box = part.getBoundingClientRect();
    if (!part.checkVisibility(SEEN)) continue;
    const inside = box.left >= whole.left - SLACK && box.right <= whole.right + SLACK;
    if (!inside) find(part, `${part.className || part.localName} is cut off`);
  }
  for (const key of section.querySelectorAll(".key")) {
    const { width, height } = key.getBoundingClientRect();
    const sample = getComputedStyle(key, "::before");
    if (!(width && height && parseFloat(sample.width) > 0)) find(key, `no legend for “${key.textContent}”`);
  }
  // What carries meaning by its colour alone keeps it.
  for (const part of section.querySelectorAll(".cursor.hair:not([hidden]), .key.dot, .key.box")) {
    const style = getComputedStyle(part, part.matches(".key") ? "::before" : undefined);
    const filled = colourOf(style.backgroundColor)[3] ? style.backgroundColor : style.borderTopColor;
    if (contrast(colourOf(filled), backgroundOf(section)) < 3) find(part, `${part.className} can't be seen`);
  }
  return findings;
});
