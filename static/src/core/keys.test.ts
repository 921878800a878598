import { afterEach, describe, expect, it } from "vitest";
import {
  type Binding,
  dispatch,
  type KeyEvent,
  nameOf,
  printed,
  pushScope,
  sheet,
  singleKeys,
} from "./keys";

function key(over: Partial<KeyEvent>): KeyEvent & { prevented: boolean } {
  const event = {
    key: "a",
    code: "KeyA",
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    isComposing: false,
    keyCode: 0,
    repeat: false,
    target: null,
    prevented: false,
    preventDefault() {
      event.prevented = true;
    },
    ...over,
  };
  return event;
}

const input = (type = "text") => ({ tagName: "INPUT", type, closest: () => ({}) }) as never;

const stops: (() => void)[] = [];
function scope(name: Parameters<typeof pushScope>[0], ...bindings: Binding[]) {
  stops.push(pushScope(name, "keys.scope.page", () => bindings));
}
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  singleKeys.value = true;
});

function counter(keys: string[], more: Partial<Binding> = {}) {
  const binding = {
    keys,
    text: "item.next" as const,
    calls: 0,
    run: () => void binding.calls++,
    ...more,
  };
  return binding;
}

describe("key names", () => {
  it("read letters and digits from the key's place, so that an input method does not matter", () => {
    expect(nameOf(key({ key: "Process", code: "KeyD" }))).toBe("d");
    expect(nameOf(key({ key: "ㄅ", code: "Digit1" }))).toBe("1");
    expect(nameOf(key({ key: "3", code: "Numpad3" }))).toBe("3");
  });
  it("name modifiers in order, and signs without the shift that makes them", () => {
    expect(nameOf(key({ code: "KeyZ", ctrlKey: true, shiftKey: true }))).toBe("mod+shift+z");
    expect(nameOf(key({ key: "?", code: "Slash", shiftKey: true }))).toBe("?");
    expect(nameOf(key({ key: "+", code: "Equal", shiftKey: true }))).toBe("+");
    expect(nameOf(key({ key: "ArrowLeft", code: "ArrowLeft", shiftKey: true, altKey: true }))).toBe(
      "shift+alt+ArrowLeft",
    );
  });
  it("are printed as on the keyboard", () => {
    expect(printed("mod+shift+z").slice(1)).toEqual(["Shift", "Z"]);
    expect(printed("+")).toEqual(["+"]);
    expect(printed("ArrowRight")).toEqual(["→"]);
  });
});

describe("dispatch", () => {
  it("asks the innermost scope first, and the next one where it may not act", () => {
    const page = counter(["d"]);
    let may = true;
    const topic = counter(["d"], { when: () => may });
    scope("page", page);
    scope("topic", topic);
    expect(dispatch(key({ code: "KeyD" }))).toBe(true);
    may = false;
    dispatch(key({ code: "KeyD" }));
    expect([topic.calls, page.calls]).toEqual([1, 1]);
  });

  it("leaves text fields alone, but for bindings meant for them, and always while composing", () => {
    const plain = counter(["d"]);
    const save = counter(["mod+s"], { editable: true });
    scope("page", plain, save);
    expect(dispatch(key({ code: "KeyD", target: input() }))).toBe(false);
    expect(dispatch(key({ code: "KeyS", ctrlKey: true, target: input() }))).toBe(true);
    expect(dispatch(key({ code: "KeyS", ctrlKey: true, target: input(), isComposing: true }))).toBe(
      false,
    );
    expect(dispatch(key({ code: "KeyS", ctrlKey: true, target: input(), keyCode: 229 }))).toBe(
      false,
    );
    expect(dispatch(key({ code: "KeyD", target: input("checkbox") }))).toBe(true);
    // Outside of fields an input method that is on does not switch the hot keys off.
    expect(dispatch(key({ key: "Process", code: "KeyD", keyCode: 229, isComposing: true }))).toBe(
      true,
    );
  });

  it("leaves Enter and Space to a focused button", () => {
    const confirm = counter(["Enter"]);
    scope("page", confirm);
    const button = { tagName: "BUTTON", closest: () => ({}) } as never;
    expect(dispatch(key({ key: "Enter", code: "Enter", target: button }))).toBe(false);
    expect(dispatch(key({ key: "Enter", code: "Enter" }))).toBe(true);
  });

  it("leaves arrows to a slider, which would not move else", () => {
    scope("page", counter(["ArrowLeft"]), counter(["shift+ArrowLeft"]));
    const arrow = { key: "ArrowLeft", code: "ArrowLeft", target: input("range") };
    expect(dispatch(key(arrow))).toBe(false);
    expect(dispatch(key({ ...arrow, shiftKey: true }))).toBe(true);
    expect(dispatch(key({ ...arrow, target: input("checkbox") }))).toBe(true);
  });

  it("lets only dialogs act while one is open", () => {
    const page = counter(["d"]);
    scope("page", page);
    scope("dialog", counter(["1"]));
    expect(dispatch(key({ code: "KeyD" }))).toBe(false);
    expect(dispatch(key({ key: "1", code: "Digit1" }))).toBe(true);
    expect(page.calls).toBe(0);
  });

  it("acts once while a key is held, unless it is meant to repeat", () => {
    const once = counter(["x"]);
    const again = counter(["d"], { repeat: true });
    scope("page", once, again);
    const event = key({ code: "KeyX", repeat: true });
    expect(dispatch(event)).toBe(true);
    expect(event.prevented).toBe(true);
    dispatch(key({ code: "KeyD", repeat: true }));
    expect([once.calls, again.calls]).toEqual([0, 1]);
  });

  it("can do without single keys", () => {
    const plain = counter(["d", "shift+d"]);
    const mod = counter(["mod+z"]);
    scope("page", plain, mod);
    singleKeys.value = false;
    expect(dispatch(key({ code: "KeyD" }))).toBe(false);
    expect(dispatch(key({ code: "KeyD", shiftKey: true }))).toBe(false);
    expect(dispatch(key({ code: "KeyZ", ctrlKey: true }))).toBe(true);
  });

  it("lists what has a text, the page first", () => {
    scope("topic", counter(["1"], { text: null, label: "cat" }), counter(["2"], { text: null }));
    scope("page", counter(["d"]));
    expect(sheet().map((one) => one.bindings.length)).toEqual([1, 1]);
    expect(sheet()[1]?.bindings[0]?.label).toBe("cat");
  });
});
