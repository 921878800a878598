/* How long the next item takes: `item-key` at the key press, `item-painted` once its picture is on the screen. */

export function markKey(position: number): void {
  performance.mark("item-key", { detail: { position } });
}

/** Mark after the frame that is being made now has been painted. */
export function markPainted(position: number): void {
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      performance.mark("item-painted", { detail: { position } });
      document.documentElement.dataset.painted = String(position);
      channel.port1.close();
    };
    channel.port2.postMessage(null);
  });
}
