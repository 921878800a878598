import { signal } from "@preact/signals";
import { afterEach, describe, expect, it } from "vitest";
import { openDialog } from "./dialogs";
import { passAndNext } from "./flow";
import type { Session } from "./session";

/** An inspector's session at its last open item. */
function atTheEnd(why: string) {
  const toast = signal<{ text: string } | null>(null);
  const session = {
    mode: "acceptance",
    inspecting: true,
    active: true,
    payload: signal({ verdict: "" }),
    toast,
    desk: { may: () => ({ allowed: why === "", why }) },
    verb: () => undefined,
    nextOpen: () => null,
  } as unknown as Session;
  return { session, toast };
}

afterEach(() => {
  openDialog.value = null;
});

describe("after the last verdict", () => {
  it("the package may be handed in", () => {
    const { session } = atTheEnd("");
    passAndNext(session);
    expect(openDialog.value).toBe("submit");
  });

  it("a package of a lot says that the lot is decided as a whole", () => {
    const { session, toast } = atTheEnd("Decide on the lot.");
    passAndNext(session);
    expect(openDialog.value).toBeNull();
    expect(toast.value?.text).toContain("Decide on the lot.");
  });
});
