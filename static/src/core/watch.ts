/* Keeps the page and the server in step: that the person is at work, and what has changed meanwhile. */

import { effect } from "@preact/signals";
import { request } from "./api";
import { say } from "./flow";
import { t } from "./i18n";
import type { Session } from "./session";
import type { Assignment } from "./types";
import type { WorkTime } from "./worktime";

const HEARTBEAT_MS = 60_000;
/** Strokes that save a claim are told of at most this often. */
const STROKE_MS = 5000;
const PULSE_MS = 30_000;
/** The first item is shown before anything further is asked for. */
const FIRST_PULSE_MS = 1000;

/** Ask now and then what has changed, and at once where the page was away. */
export function watch(session: Session): void {
  const { desk } = session;
  if (session.assignment.id === null) return;
  const look = () => {
    if (document.visibilityState === "visible" && !session.late.peek()) void desk.ask();
  };
  setTimeout(look, FIRST_PULSE_MS);
  setInterval(look, PULSE_MS);
  for (const name of ["online", "focus"]) addEventListener(name, look);
  document.addEventListener("visibilitychange", look);
  if (session.mode === "read") return;
  desk.run();
  followLabels(session);
  effect(() => {
    const state = desk.state.value;
    if (state === "claimed" || session.submitted.peek()) return;
    if (state === "submitted") session.submitted.value = true;
    else session.late.value = true;
  });
  // How it ended is asked once it is known that it did, or should have.
  effect(() => {
    if (session.late.value && desk.state.peek() === "claimed") void desk.ask();
  });
  effect(() => {
    if (desk.left.value?.phase === "over" && session.active) look();
  });
}

/** Labels that were added meanwhile are there from the next item on, so that nothing changes under the hand. */
function followLabels(session: Session): void {
  const { desk, assignment } = session;
  let shown = desk.labels.peek();
  let told = shown;
  effect(() => {
    const labels = desk.labels.value;
    if (labels === shown || labels === told) return;
    told = labels;
    say(session, t("labels.changed"));
  });
  effect(() => {
    void session.position.value;
    const labels = desk.labels.peek();
    if (labels === shown) return;
    shown = labels;
    void request<Assignment>(assignment.api).then((outcome) => {
      if (outcome.kind === "ok") session.relabel(outcome.body.template);
      else shown = "";
    });
  });
}

/** Tell the server that the person is at work where nothing else does: by real input or playing only. */
export function beat(session: Session, time: WorkTime): void {
  const { desk, outbox } = session;
  let busy = false;
  let tried = 0;
  const send = async (stroke: boolean) => {
    if (busy || outbox.unsent.peek() > 0 || !session.active) return;
    if (stroke && Date.now() - tried < STROKE_MS) return;
    const seconds = time.take();
    if (seconds === 0 && !stroke) return;
    busy = true;
    tried = Date.now();
    const url = `${session.assignment.api}/input`;
    const body = { seconds };
    const outcome = await request<{ expires_at: string | null }>(url, { method: "POST", body });
    busy = false;
    if (outcome.kind === "ok") desk.setEnd(outcome.body.expires_at);
    else time.giveBack(seconds);
    if (outcome.kind === "refused") void desk.ask();
  };
  setInterval(() => {
    if (document.visibilityState === "visible") void send(false);
  }, HEARTBEAT_MS);
  // A claim that was about to end stands anew with the first stroke.
  for (const name of ["keydown", "pointerdown"]) {
    document.addEventListener(name, () => {
      const phase = desk.left.peek()?.phase;
      if (phase !== undefined && phase !== "fresh") void send(true);
    });
  }
}
