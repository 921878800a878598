import { signal } from "@preact/signals";

/** The dialogs that people open themselves; those that trouble opens stand beside it. */
export type DialogName =
  | "help"
  | "abandon"
  | "reject"
  | "reject-package"
  | "give-back"
  | "withdraw"
  | "again"
  | "flag"
  | "appeal"
  | "submit"
  | "settings"
  | "shortcuts"
  | "unsent"
  | "pace"
  | "correct"
  | "abandon-item"
  | "pass-rest";

export const openDialog = signal<DialogName | null>(null);

export function ask(name: DialogName): void {
  openDialog.value = name;
}

export function closeDialog(): void {
  openDialog.value = null;
}
