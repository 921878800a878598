/* Entry of the labeling page. */

import "../site/site.css";
import "../workbench.css";
import "../content/audio";
import "../content/image";
import "../content/link";
import "../content/markdown";
import "../content/pdf";
import "../content/text";
import "../content/video";
import "../topic/choice";
import "../topic/input";
import "../topic/open-ended";
import "../topic/pdf";
import "../topic/picture";
import "../topic/ranking";
import "../topic/rating";
import "../topic/segments";
import "../topic/table";
import "../topic/text-edit";
import { render } from "preact";
import { App } from "../app";
import { start } from "../core/start";
import { SessionProvider } from "../ui/context";

const root = document.getElementById("workbench");
const data = document.getElementById("bootstrap");

if (root && data) {
  const session = start(JSON.parse(data.textContent ?? "{}"));
  render(
    <SessionProvider value={session}>
      <App />
    </SessionProvider>,
    root,
  );
  document.documentElement.dataset.ready = "";
}
