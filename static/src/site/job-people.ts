/* The table of people by role: counts the ticks of each column, hides the columns of stages that are not there. */

const PEOPLE = "[data-people]";

/** Keep the number in each column's head in step with its ticks. */
export function startPeople(root: ParentNode): void {
  const table = root.querySelector<HTMLElement>(PEOPLE);
  if (table === null) return;
  table.addEventListener("change", () => count(table));
  count(table);
}

/** Show exactly these roles; the inputs of the others are switched off, so that they are not sent. */
export function showRoles(root: ParentNode, roles: ReadonlySet<string>): void {
  for (const cell of root.querySelectorAll<HTMLElement>(`${PEOPLE} [data-role]`)) {
    const shown = roles.has(cell.dataset.role ?? "");
    cell.hidden = !shown;
    for (const input of cell.querySelectorAll("input")) input.disabled = !shown;
  }
}

function count(table: HTMLElement): void {
  for (const badge of table.querySelectorAll<HTMLElement>("[data-count]")) {
    const cells = table.querySelectorAll(`td[data-role="${badge.dataset.count}"] input:checked`);
    badge.textContent = String(cells.length);
    badge.classList.toggle("info", cells.length > 0);
  }
}

export default startPeople;
