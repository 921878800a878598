/* Work that an earlier visit left on this device for other packages: sent when nobody has them open. */

import { Outbox, type Store, type Transport } from "./outbox";
import { lockName } from "./tabs";

/**
 * Send what waits for the person's other assignments. What meets a conflict or is refused stays on the device until its
 * own page is opened.
 */
export async function sendLeftovers(
  user: number,
  current: number,
  store: Store,
  transport: Transport,
): Promise<void> {
  const rows = await store.load(user);
  const others = new Set(rows.map((row) => row.assignment).filter((id) => id !== current));
  for (const assignment of others) {
    const outbox = new Outbox({
      user,
      assignment,
      store,
      transport,
      onStored: () => undefined,
    });
    await exclusively(lockName(user, assignment), async () => {
      await outbox.restore();
      await outbox.flush();
      outbox.stop();
    });
  }
}

/** Do something unless another tab works on the assignment. */
async function exclusively(name: string, work: () => Promise<void>): Promise<void> {
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return work();
  await locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}
