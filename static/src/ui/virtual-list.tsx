import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

interface Props {
  count: number;
  rowHeight: number;
  /** The row that is kept in view, or -1. */
  active: number;
  row: (index: number) => ComponentChildren;
  role: string;
  label: string;
  id?: string;
  class?: string;
  activeId?: string | undefined;
  /** Several rows can be chosen. */
  multiple?: boolean;
  onFocusKey?: (event: KeyboardEvent) => void;
}

const BEYOND = 6;

/** A list of which only the rows in view exist; rows say their place by aria-setsize and aria-posinset. */
export function VirtualList(props: Props) {
  const { count, rowHeight, active, row } = props;
  const ref = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState({ top: 0, height: 600 });

  useLayoutEffect(() => {
    const host = ref.current;
    if (!host) return;
    const look = () => setRange({ top: host.scrollTop, height: host.clientHeight || 600 });
    const observer = new ResizeObserver(look);
    observer.observe(host);
    host.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      host.removeEventListener("scroll", look);
    };
  }, []);

  useEffect(() => {
    const host = ref.current;
    if (!host || active < 0) return;
    const top = active * rowHeight;
    if (top < host.scrollTop) host.scrollTop = top;
    else if (top + rowHeight > host.scrollTop + host.clientHeight) {
      host.scrollTop = top + rowHeight - host.clientHeight;
    }
  }, [active, rowHeight, count]);

  const first = Math.max(0, Math.floor(range.top / rowHeight) - BEYOND);
  const last = Math.min(count - 1, Math.ceil((range.top + range.height) / rowHeight) + BEYOND);
  const rows: ComponentChildren[] = [];
  for (let index = first; index <= last; index++) rows.push(row(index));

  return (
    <div
      ref={ref}
      id={props.id}
      class={`virtual ${props.class ?? ""}`}
      role={props.role as "listbox"}
      tabIndex={0}
      aria-label={props.label}
      aria-multiselectable={props.multiple}
      aria-activedescendant={props.activeId}
      onKeyDown={props.onFocusKey}
    >
      <div class="virtual-space" role="presentation" style={{ height: `${count * rowHeight}px` }}>
        <div role="presentation" style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {rows}
        </div>
      </div>
    </div>
  );
}
