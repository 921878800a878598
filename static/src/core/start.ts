/* Brings the page to life: session, outbox, keys, clocks. */

import { effect, untracked } from "@preact/signals";
import { compared, followView, overlays } from "../content/compare";
import { setToken } from "./api";
import { bindPage } from "./app-keys";
import { changeAt, changesShown, layChanges, openChanges } from "./changes";
import { followCorrection } from "./correction";
import { followDefaults } from "./defaults";
import { recall } from "./handed";
import { setLanguage } from "./i18n";
import { listen } from "./keys";
import { sendLeftovers } from "./leftovers";
import type { Store, Transport } from "./outbox";
import { layRemarks, remarksOf, remarksShown } from "./remarks";
import { Session } from "./session";
import { keepSettings } from "./settings";
import { takeShortcuts } from "./shortcuts";
import { isSamePerson } from "./sign-in";
import { inMemory, openStore } from "./store";
import { holdAssignment } from "./tabs";
import { makeTransport } from "./transport";
import type { Bootstrap } from "./types";
import { beat, watch } from "./watch";
import { WorkTime } from "./worktime";

/** The page's session, ready to be shown; what an earlier visit left unsent joins it in a moment. */
export function start(boot: Bootstrap): Session {
  const time = new WorkTime();
  time.listen(document);
  // The device's store opens in its own time; until then rows wait in memory.
  const opened = openStore().catch(inMemory);
  const store: Store = {
    load: async (user) => (await opened).load(user),
    put: async (row) => (await opened).put(row),
    remove: async (row) => (await opened).remove(row),
  };
  const transport = makeTransport(time, () => isSamePerson(boot));
  const session = open(boot, store, transport);
  followCorrection(session);
  resume(session);
  watch(session);
  recall(boot.assignment.id, Date.now());
  void work(session, time).then(() =>
    sendLeftovers(boot.user.id, boot.assignment.id ?? 0, store, transport),
  );
  return session;
}

/** A session whose keys, overlays and panels follow it, wherever its changes go. */
export function open(boot: Bootstrap, store: Store, transport: Transport): Session {
  setLanguage(boot.language);
  setToken(boot.csrf);
  keepSettings();
  takeShortcuts(boot.user.shortcuts);
  const session = new Session(boot, store, transport);
  listen();
  bindPages(session);
  followItem(session);
  followOverlays(session);
  return session;
}

async function work(session: Session, time: WorkTime): Promise<void> {
  if (session.mode === "read") return;
  if (!(await holdAssignment(session))) {
    session.otherTab.value = true;
    return;
  }
  await session.outbox.restore();
  if (session.outbox.unsent.peek() > 0) session.rebuild();
  // Not before it is known what an earlier visit left: that is no untouched item.
  followDefaults(session);
  const { outbox } = session;
  // Asked for when it first matters: some browsers show the person a question.
  effect(() => {
    if (outbox.trouble.value?.kind === "offline") void navigator.storage?.persist?.();
  });
  addEventListener("online", () => outbox.retry());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void outbox.flush({ keepalive: true });
  });
  addEventListener("pagehide", () => void outbox.flush({ keepalive: true }));
  beat(session, time);
}

/** Keys follow the labels. */
function bindPages(session: Session): void {
  effect(() => {
    void session.template;
    return untracked(() => bindPage(session));
  });
}

/** An item that could not be had while signed out is loaded once the person is back. */
function resume(session: Session): void {
  effect(() => {
    const back = session.outbox.trouble.value === null;
    if (back && session.loadProblem.peek() === "signin") {
      void session.goTo(session.position.peek(), { replace: true });
    }
  });
}

/** Changes and remarks lie on the picture as long as they are wanted. */
function followOverlays(session: Session): void {
  effect(() => {
    const found = changesShown.value ? openChanges(session) : null;
    untracked(() => layChanges(found));
  });
  effect(() => {
    const document = remarksShown.value ? session.sheet.value?.document : null;
    void document?.changed.value;
    const remarks = remarksOf(session.payload.value);
    untracked(() => layRemarks(remarks, document ?? null));
  });
  effect(() => {
    void session.sheet.value;
    changeAt.value = -1;
  });
}

/** What belongs to one item only is forgotten with it; the browser's back and forward buttons walk through items. */
function followItem(session: Session): void {
  effect(() => {
    followView(session.position.value);
    compared.value = null;
    overlays.value = new Map();
    session.modifying.value = null;
    session.correcting.value = null;
  });
  addEventListener("popstate", () => {
    const position = Number(/\/(\d+)\/?$/.exec(location.pathname)?.[1]);
    if (Number.isInteger(position) && position !== session.position.peek()) {
      void session.goTo(position, { replace: true });
    }
  });
}
