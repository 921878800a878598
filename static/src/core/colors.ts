/* A colour for each region of its own, the same on every screen. */

const kept = new Map<string, string>();
const MOST_KEPT = 50_000;

/** Ids are random: their hash spreads them around the circle of hues, in two lightnesses. */
export function colorOf(id: string): string {
  const known = kept.get(id);
  if (known) return known;
  let hash = 2166136261;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  hash = (hash ^ (hash >>> 15)) >>> 0;
  const color = hex(hash % 360, 0.75, hash & 512 ? 0.44 : 0.58);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(id, color);
  return color;
}

function hex(hue: number, saturation: number, lightness: number): string {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const part = (shift: number) => {
    const k = (shift + hue / 30) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}
