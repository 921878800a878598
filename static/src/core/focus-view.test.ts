import { afterEach, describe, expect, it } from "vitest";
import {
  editorInUse,
  hoverView,
  mountView,
  pushViewScope,
  takeKeys,
  viewInUse,
} from "./focus-view";
import { type Binding, dispatch, type KeyEvent, sheet } from "./keys";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function press(key: string): boolean {
  return dispatch({
    key,
    code: "",
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    isComposing: false,
    keyCode: 0,
    repeat: false,
    target: null,
    preventDefault: () => undefined,
  } satisfies KeyEvent);
}

/** Two views with a key in common; the second plays wherever one is. */
function two() {
  const said: string[] = [];
  const key = (name: string, text: string, more: Partial<Binding> = {}): Binding => ({
    keys: [name],
    text: null,
    label: text,
    run: () => void said.push(text),
    ...more,
  });
  const put = (name: string, bindings: Binding[]) => {
    stops.push(mountView(name));
    stops.push(pushViewScope({ bindField: name }, "keys.scope.canvas", () => bindings));
  };
  put("picture", [key("f", "fit picture"), key("n", "draw")]);
  put("sound", [key("f", "fit sound"), key("p", "play", { anywhere: true }), key("m", "mark")]);
  return said;
}

describe("of several views", () => {
  it("the first has the keys until another one is used", () => {
    const said = two();
    press("f");
    takeKeys("sound");
    press("f");
    expect(said).toEqual(["fit picture", "fit sound"]);
    expect(press("n")).toBe(false);
  });

  it("the one under the moving pointer has them, and gives them back when it leaves", () => {
    two();
    takeKeys("picture");
    hoverView("sound", true);
    expect(viewInUse.value).toBe("sound");
    hoverView("sound", false);
    expect(viewInUse.value).toBe("picture");
  });

  it("a focus that was moved by keys counts more than a pointer that rests", () => {
    two();
    hoverView("sound", true);
    takeKeys("picture");
    expect(viewInUse.value).toBe("picture");
    hoverView("sound", true);
    expect(viewInUse.value).toBe("sound");
  });

  it("keys marked so act whichever view is used, after those of the view in use", () => {
    const said = two();
    takeKeys("picture");
    press("p");
    expect(press("m")).toBe(false);
    expect(said).toEqual(["play"]);
  });

  it("the sheet lists the keys of all", () => {
    two();
    expect(sheet().map(({ bindings }) => bindings.length)).toEqual([2, 3]);
  });

  it("one that goes has no keys any more", () => {
    two();
    const stop = mountView("text");
    takeKeys("text");
    hoverView("text", true);
    stop();
    expect(viewInUse.value).toBe("picture");
  });

  it("the editor beside a view belongs to it and is told apart", () => {
    two();
    takeKeys("picture", true);
    expect([viewInUse.value, editorInUse.value]).toEqual(["picture", true]);
    hoverView("picture", true);
    expect(editorInUse.value).toBe(false);
    hoverView("picture", false);
    expect(editorInUse.value).toBe(true);
  });
});
