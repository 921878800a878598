/* Item payloads of a package: fetched in pages around the present item, kept while the page lives. */

import { request } from "./api";
import type { ItemPayload } from "./types";

const PAGE = 20;
const KEPT = 400;

export type LoadProblem = "unreachable" | "signin" | "refused";

export class Items {
  private readonly payloads = new Map<number, ItemPayload>();
  private readonly loading = new Map<number, Promise<LoadProblem | null>>();

  constructor(
    private readonly api: string,
    private readonly paged: boolean,
    private readonly last: number,
  ) {}

  peek(position: number): ItemPayload | null {
    return this.payloads.get(position) ?? null;
  }

  put(payload: ItemPayload): void {
    this.payloads.delete(payload.position);
    this.payloads.set(payload.position, payload);
    for (const key of this.payloads.keys()) {
      if (this.payloads.size <= KEPT) break;
      this.payloads.delete(key);
    }
  }

  forget(position: number): void {
    this.payloads.delete(position);
  }

  forgetAll(): void {
    this.payloads.clear();
  }

  /** Load an item, with those that follow it where it is not there yet; what went wrong, or null. */
  load(position: number): Promise<LoadProblem | null> {
    if (this.payloads.has(position)) return Promise.resolve(null);
    const running = this.loading.get(position);
    if (running) return running;
    const limit = this.paged ? this.gap(position) : 1;
    const started = this.fetch(position, limit).finally(() => {
      for (let at = position; at < position + limit; at++) this.loading.delete(at);
    });
    for (let at = position; at < position + limit; at++) this.loading.set(at, started);
    return started;
  }

  /** How many items from here on are neither there nor on their way. */
  private gap(position: number): number {
    let size = 0;
    while (
      size < PAGE &&
      position + size <= this.last &&
      !this.payloads.has(position + size) &&
      !this.loading.has(position + size)
    ) {
      size++;
    }
    return size;
  }

  private async fetch(first: number, limit: number): Promise<LoadProblem | null> {
    const answer = this.paged
      ? await request<{ results: ItemPayload[] }>(`${this.api}/items?first=${first}&limit=${limit}`)
      : await request<ItemPayload>(`${this.api}/items/${first}`);
    if (answer.kind !== "ok") return answer.kind;
    const found = "results" in answer.body && this.paged ? answer.body.results : [answer.body];
    for (const payload of found as ItemPayload[]) {
      // What is being worked on here is newer than what was asked for before.
      if (!this.payloads.has(payload.position)) this.put(payload);
    }
    return null;
  }
}
