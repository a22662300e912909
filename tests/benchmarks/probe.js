// Tells when a picture on the screen has changed. A message posted from an animation frame is delivered after
// that frame was painted, so what it finds in the document is what can be seen.
function startProbe() {
  const canvas = new OffscreenCanvas(64, 64);
  const scratch = /** @type {OffscreenCanvasRenderingContext2D} */ (
    canvas.getContext("2d", { willReadFrequently: true })
  );
  const channel = new MessageChannel();
  let root = document.body;
  /** @type {string | null} */
  let last = null; // picture
  /** @type {number[]} */
  let keys = []; // when they were pressed
  /** @type {number[]} */
  let changes = []; // when they were painted

  /** @param {HTMLCanvasElement} canvas */
  function pixels(canvas) {
    scratch.drawImage(canvas, 0, 0, 64, 64);
    return scratch.getImageData(0, 0, 64, 64).data.reduce(
      (hash, value) => (Math.imul(hash, 31) + value) | 0,
      7,
    );
  }

  // Everything that is drawn; null while nothing is, as between two images.
  function picture() {
    const images = [...root.querySelectorAll("img")];
    if (images.some((image) => !image.complete || !image.naturalWidth)) return null;
    /** @type {NodeListOf<HTMLCanvasElement>} */
    const canvases = root.querySelectorAll(".plot canvas");
    const parts = [
      ...images.map((image) => image.src),
      ...Array.from(canvases, pixels),
      ...Array.from(root.querySelectorAll(".plot svg path"), (path) => path.getAttribute("d")),
      ...Array.from(root.querySelectorAll(".plot .cursor"), (cursor) => cursor.getAttribute("style")),
    ];
    return parts.length ? parts.join(" ") : null;
  }

  channel.port1.onmessage = () => {
    const painted = performance.now();
    const now = picture();
    if (now === null || now === last) return;
    changes.push(painted);
    last = now;
  };
  addEventListener("keydown", (event) => keys.push(event.timeStamp), { capture: true });
  function frame() {
    channel.port2.postMessage(null);
    requestAnimationFrame(frame);
  }
  frame();

  return {
    /** @param {HTMLElement} element */
    watch(element) {
      [root, keys, changes] = [element, [], []];
      last = picture();
    },
    /** @param {number} milliseconds */
    quiet: (milliseconds) =>
      changes.length > 0 && performance.now() - changes[changes.length - 1] > milliseconds,
    latency: () => changes[changes.length - 1] - keys[0],
  };
}

Object.assign(globalThis, { probe: startProbe() });
