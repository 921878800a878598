/* The table of people by role: counts the ticks of each column, hides the columns of stages that are not there, and
   keeps whoever is ticked when a search brings other people. */

import { find } from "./lib/labels";

const PEOPLE = "[data-people]";
/** The roles that a table shows; all where nothing was said of it. */
const shownRoles = new WeakMap<HTMLElement, ReadonlySet<string>>();

export interface Subject {
  kind: "users" | "teams";
  id: number;
  label: string;
}

/** Keep the number in each column's head in step with its ticks, and the rows with what is searched for. */
export function startPeople(root: ParentNode): void {
  const table = root.querySelector<HTMLElement>(PEOPLE);
  if (table === null) return;
  table.addEventListener("change", () => count(table));
  const search = find<HTMLInputElement>(table, "[data-people-search]");
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    const first = table.querySelector<HTMLElement>("#people-found td:not([hidden]) input");
    first?.focus();
  });
  // The search asks for rows of its own; what is typed there is no change of the form.
  search.addEventListener("change", (event) => event.stopPropagation());
  table.addEventListener("htmx:before:swap", () => keepTicked(table));
  table.addEventListener("htmx:after:swap", () => {
    dropDoubles(table);
    apply(table);
    count(table);
  });
  count(table);
}

/** Show exactly these roles; the inputs of the others are switched off, so that they are not sent. */
export function showRoles(root: ParentNode, roles: ReadonlySet<string>): void {
  const table = root.querySelector<HTMLElement>(PEOPLE);
  if (table === null) return;
  shownRoles.set(table, roles);
  apply(table);
}

/** Who is ticked for the role, teams and people, in the order of the rows. */
export function ticked(root: ParentNode, role: string): Subject[] {
  const found: Subject[] = [];
  for (const input of root.querySelectorAll<HTMLInputElement>(
    `${PEOPLE} td[data-role="${role}"] input:checked`,
  )) {
    const row = input.closest<HTMLElement>("[data-subject]");
    const kind = row?.dataset.subject?.startsWith("teams") ? "teams" : "users";
    found.push({ kind, id: Number(input.value), label: row?.dataset.label ?? "" });
  }
  return found;
}

function apply(table: HTMLElement): void {
  const roles = shownRoles.get(table);
  if (roles === undefined) return;
  for (const cell of table.querySelectorAll<HTMLElement>("[data-role]")) {
    const shown = roles.has(cell.dataset.role ?? "");
    cell.hidden = !shown;
    for (const input of cell.querySelectorAll("input")) input.disabled = !shown;
  }
}

/** Rows with a tick move to those that no search takes away. */
function keepTicked(table: HTMLElement): void {
  const chosen = find(table, "[data-chosen]");
  for (const row of table.querySelectorAll<HTMLElement>("#people-found [data-subject]"))
    if (row.querySelector("input:checked") !== null) chosen.append(row);
}

function dropDoubles(table: HTMLElement): void {
  for (const row of table.querySelectorAll<HTMLElement>("#people-found [data-subject]"))
    if (table.querySelector(`[data-chosen] [data-subject="${row.dataset.subject}"]`) !== null)
      row.remove();
}

function count(table: HTMLElement): void {
  for (const badge of table.querySelectorAll<HTMLElement>("[data-count]")) {
    const cells = table.querySelectorAll(`td[data-role="${badge.dataset.count}"] input:checked`);
    badge.textContent = String(cells.length);
    badge.classList.toggle("info", cells.length > 0);
  }
}

export default startPeople;
