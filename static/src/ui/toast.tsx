import { useEffect } from "preact/hooks";
import { useSession } from "./context";
import { Icon } from "./icon";

const SHOWN_MS = 4000;

/** A short word for a moment; the live region says it as well. */
export function Toast() {
  const { toast } = useSession();
  const shown = toast.value;
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(() => {
      if (toast.peek() === shown) toast.value = null;
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown, toast]);
  if (!shown) return null;
  return (
    <div class={`wb-toast notice ${shown.kind}`} aria-hidden="true">
      <Icon name={shown.kind === "ok" ? "check" : "warn"} />
      <span>{shown.text}</span>
    </div>
  );
}
