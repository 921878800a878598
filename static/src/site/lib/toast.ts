/* Short messages at the corner; the container is a live region, so they are read out. */

export type Tone = "info" | "success" | "warning" | "error";

/** Show a message; errors stay until they are closed. */
export function toast(text: string, tone: Tone = "info"): void {
  const region = document.querySelector<HTMLElement>("[data-toasts]");
  if (region === null) return;
  const template = document.querySelector<HTMLTemplateElement>("#toast");
  const note = template?.content.firstElementChild?.cloneNode(true);
  if (!(note instanceof HTMLElement)) return;
  note.classList.add(tone);
  const body = note.querySelector("p");
  if (body !== null) body.textContent = text;
  region.append(note);
  if (tone !== "error") setTimeout(() => note.remove(), 6000);
}
