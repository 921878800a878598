/* htmx with Django's CSRF token on every request, and errors shown as a message instead of swapped into a page. */

import htmx from "htmx.org";
import { toast } from "./toast";

/** Django's token for this page; the base template puts it into a meta element. */
export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

interface Context {
  request: { headers: Record<string, string> };
  response?: { status: number; headers: Headers };
  text?: string;
}

function contextOf(event: Event): Context {
  return (event as CustomEvent<{ ctx: Context }>).detail.ctx;
}

document.addEventListener("htmx:config:request", (event) => {
  contextOf(event).request.headers["X-CSRFToken"] = csrfToken();
});

/** Said once: what asks again by itself would repeat it for as long as the page is open. */
let signedOut = false;

/* htmx 4 swaps answers of any status. A form with mistakes (422) is meant to be swapped; an error page is not. */
document.addEventListener("htmx:before:swap", (event) => {
  const { response, text } = contextOf(event);
  if (response === undefined || response.status < 400 || response.status === 422) return;
  event.preventDefault();
  if (response.status === 401 && signedOut) return;
  signedOut = response.status === 401;
  toast(reason(text ?? "") || String(response.status), "error");
});

document.addEventListener("htmx:error", (event) => {
  // What asks again by itself says nothing of it.
  if (event.target instanceof Element && event.target.matches("[data-live]")) return;
  const offline = document.querySelector<HTMLElement>("[data-offline-text]")?.dataset.offlineText;
  if (offline) toast(offline, "error");
});

/** The sentence of an error page or of the API's error body. */
function reason(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && "detail" in body) return String(body.detail);
  } catch {
    const page = new DOMParser().parseFromString(text, "text/html");
    return page.querySelector("[data-error-reason]")?.textContent?.trim() ?? "";
  }
  return "";
}

export default htmx;
