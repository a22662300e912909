// Tells when a picture on the screen has changed. A message posted from an animation frame is delivered after
// that frame was painted, so what it finds in the document is what can be seen.
window.probe = (() => {
  const scratch = new OffscreenCanvas(64, 64).getContext("2d", { willReadFrequently: true });
  const channel = new MessageChannel();
  let [root, last, keys, changes] = [document.body, null, [], []];

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
    const parts = [
      ...images.map((image) => image.src),
      ...Array.from(root.querySelectorAll(".plot canvas"), pixels),
      ...Array.from(root.querySelectorAll(".plot svg path"), (path) => path.getAttribute("d")),
      ...Array.from(root.querySelectorAll(".plot .cursor"), (cursor) => cursor.style.cssText),
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
  window.addEventListener("keydown", (event) => keys.push(event.timeStamp), { capture: true });
  function frame() {
    channel.port2.postMessage(null);
    requestAnimationFrame(frame);
  }
  frame();

  return {
    watch(element) {
      [root, keys, changes] = [element, [], []];
      last = picture();
    },
    quiet: (milliseconds) => changes.length > 0 && performance.now() - changes.at(-1) > milliseconds,
    latency: () => changes.at(-1) - keys[0],
  };
})();
