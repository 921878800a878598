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
import "../topic/slot";
import "../topic/table";
import "../topic/text-edit";
import { show } from "../app-root";
import { start } from "../core/start";
import { waitForPreview } from "../preview/frame";

const root = document.getElementById("workbench");
const data = document.getElementById("bootstrap");

if (root && data) {
  const boot = JSON.parse(data.textContent ?? "{}");
  // Without an assignment it is told by the page around it what to show.
  if (boot.assignment === undefined) waitForPreview(root, boot);
  else show(root, start(boot));
}
