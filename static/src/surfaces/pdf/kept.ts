/* Bitmaps that are kept while they are likely to be shown again: the ones used last, up to a number of pixels. */

export class Kept {
  private readonly bitmaps = new Map<string, ImageBitmap>();
  private pixels = 0;
  /** What is being shown: it stays whatever else comes. */
  held: string | null = null;

  constructor(private readonly most: number) {}

  get(key: string): ImageBitmap | null {
    const found = this.bitmaps.get(key);
    if (!found) return null;
    this.bitmaps.delete(key);
    this.bitmaps.set(key, found);
    return found;
  }

  put(key: string, bitmap: ImageBitmap): void {
    this.forget(key);
    this.bitmaps.set(key, bitmap);
    this.pixels += size(bitmap);
    for (const old of this.bitmaps.keys()) {
      if (this.pixels <= this.most || old === key) break;
      if (old !== this.held) this.forget(old);
    }
  }

  clear(): void {
    for (const key of [...this.bitmaps.keys()]) this.forget(key);
  }

  private forget(key: string): void {
    const bitmap = this.bitmaps.get(key);
    if (!bitmap) return;
    this.bitmaps.delete(key);
    this.pixels -= size(bitmap);
    bitmap.close();
  }
}

function size(bitmap: ImageBitmap): number {
  return bitmap.width * bitmap.height;
}
