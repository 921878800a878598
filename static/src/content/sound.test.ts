import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Player } from "../surfaces/timeline/player";
import { Source } from "./sound";

const SOUND = { url: "/media/1/1/source", type: "audio", playable: true };

function source() {
  const player = {
    failed: signal(false),
    playing: signal(false),
    time: signal(0),
    open: vi.fn(() => {
      player.failed.value = false;
    }),
    play: vi.fn(),
  };
  const made = new Source(player as unknown as Player);
  return { player, made };
}

function answer(status: number, body: unknown): Response {
  const response = new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json" },
  });
  Object.defineProperty(response, "url", { value: "/media/file/x" });
  return response;
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a recording", () => {
  it("goes on with a fresh address where its own has ended, and is given up where that fails at once", () => {
    const { player, made } = source();
    made.open(SOUND);
    expect(player.open).toHaveBeenLastCalledWith(SOUND.url);
    player.time.value = 42;
    player.playing.value = true;
    player.failed.value = true;
    expect(player.open).toHaveBeenLastCalledWith(SOUND.url, 42);
    expect(player.play).toHaveBeenCalledTimes(1);
    player.failed.value = true;
    expect(made.trouble.value).toEqual({ kind: "undecodable" });
    expect(player.open).toHaveBeenCalledTimes(2);
  });

  it("is played from its copy where browsers do not play it, once that is made", async () => {
    const answers = [
      answer(202, { state: "making", done: 0.5 }),
      answer(200, { state: "ready", url: "/media/file/copy" }),
    ];
    vi.stubGlobal("fetch", async () => answers.shift());
    const { player, made } = source();
    made.open({ ...SOUND, playable: false });
    await vi.advanceTimersByTimeAsync(10);
    expect(made.progress.value).toBe(0.5);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(player.open).toHaveBeenLastCalledWith("/media/file/copy", 0);
    expect(made.progress.value).toBeNull();
  });

  it("says in the server's words why no copy could be made, and that it is missing", async () => {
    vi.stubGlobal("fetch", async () => answer(200, { state: "failed", message: "Too long." }));
    const { made } = source();
    made.open({ ...SOUND, playable: false });
    await vi.advanceTimersByTimeAsync(10);
    expect(made.trouble.value).toEqual({ text: "Too long." });
    made.open(undefined);
    expect(made.trouble.value).toBe("missing");
  });
});
