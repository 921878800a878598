import { describe, expect, it } from "vitest";
import { Desk } from "./desk";
import type { Bootstrap, Pulse } from "./types";

const NOON = Date.parse("2027-03-01T12:00:00Z");
const HOUR = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

function made(clock: { now: number }, ahead = 0) {
  const boot = {
    now: iso(clock.now + ahead),
    job_state: "running",
    claim_seconds: 24 * 3600,
    assignment: {
      api: "/api/v1/assignments/1",
      state: "claimed",
      items: [{ position: 2, flag: { thread: 4, state: "closed" } }],
      can: { submit: true, release: true },
      expires_at: iso(clock.now + ahead + 24 * HOUR),
    },
  } as unknown as Bootstrap;
  return new Desk(boot, () => clock.now);
}

const pulse: Pulse = {
  now: iso(NOON),
  state: "claimed",
  job_state: "running",
  expires_at: iso(NOON + 2 * HOUR),
  claim_seconds: 24 * 3600,
  labels: "a",
  can: { submit: true },
  why: {},
  skips_left: 2,
  guide: null,
  flags: [],
};

describe("the desk", () => {
  it("counts down by the server's clock, whatever this device's says", () => {
    const clock = { now: NOON };
    const desk = made(clock, 5 * HOUR);
    expect(desk.left.value).toMatchObject({ ms: 24 * HOUR, phase: "fresh" });
    clock.now += 12 * HOUR;
    desk.tick();
    expect(desk.left.value).toMatchObject({ ms: 12 * HOUR, phase: "half" });
  });

  it("begins anew with work, and never takes away what a manager gave", () => {
    const clock = { now: NOON };
    const desk = made(clock);
    clock.now += 20 * HOUR;
    desk.tick();
    desk.worked();
    expect(desk.left.value?.ms).toBe(24 * HOUR);
    desk.setEnd(iso(clock.now + 48 * HOUR));
    desk.worked();
    expect(desk.left.value?.ms).toBe(48 * HOUR);
  });

  it("stands still while the job is offline, and says why nothing is handed in", () => {
    const desk = made({ now: NOON });
    desk.take({ ...pulse, job_state: "offline", can: {}, why: { submit: "The job is offline." } });
    expect(desk.left.value).toBe(null);
    expect(desk.may("submit")).toEqual({ allowed: false, why: "The job is offline." });
    expect(desk.may("withdraw")).toEqual({ allowed: false, why: "" });
    desk.take(pulse);
    expect(desk.left.value?.ms).toBe(2 * HOUR);
    expect(desk.may("submit")).toEqual({ allowed: true, why: "" });
  });

  it("keeps a question that is still on its way", () => {
    const desk = made({ now: NOON });
    expect(desk.flags.value.get(2)?.state).toBe("closed");
    desk.setFlag(3, { thread: 0, state: "open" });
    desk.take({ ...pulse, flags: [{ position: 1, thread: 9, state: "answered" }] });
    expect([...desk.flags.value]).toEqual([
      [3, { thread: 0, state: "open" }],
      [1, { thread: 9, state: "answered" }],
    ]);
    desk.take({ ...pulse, flags: [{ position: 3, thread: 10, state: "open" }] });
    expect(desk.flags.value.get(3)?.thread).toBe(10);
  });
});
