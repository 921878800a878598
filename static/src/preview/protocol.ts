/* What a page and the preview in its frame say to each other; both are of one origin. */

import type { FieldError } from "../core/api";
import type { ItemPayload, Template } from "../core/types";

export const PREVIEW_API = "/api/v1/label-templates/preview";

/** What is shown: see POST /label-templates/preview. */
export interface Wanted {
  dataset: number;
  first?: number;
  language?: string;
  template?: number;
  draft?: unknown;
  options?: unknown;
  selected_questions?: unknown;
  field_bindings?: unknown;
  shapes?: unknown;
  overrides?: unknown;
}

export interface Tried {
  template: Template;
  language: string;
  items: ItemPayload[];
}

/** From the page to the frame. */
export interface Show {
  kind: "show";
  name: string;
  wanted: Wanted;
}

/** From the frame to the page. */
export type Said =
  | { kind: "ready" }
  | { kind: "shown" }
  | { kind: "refused"; errors: FieldError[] };

/** Whether a message is one of these; anything else that is posted to the window is passed over. */
export function isOurs<T extends { kind: string }>(
  event: MessageEvent<unknown>,
  from: MessageEventSource | null,
): event is MessageEvent<T> {
  const { data } = event;
  return (
    event.origin === location.origin &&
    event.source === from &&
    typeof data === "object" &&
    data !== null &&
    typeof (data as { kind?: unknown }).kind === "string"
  );
}
