/* What may change under an open page: the job's state, the claim's end, what may be done, questions, the guide.

   The server is asked once the first item is shown, then now and then while the page is looked at. Nothing here keeps
   anybody from working: a save is accepted whatever the job's state is. */

import { batch, computed, signal } from "@preact/signals";
import { request } from "./api";
import { type Left, left } from "./claim-time";
import type { Bootstrap, Can, Flag, Pulse, Verb } from "./types";

const TICK_MS = 1000;

export class Desk {
  readonly jobState = signal("running");
  /** The state of the assignment: claimed, submitted, or how it ended. */
  readonly state = signal("claimed");
  readonly can = signal<Can>({});
  readonly why = signal<Partial<Record<Verb, string>>>({});
  /** Names the job's labels; another name when they have changed. */
  readonly labels = signal("");
  readonly skipsLeft = signal(0);
  readonly guide = signal<{ version: number; confirmed: boolean } | null>(null);
  readonly flags = signal<ReadonlyMap<number, Flag>>(new Map());
  /** When the claim ends without input, by the server's clock; null where it does not. */
  readonly end = signal<number | null>(null);
  private readonly clock = signal(0);
  private readonly total: number;
  private readonly api: string;
  /** How far the server's clock is ahead of this device's. */
  private ahead = 0;
  private asking: Promise<void> | null = null;

  /** What is left of the claim; null where it does not end, and while the job is offline, when every clock stands. */
  readonly left = computed<Left | null>(() => {
    const end = this.end.value;
    if (end === null || this.jobState.value === "offline") return null;
    return left(end, this.total, this.clock.value + this.ahead);
  });

  constructor(
    { assignment, now, job_state, claim_seconds, labels }: Bootstrap,
    private readonly device: () => number = Date.now,
  ) {
    this.api = assignment.api;
    this.total = claim_seconds * 1000;
    this.jobState.value = job_state;
    this.labels.value = labels;
    this.state.value = assignment.state;
    this.can.value = assignment.can;
    this.why.value = assignment.why ?? {};
    this.skipsLeft.value = assignment.skips_left ?? 0;
    this.flags.value = new Map(
      assignment.items.flatMap(({ position, flag }) => (flag ? [[position, flag] as const] : [])),
    );
    this.setClock(now);
    this.setEnd(assignment.expires_at ?? null);
  }

  /** Let the countdown run; call the result to stop it. */
  run(): () => void {
    const timer = setInterval(() => this.tick(), TICK_MS);
    return () => clearInterval(timer);
  }

  tick(): void {
    this.clock.value = this.device();
  }

  /** Ask the server; what cannot be reached is asked again another time. */
  ask(): Promise<void> {
    this.asking ??= request<Pulse>(`${this.api}/pulse`)
      .then((outcome) => {
        if (outcome.kind === "ok") this.take(outcome.body);
      })
      .finally(() => {
        this.asking = null;
      });
    return this.asking;
  }

  take(pulse: Pulse): void {
    batch(() => {
      this.setClock(pulse.now);
      this.setEnd(pulse.expires_at);
      this.jobState.value = pulse.job_state;
      this.state.value = pulse.state;
      this.labels.value = pulse.labels;
      this.can.value = pulse.can;
      this.why.value = pulse.why;
      this.skipsLeft.value = pulse.skips_left;
      this.guide.value = pulse.guide;
      const flags = pulse.flags.map(({ position, ...flag }) => [position, flag] as const);
      // A question that is still on its way stands until the server knows it.
      const waiting = [...this.flags.peek()].filter(([, flag]) => flag.thread === 0);
      this.flags.value = new Map([...waiting, ...flags]);
    });
  }

  setFlag(position: number, flag: Flag): void {
    this.flags.value = new Map(this.flags.peek()).set(position, flag);
  }

  setEnd(iso: string | null): void {
    this.end.value = iso === null ? null : Date.parse(iso);
  }

  /** Something of this person's reached the server just now: the claim stands anew. */
  worked(): void {
    const end = this.end.peek();
    if (end !== null) this.end.value = Math.max(end, this.device() + this.ahead + this.total);
  }

  /** Whether the verb may be used; the reason where it may not at the moment. */
  may(verb: Verb): { allowed: boolean; why: string } {
    return { allowed: this.can.value[verb] === true, why: this.why.value[verb] ?? "" };
  }

  private setClock(now: string): void {
    this.tick();
    this.ahead = Date.parse(now) - this.device();
  }
}
