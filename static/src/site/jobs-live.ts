/* Progress of the jobs whose rows are on the screen: one request for all of them every few seconds, none while the tab
   is hidden. Only cells that changed are replaced. */

import { localTimes } from "./lib/helpers";
import { onTick } from "./lib/live";

/** Whether two cells show the same. */
function same(one: Element, other: Element): boolean {
  const [left, right] = [one.childNodes, other.childNodes];
  return (
    left.length === right.length &&
    [...left].every((node, index) => node.isEqualNode(right[index] ?? null))
  );
}

export default function start(table: HTMLElement): void {
  const shown = new Set<HTMLElement>();
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries)
      if (entry.target instanceof HTMLElement)
        if (entry.isIntersecting) shown.add(entry.target);
        else shown.delete(entry.target);
  });
  for (const row of table.querySelectorAll<HTMLElement>("tr[data-job]")) watch.observe(row);
  let asking = false;

  async function refresh(): Promise<void> {
    if (asking || shown.size === 0 || !table.isConnected) return;
    asking = true;
    try {
      const ids = [...shown].map((row) => row.dataset.job).join(",");
      const answer = await fetch(`${table.dataset.url}?ids=${ids}`);
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      localTimes(page);
      for (const row of page.querySelectorAll<HTMLElement>("tr[data-job]")) replace(row);
    } catch {
      // The server cannot be reached just now; the next tick asks again.
    } finally {
      asking = false;
    }
  }

  function replace(row: HTMLElement): void {
    for (const cell of row.querySelectorAll<HTMLElement>("[data-cell]")) {
      const there = table.querySelector(
        `tr[data-job="${row.dataset.job}"] [data-cell="${cell.dataset.cell}"]`,
      );
      if (there !== null && !same(there, cell)) there.replaceChildren(...cell.childNodes);
    }
  }

  onTick(() => void refresh());
}
