/* One tab works on an assignment; a second one reads until the first is closed or it takes over. */

import type { Session } from "./session";

/** The lock of a person's work on an assignment. */
export function lockName(user: number, assignment: number): string {
  return `itag/${user}/${assignment}`;
}

function lockOf(session: Session): string {
  return lockName(session.boot.user.id, session.assignment.id ?? 0);
}

let current: Session | null = null;

/**
 * Hold the assignment for this tab, or become a reader. Resolves once it is known which.
 *
 * Without the Locks API (pages served without TLS) every tab works, and the server's versions keep them apart.
 */
export function holdAssignment(session: Session): Promise<boolean> {
  current = session;
  const locks = navigator.locks as LockManager | undefined;
  if (!locks || session.mode === "read") return Promise.resolve(true);
  const name = lockOf(session);
  return new Promise((resolve) => {
    void locks
      .request(name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        if (lock) return forever();
        void locks.request(name, () => {
          // The other tab is gone: what it saved is read anew.
          location.reload();
          return forever();
        });
        return null;
      })
      .catch(() => lost(session));
  });
}

/** Never settles: the lock is kept as long as the page lives, unless another tab steals it. */
function forever(): Promise<never> {
  return new Promise(() => undefined);
}

/** Another tab took the assignment over. */
function lost(session: Session): void {
  session.outbox.stop();
  session.otherTab.value = true;
}

/** Take the assignment away from the other tab. What that one had not sent is on this device and goes on from here. */
export function takeOver(): void {
  const session = current;
  if (!session) return;
  void navigator.locks
    .request(lockOf(session), { steal: true }, () => {
      location.reload();
      return new Promise<void>((resolve) => setTimeout(resolve, 2000));
    })
    .catch(() => undefined);
}
