import { describe, expect, it } from "vitest";
import { GivenUp, Queue } from "./queue";

/** Pieces that end when they are told to, and stop when they are aborted. */
function bench() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const piece = (key: string, rank: number) => ({
    key,
    rank,
    run: (signal: AbortSignal) =>
      new Promise<string>((resolve, reject) => {
        begun.push(key);
        ends.set(key, () => resolve(key));
        signal.addEventListener("abort", () => reject(new Error("stopped")));
      }),
  });
  const end = async (key: string) => {
    ends.get(key)?.();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { begun, piece, end };
}

describe("a queue", () => {
  it("does one piece at a time, the most wanted first, each once", async () => {
    const { begun, piece, end } = bench();
    const queue = new Queue(9, 0);
    const a = queue.add(piece("a", 1));
    const b = queue.add(piece("b", 2));
    const c = queue.add(piece("c", 1));
    expect(queue.add(piece("b", 2))).toBe(b);
    await end("a");
    expect(begun).toEqual(["a", "c"]);
    await end("c");
    await end("b");
    expect(await Promise.all([a, b, c])).toEqual(["a", "b", "c"]);
    expect(begun).toEqual(["a", "c", "b"]);
  });

  it("lets what is wanted more go first, and begins the other again", async () => {
    const { begun, piece, end } = bench();
    const queue = new Queue(9, 0);
    const thumb = queue.add(piece("thumb", 5));
    const page = queue.add(piece("page", 0));
    await end("nothing");
    expect(begun).toEqual(["thumb", "page"]);
    await end("page");
    expect(await page).toBe("page");
    await end("thumb");
    expect(await thumb).toBe("thumb");
    expect(begun).toEqual(["thumb", "page", "thumb"]);
  });

  it("gives up what is not wanted any more", async () => {
    const { begun, piece, end } = bench();
    const queue = new Queue(9, 0);
    void queue.add(piece("page", 0));
    const old = queue.add(piece("thumb1", 5));
    const kept = queue.add(piece("thumb2", 5));
    queue.drop(({ key }) => key === "thumb1");
    await expect(old).rejects.toBeInstanceOf(GivenUp);
    await end("page");
    expect(begun).toEqual(["page", "thumb2"]);
    queue.drop(({ key }) => key === "other");
    queue.close();
    await expect(kept).rejects.toBeInstanceOf(GivenUp);
    await expect(queue.add(piece("late", 0))).rejects.toBeInstanceOf(GivenUp);
  });

  it("stops what is being done and not wanted any more", async () => {
    const { begun, piece, end } = bench();
    const queue = new Queue(9, 0);
    const first = queue.add(piece("page1", 0));
    queue.drop(({ rank }) => rank === 0);
    const again = queue.add(piece("page1", 0));
    await expect(first).rejects.toBeInstanceOf(GivenUp);
    await end("page1");
    expect(await again).toBe("page1");
    expect(begun).toEqual(["page1", "page1"]);
  });

  it("lets what is not urgent wait until it has been quiet for a while", async () => {
    const { begun, piece, end } = bench();
    const queue = new Queue(5, 20);
    queue.rest();
    void queue.add(piece("thumb", 5)).catch(() => undefined);
    void queue.add(piece("page", 0));
    expect(begun).toEqual(["page"]);
    await end("page");
    expect(begun).toEqual(["page"]);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(begun).toEqual(["page", "thumb"]);
    queue.close();
  });

  it("passes failures on and goes on with the next", async () => {
    const queue = new Queue(9, 0);
    const broken = queue.add({ key: "x", rank: 0, run: () => Promise.reject(new Error("broken")) });
    const fine = queue.add({ key: "y", rank: 0, run: () => Promise.resolve(1) });
    await expect(broken).rejects.toThrow("broken");
    expect(await fine).toBe(1);
  });
});
