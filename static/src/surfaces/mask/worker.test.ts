import { expect, it, vi } from "vitest";
import type { FromMaskWorker, ToMaskWorker } from "./mask.worker";
import { pickColor } from "./worker";

/** Answers with the name of the picture that it was told of last. */
vi.mock("./mask.worker?worker", () => ({
  default: class {
    onmessage: (event: { data: FromMaskWorker }) => void = () => undefined;
    private known: unknown = "no picture";
    postMessage(message: ToMaskWorker): void {
      if (message.kind === "picture") this.known = message.bitmap;
      else this.onmessage({ data: { ticket: message.ticket, result: this.known as never } });
    }
  },
}));

it("is asked about a picture only once it has that one, and again after it could not be had", async () => {
  let broken = false;
  vi.stubGlobal("createImageBitmap", async (picture: { name: string }) => {
    await new Promise((resolve) => setTimeout(resolve));
    if (broken) throw new Error("closed");
    return picture.name;
  });
  const pick = (picture: { name: string }) =>
    pickColor(picture as never, { width: 9, height: 9 }, [1, 1], 0);
  const [first, second, third] = [{ name: "first" }, { name: "second" }, { name: "third" }];
  expect(await pick(first)).toBe("first");
  expect(await Promise.all([pick(second), pick(second)])).toEqual(["second", "second"]);
  broken = true;
  expect(await pick(third)).toBeNull();
  broken = false;
  expect(await pick(third)).toBe("third");
  vi.unstubAllGlobals();
});
