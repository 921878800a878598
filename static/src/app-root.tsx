/* Puts the labeling page of a session into the document. */

import { render } from "preact";
import { App } from "./app";
import type { Session } from "./core/session";
import { SessionProvider } from "./ui/context";

export function show(root: HTMLElement, session: Session): void {
  render(
    <SessionProvider value={session}>
      <App />
    </SessionProvider>,
    root,
  );
  document.documentElement.dataset.ready = "";
}
