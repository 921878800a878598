/* Every page but the labeling page: htmx, small helpers by data attribute, and one module a page.

   A page module is `src/site/<name>.ts` with a default export `(root: HTMLElement) => void`; it is loaded when an
   element with `data-page="<name>"` is in the page, also when htmx puts it there later. */

import "../site/site.css";
import "../site/lib/htmx";
import { startCountdowns } from "../site/lib/countdown";
import { startDialogs } from "../site/lib/dialog";
import { startHelpers } from "../site/lib/helpers";
import { startKeys } from "../site/lib/keys";
import { startLive } from "../site/lib/live";
import { startMenus } from "../site/lib/menu";
import { startTheme } from "../site/lib/theme";

type Page = (root: HTMLElement) => void | Promise<void>;

const modules = import.meta.glob<{ default: Page }>(["../site/*.ts", "!../site/*.test.ts"]);

async function startPage(root: HTMLElement): Promise<void> {
  if (root.dataset.pageStarted !== undefined) return;
  root.dataset.pageStarted = "";
  const name = root.dataset.page ?? "";
  const load = modules[`../site/${name}.ts`];
  if (load === undefined) {
    console.error(`no page module is named ${name}`);
    return;
  }
  await (await load()).default(root);
}

/** `html[data-ready]` says that all of the page listens: what is done before, by a test or another tool, is lost. */
async function startPages(root: ParentNode): Promise<void> {
  await Promise.all([...root.querySelectorAll<HTMLElement>("[data-page]")].map(startPage));
  document.documentElement.dataset.ready = "";
}

startTheme();
startMenus();
startDialogs();
startHelpers();
startCountdowns();
startKeys();
startLive();
void startPages(document);
document.addEventListener("htmx:after:swap", () => void startPages(document));
