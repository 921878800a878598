/* The list of label templates: copies, the archive, and files that are read. What is made opens in the builder. */

import { csrfToken } from "./lib/htmx";

interface Answer {
  id?: number;
  detail?: string;
}

export default function start(root: HTMLElement): void {
  const { api = "", workspace = "", edit = "", most = "0" } = root.dataset;
  const complain = (text: string) => {
    const box = root.querySelector<HTMLElement>("[data-problem]");
    if (!box) return;
    box.hidden = text === "";
    const place = box.querySelector("p");
    if (place) place.textContent = text;
    if (text !== "") box.scrollIntoView({ block: "nearest" });
  };
  const send = async (path: string, body: string): Promise<Answer | null> => {
    complain("");
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
    try {
      const response = await fetch(`${api}${path}`, { method: "POST", headers, body });
      const answer = (await response.json()) as Answer;
      if (response.ok) return answer;
      complain(answer.detail ?? String(response.status));
    } catch {
      complain(document.querySelector<HTMLElement>("[data-toasts]")?.dataset.offlineText ?? "");
    }
    return null;
  };
  const open = (made: Answer | null) => {
    if (made?.id !== undefined) location.assign(edit.replace("/0/", `/${made.id}/`));
  };
  root.addEventListener("click", async (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button");
    if (!button || button.disabled) return;
    const { clone, archive, archived } = button.dataset;
    if (clone === undefined && archive === undefined) return;
    button.disabled = true;
    if (clone !== undefined) {
      open(await send(`/${clone}/clone`, JSON.stringify({ workspace: Number(workspace) })));
    } else if (
      await send(`/${archive}/archive`, JSON.stringify({ archived: archived === "true" }))
    ) {
      location.reload();
      return;
    }
    button.disabled = false;
  });
  root
    .querySelector<HTMLInputElement>("[data-import]")
    ?.addEventListener("change", async (event) => {
      const input = event.target as HTMLInputElement;
      const file = input.files?.[0];
      if (!file) return;
      input.value = "";
      if (file.size > Number(most)) {
        complain(root.dataset.tooLarge ?? "");
        return;
      }
      const text = await file.text();
      try {
        JSON.parse(text);
      } catch {
        complain(root.dataset.notJson ?? "");
        return;
      }
      open(await send(`/file?workspace=${workspace}`, text));
    });
}
