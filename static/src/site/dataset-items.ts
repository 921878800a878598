/* Pictures that the server was too busy to send (503) are asked for again, at growing distances. */

const TRIES = 5;

export default function start(root: HTMLElement): void {
  for (const image of root.querySelectorAll<HTMLImageElement>("img[data-retry]")) {
    let tries = 0;
    const again = (): void => {
      if (tries >= TRIES) {
        image.classList.add("broken");
        return;
      }
      tries += 1;
      const { src } = image;
      setTimeout(
        () => {
          image.src = "";
          image.src = src;
        },
        400 * tries ** 2,
      );
    };
    image.addEventListener("error", again);
    // It may have failed before this script ran.
    if (image.complete && image.naturalWidth === 0) again();
  }
}
