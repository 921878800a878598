import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type Binding,
  dispatch,
  type KeyEvent,
  keysOf,
  ownKeys,
  pushScope,
  shownKey,
} from "./keys";
import {
  clashes,
  isFree,
  isHalf,
  ownClashes,
  restoreAll,
  setKeys,
  shortcuts,
  takeShortcuts,
} from "./shortcuts";

vi.mock("./api", () => ({ request: vi.fn(async () => ({ kind: "ok", status: 200, body: {} })) }));

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  ownKeys.value = new Map();
});

const ran: string[] = [];
function binding(text: Binding["text"], keys: string[], more: Partial<Binding> = {}): Binding {
  return { keys, text, run: () => void ran.push(text ?? more.label ?? ""), ...more };
}
function scopes(): void {
  const page = [
    binding("item.next", ["d", "ArrowRight"]),
    binding("item.prev", ["a"]),
    binding("save.now", ["mod+s"], { editable: true }),
    binding("region.next", ["ArrowUp"]),
    binding("region.next", ["ArrowDown"]),
    binding(null, ["Escape"]),
  ];
  stops.push(pushScope("page", "keys.scope.page", () => page));
  stops.push(
    pushScope("topic", "keys.scope.options", () => [binding(null, ["1"], { label: "car" })]),
  );
}
function press(name: string, target: unknown = null): boolean {
  ran.length = 0;
  const parts = name.split("+");
  const key = parts.at(-1) ?? "";
  const code = /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : key;
  return dispatch({
    key,
    code,
    ctrlKey: parts.includes("mod"),
    metaKey: false,
    shiftKey: parts.includes("shift"),
    altKey: parts.includes("alt"),
    isComposing: false,
    keyCode: 0,
    repeat: false,
    target,
    preventDefault: () => undefined,
  } as unknown as KeyEvent);
}

describe("a person's own keys", () => {
  it("take the place of the usual ones, on controls too, until they are restored", () => {
    scopes();
    setKeys("item.next", ["e"]);
    expect([press("d"), press("e")]).toEqual([false, true]);
    expect(ran).toEqual(["item.next"]);
    expect(shownKey("item.next", "d")).toBe("e");
    expect(shownKey("item.prev", "a")).toBe("a");
    setKeys("item.next", []);
    expect(press("e")).toBe(false);
    expect(shownKey("item.next", "d")).toBeUndefined();
    setKeys("item.next", ["d", "ArrowRight"]);
    expect(ownKeys.value.size).toBe(0);
    setKeys("item.next", ["e"]);
    restoreAll();
    expect(press("d")).toBe(true);
  });

  it("may be taken from another binding, which keeps its other keys", () => {
    scopes();
    const others = clashes("item.prev", ["d"]);
    expect(others.map(({ id, key }) => [id, key])).toEqual([["item.next", "d"]]);
    setKeys("item.prev", ["a", "d"], others);
    expect(ownKeys.value.get("item.next")).toEqual(["ArrowRight"]);
    press("d");
    expect(ran).toEqual(["item.prev"]);
    expect(ownClashes()).toEqual([]);
  });

  it("are warned of where they clash, also with a label's key", () => {
    scopes();
    expect(clashes("item.prev", ["1"])).toEqual([
      { key: "1", id: null, text: "car", scope: "keys.scope.options" },
    ]);
    setKeys("item.prev", ["1"], clashes("item.prev", ["1"]));
    expect(ownClashes().map(({ shortcut }) => shortcut.id)).toEqual(["item.prev"]);
    // The inner scope comes first.
    press("1");
    expect(ran).toEqual(["car"]);
  });

  it("never type: in a text field only keys with Ctrl, Alt or F-keys act", () => {
    scopes();
    const field = { tagName: "TEXTAREA", closest: () => null };
    setKeys("save.now", ["s", "alt+s", "F8"]);
    expect([press("s", field), press("alt+s", field), press("F8", field)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(press("s")).toBe(true);
  });

  it("are offered for bindings with one meaning only", () => {
    scopes();
    expect(shortcuts().map((one) => one.id)).toEqual(["item.next", "item.prev", "save.now"]);
  });

  it("are read with care", () => {
    takeShortcuts({ "item.next": ["e"], "item.prev": "a" as never, constructor: [1] as never });
    expect([...ownKeys.value.keys()]).toEqual(["item.next"]);
    expect(keysOf(binding("item.next", ["d"]))).toEqual(["e"]);
  });

  it("are none of the browser's, and no modifier alone", () => {
    expect(["d", "shift+d", "mod+alt+d", "F8", "Space", "ö", "+"].every(isFree)).toBe(true);
    expect(["Tab", "Escape", "mod+w", "F5", "shift+Shift", "Dead", "alt+mod+d"].some(isFree)).toBe(
      false,
    );
    expect(isHalf("mod+Control")).toBe(true);
  });
});
