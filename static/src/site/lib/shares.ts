/* Shares in percent: how they are split evenly, and what their sum is. */

/** Whole numbers that make 100 together and differ by one at most, the larger ones first. */
export function evenly(count: number): number[] {
  if (count === 0) return [];
  const least = Math.floor(100 / count);
  return Array.from({ length: count }, (_, n) => least + (n < 100 - least * count ? 1 : 0));
}

/** The number that was typed, what is no number as it stands, nothing as null. */
export function typedNumber(text: string): number | string | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : trimmed;
}

/** The sum of those that are numbers. */
export function sum(values: Iterable<number | string | null>): number {
  let total = 0;
  for (const value of values) if (typeof value === "number") total += value;
  return total;
}

/** More than half of the people. */
export function majority(people: number): number {
  return Math.floor(people / 2) + 1;
}
