/* A frame that shows a label template on items of a dataset, as people would work with it. */

import type { FieldError } from "../../core/api";
import { isOurs, type Said, type Show, type Wanted } from "../../preview/protocol";

const WAIT_MS = 400;
const ADDRESS = "/label-templates/preview/";

export interface Preview {
  /** Show this; of several in a row the last one. `name`: the heading. */
  show(wanted: Wanted, name?: string): void;
  /** Told what keeps the template from being shown; of nothing when it is. */
  onErrors: (errors: FieldError[]) => void;
  /** Listen no more. */
  stop(): void;
}

/** Show the frame as wide as a labeling page needs, made smaller where there is less room; call the result to stop. */
export function fit(frame: HTMLIFrameElement, least = 1180): () => void {
  const room = frame.parentElement;
  if (!room) return () => {};
  const lay = () => {
    const scale = Math.min(1, room.clientWidth / least);
    const { style } = frame;
    style.inlineSize = `${room.clientWidth / scale}px`;
    style.blockSize = `${room.clientHeight / scale}px`;
    style.transformOrigin = "0 0";
    style.transform = scale < 1 ? `scale(${scale})` : "";
  };
  const watcher = new ResizeObserver(lay);
  watcher.observe(room);
  return () => watcher.disconnect();
}

/** Bring the frame to life; it needs a title. */
export function preview(frame: HTMLIFrameElement): Preview {
  let ready = false;
  let latest: Show | null = null;
  let timer = 0;
  const send = () => {
    if (ready && latest) frame.contentWindow?.postMessage(latest, location.origin);
  };
  const hear = (event: MessageEvent<unknown>) => {
    if (!isOurs<Said>(event, frame.contentWindow)) return;
    const said = event.data;
    if (said.kind === "ready") {
      ready = true;
      send();
    } else if (said.kind === "shown") shown.onErrors([]);
    else if (said.kind === "refused") shown.onErrors(said.errors);
  };
  const shown: Preview = {
    show(wanted, name = "") {
      latest = { kind: "show", name, wanted };
      clearTimeout(timer);
      timer = window.setTimeout(send, WAIT_MS);
    },
    onErrors: () => {},
    stop() {
      clearTimeout(timer);
      removeEventListener("message", hear);
    },
  };
  addEventListener("message", hear);
  frame.src = frame.dataset.src ?? ADDRESS;
  return shown;
}
