/* The labeling page inside the frame of a preview: real components on real items, and nothing is stored. */

import { show } from "../app-root";
import { request, setToken } from "../core/api";
import { followDefaults } from "../core/defaults";
import { setLanguage, t } from "../core/i18n";
import type { Answer, Entry, Row } from "../core/outbox";
import type { Session } from "../core/session";
import { open } from "../core/start";
import { inMemory } from "../core/store";
import type { Bootstrap } from "../core/types";
import { isOurs, PREVIEW_API, type Said, type Show, type Tried, type Wanted } from "./protocol";

const VERBS = ["submit", "release", "skip", "withdraw", "reject"] as const;

/** What the page brings of the person in front of it. */
export type Reader = Pick<
  Bootstrap,
  "user" | "csrf" | "language" | "home" | "signin" | "preferences"
>;

/** Wait for the page around this one to say what is shown; again and again. */
export function waitForPreview(root: HTMLElement, reader: Reader): void {
  setLanguage(reader.language);
  setToken(reader.csrf);
  const around = window.parent;
  const say = (said: Said) => around.postMessage(said, location.origin);
  let shown: { session: Session; items: string } | null = null;
  let asked = 0;
  const take = async ({ wanted, name }: Show) => {
    const mine = ++asked;
    const outcome = await request<Tried>(PREVIEW_API, { method: "POST", body: wanted });
    if (mine !== asked) return;
    if (outcome.kind === "refused") {
      const { errors, detail } = outcome;
      say({ kind: "refused", errors: errors.length > 0 ? errors : [{ message: detail }] });
      return;
    }
    if (outcome.kind !== "ok") {
      const message = t(outcome.kind === "signin" ? "preview.signedOut" : "save.unreachable");
      say({ kind: "refused", errors: [{ message }] });
      return;
    }
    const tried = outcome.body;
    if (tried.items.length === 0) {
      say({ kind: "refused", errors: [{ message: t("preview.noItems") }] });
      return;
    }
    const items = placeOf(wanted, tried);
    if (shown?.items === items) {
      empty(shown.session, tried);
      shown.session.relabel(tried.template);
    } else if (shown) {
      // Another package is another page: keys, undo and what is remembered begin anew.
      location.reload();
      return;
    } else {
      shown = { session: begin(reader, tried, name), items };
      show(root, shown.session);
    }
    say({ kind: "shown" });
  };
  if (around === window) return;
  addEventListener("message", (event) => {
    if (isOurs<Show>(event, around) && event.data.kind === "show") void take(event.data);
  });
  say({ kind: "ready" });
}

function placeOf(wanted: Wanted, { items }: Tried): string {
  return [wanted.dataset, ...items.map((item) => item.position)].join();
}

/** Every item without an answer: those to other questions are not answers to these. */
function empty(session: Session, { items }: Tried): void {
  for (const item of items) {
    session.items.put(item);
    session.updateList(item.position, item.state);
  }
}

function begin(reader: Reader, tried: Tried, name: string): Session {
  const [first] = tried.items;
  if (first === undefined) throw new Error("a preview has items");
  const boot: Bootstrap = {
    ...reader,
    assignment: {
      id: null,
      job: { id: 0, name },
      package: { number: 1, item_count: tried.items.length },
      stage: "labeling",
      round: 1,
      state: "claimed",
      mode: "labeling",
      template: tried.template,
      language: tried.language,
      first: first.position,
      items: tried.items.map(({ position, state, version }) => ({ position, state, version })),
      feedback_lists: { error_types: [], severities: [] },
      can: {},
      why: Object.fromEntries(VERBS.map((verb) => [verb, t("preview.nothingStored")])),
      api: PREVIEW_API,
    },
    position: first.position,
    item: first,
    guide: "",
    own: true,
    preview: true,
    recogniser: { why: t("preview.noRecogniser") },
    now: new Date().toISOString(),
    job_state: "running",
    claim_seconds: 0,
    labels: "",
    workspace: 0,
    back: "",
  };
  const session = open(boot, inMemory(), keepNothing());
  for (const item of tried.items) session.items.put(item);
  followDefaults(session);
  return session;
}

/** Says of everything that it is stored. */
function keepNothing() {
  let version = 0;
  return async (row: Readonly<Row>, entry: Entry): Promise<Answer> => {
    version = Math.max(version, row.version) + 1;
    if (entry.kind === "verb" && entry.verb === "flag") {
      return { kind: "refused", status: 403, detail: t("preview.nothingStored") };
    }
    const state = entry.kind === "verb" && entry.verb === "abandon" ? "abandoned" : "answered";
    return { kind: "stored", version, state, verdict: "", late: false };
  };
}
