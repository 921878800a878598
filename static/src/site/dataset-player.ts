/* A sound or a video that browsers do not play: its copy is asked for until it is there, and told how far it is. */

type State =
  | { state: "ready"; url: string }
  | { state: "making"; done: number }
  | { state: "failed"; message: string };

const SOON = 1000;

export default function start(root: HTMLElement): void {
  const player = root.querySelector<HTMLMediaElement>("[data-play]");
  const said = root.querySelector<HTMLElement>("[data-making]");
  if (player === null || said === null) return;
  void follow(player, said);
}

async function follow(player: HTMLMediaElement, said: HTMLElement): Promise<void> {
  for (;;) {
    const found = await ask(player.dataset.play ?? "");
    if (found?.state === "ready") {
      player.src = found.url;
      player.hidden = false;
      said.hidden = true;
      return;
    }
    if (found?.state === "failed") {
      said.textContent = found.message;
      return;
    }
    if (found !== null && found.done > 0)
      said.textContent = (said.dataset.text ?? "").replace(
        "{done}",
        String(Math.floor(found.done * 100)),
      );
    await new Promise((resolve) => setTimeout(resolve, SOON));
    if (!player.isConnected) return;
  }
}

/** What the server says of the copy; null where it did not answer for now. */
async function ask(address: string): Promise<State | null> {
  try {
    const response = await fetch(address);
    return response.ok ? ((await response.json()) as State) : null;
  } catch {
    return null;
  }
}
