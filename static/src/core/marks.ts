/* How long the next item takes: `item-key` at the key press, `item-painted` once its picture is on the screen. */

const MOST = 200;

export function markKey(position: number): void {
  // The browser keeps marks for good.
  if (performance.getEntriesByName("item-key").length >= MOST) {
    performance.clearMarks("item-key");
    performance.clearMarks("item-painted");
  }
  performance.mark("item-key", { detail: { position } });
}

/** Mark the item once the frame that is being made has been painted. Called while it is made: in its callback. */
export function markPainted(position: number): void {
  // A message is a task of its own, and the first task after a frame's callbacks comes after its painting.
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    performance.mark("item-painted", { detail: { position } });
    document.documentElement.dataset.painted = String(position);
    channel.port1.close();
  };
  channel.port2.postMessage(null);
}
