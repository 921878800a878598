/* Which regions are chosen: any number of them, one of which is the primary one that panels show.

   Read and written like a signal it is the primary one alone, so that whoever knows one region only needs no more. */

import { batch, type ReadonlySignal, signal } from "@preact/signals";

const NONE: ReadonlySet<string> = new Set();

export class Selection {
  private readonly ids = signal<ReadonlySet<string>>(NONE);
  private readonly primary = signal<string | null>(null);

  /** All that are chosen; the primary one is among them. */
  get all(): ReadonlySignal<ReadonlySet<string>> {
    return this.ids;
  }

  get value(): string | null {
    return this.primary.value;
  }

  /** Choose this one and no other. */
  set value(id: string | null) {
    this.many(id === null ? [] : [id]);
  }

  peek(): string | null {
    return this.primary.peek();
  }

  /** Choose exactly these; without a `primary` it stays if it is among them, else the last is it. */
  many(ids: Iterable<string>, primary: string | null = this.primary.peek()): void {
    const next = new Set(ids);
    const known = primary !== null && next.has(primary);
    const first = known ? primary : ([...next].at(-1) ?? null);
    batch(() => {
      if (!same(next, this.ids.peek())) this.ids.value = next.size > 0 ? next : NONE;
      this.primary.value = first;
    });
  }

  /** Choose these as well; the last of them becomes the primary one. */
  add(ids: Iterable<string>): void {
    const more = [...ids];
    this.many([...this.ids.peek(), ...more], more.at(-1) ?? this.primary.peek());
  }

  /** Choose these as well if one of them is not chosen yet, else none of them any more. */
  toggle(ids: Iterable<string>): void {
    const these = [...ids];
    const now = this.ids.peek();
    if (these.every((id) => now.has(id))) {
      const gone = new Set(these);
      this.many([...now].filter((id) => !gone.has(id)));
    } else this.add(these);
  }

  clear(): void {
    this.many([]);
  }
}

function same(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false;
  for (const id of a) if (!b.has(id)) return false;
  return true;
}
