/* Which tiles of a pyramid show a part of a picture. Levels are halves of halves, the smallest first. */

export interface Level {
  width: number;
  height: number;
}

export interface Place {
  level: number;
  column: number;
  row: number;
}

interface Area {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

/** A little coarser than the screen is not seen; the next level would be four times as much. */
const COARSER = 1.2;

/** The smallest level that is as sharp as a screen that shows `scale` of its pixels for one of the picture. */
export function levelFor(levels: readonly Level[], scale: number): number {
  for (let level = 0; level < levels.length - 1; level++) {
    if (scale * 2 ** (levels.length - 1 - level) <= COARSER) return level;
  }
  return levels.length - 1;
}

/** How many of the picture's pixels are one of a level. */
export function factorOf(levels: readonly Level[], level: number): number {
  return 2 ** (levels.length - 1 - level);
}

/** The tiles of a level that an area of the picture lies on, those in its middle first. */
export function placesIn(
  levels: readonly Level[],
  side: number,
  level: number,
  area: Area,
): Place[] {
  const size = levels[level];
  if (!size) return [];
  if (level === 0) return [{ level, column: 0, row: 0 }];
  const step = side * factorOf(levels, level);
  const range = (from: number, to: number, length: number): [number, number] => [
    Math.max(0, Math.floor(from / step)),
    Math.min(Math.ceil(length / side), Math.ceil(to / step)),
  ];
  const [left, right] = range(area.minX, area.maxX, size.width);
  const [top, bottom] = range(area.minY, area.maxY, size.height);
  const places: Place[] = [];
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) places.push({ level, column, row });
  }
  const x = (area.minX + area.maxX) / 2 / step - 0.5;
  const y = (area.minY + area.maxY) / 2 / step - 0.5;
  const far = ({ column, row }: Place) => Math.hypot(column - x, row - y);
  return places.sort((a, b) => far(a) - far(b));
}

/** What a tile shows, in the picture's pixels. */
export function areaOf(levels: readonly Level[], side: number, place: Place): Area {
  const full = levels.at(-1) as Level;
  if (place.level === 0) return { minX: 0, minY: 0, maxX: full.width, maxY: full.height };
  const step = side * factorOf(levels, place.level);
  return {
    minX: place.column * step,
    minY: place.row * step,
    maxX: Math.min(full.width, (place.column + 1) * step),
    maxY: Math.min(full.height, (place.row + 1) * step),
  };
}

/** The tile of the next smaller level that shows the same and more. */
export function parentOf({ level, column, row }: Place): Place {
  if (level <= 1) return { level: 0, column: 0, row: 0 };
  return { level: level - 1, column: column >> 1, row: row >> 1 };
}
