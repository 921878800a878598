/* `<time datetime data-countdown>` shows how long there is until the moment, in the reader's language. */

const EVERY = 15_000;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** "2 days 3 hours", "45 minutes"; the two largest units that say something. */
export function left(seconds: number, language: string): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / DAY), "day"],
    [Math.floor((seconds % DAY) / HOUR), "hour"],
    [Math.floor((seconds % HOUR) / 60), "minute"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2);
  return shown
    .filter(([count], place) => count > 0 || place === 0)
    .map(([count, unit]) =>
      new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count),
    )
    .join(" ");
}

function show(): void {
  const language = document.documentElement.lang;
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-countdown]")) {
    const seconds = (new Date(element.dateTime).getTime() - Date.now()) / 1000;
    if (Number.isNaN(seconds)) continue;
    const text = left(Math.max(seconds, 0), language);
    if (element.textContent !== text) element.textContent = text;
    element.classList.toggle("soon", seconds < HOUR);
  }
}

export function startCountdowns(): void {
  show();
  setInterval(show, EVERY);
  document.addEventListener("htmx:after:swap", show);
}
