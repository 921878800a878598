/* One package: its verbs open the dialog that says what they do. */

import { openVerb } from "./packages";

export default function start(form: HTMLElement): void {
  if (!(form instanceof HTMLFormElement)) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void openVerb(form, event.submitter);
  });
}
