import ts from "typescript";
import { describe, expect, it } from "vitest";
import en from "../locale/en.json";
import zh from "../locale/zh.json";
import { setLanguage, t, tn } from "./i18n";

const SOURCES = import.meta.glob<string>(
  ["../**/*.{ts,tsx}", "!../**/*.test.*", "!../site/**", "!../generated/**"],
  { query: "?raw", import: "default", eager: true },
);

const WORDS = /\p{L}{2,}/u;
const SPOKEN = new Set(["aria-label", "aria-description", "title", "placeholder", "alt"]);

/** Texts that stand in a TSX file instead of in the catalogues. */
function bareStrings(name: string, text: string): string[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && WORDS.test(node.text)) found.push(node.text.trim());
    if (ts.isJsxExpression(node) && node.expression && ts.isStringLiteralLike(node.expression)) {
      const inElement = ts.isJsxElement(node.parent) || ts.isJsxFragment(node.parent);
      if (inElement && WORDS.test(node.expression.text)) found.push(node.expression.text);
    }
    if (ts.isJsxAttribute(node) && SPOKEN.has(node.name.getText()) && node.initializer) {
      const { initializer } = node;
      // `title` of our own components is a key of the catalogue, which the type checker holds.
      const own = /^[A-Z]/.test(node.parent.parent.tagName.getText());
      if (!own && ts.isStringLiteral(initializer) && WORDS.test(initializer.text)) {
        found.push(initializer.text);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe("texts", () => {
  it("have the same keys in both languages, and the same parameters", () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
    const parameters = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
    for (const [key, text] of Object.entries(en)) {
      expect(parameters(zh[key as keyof typeof zh]), key).toEqual(parameters(text));
    }
  });

  it("are translated", () => {
    const same = Object.entries(en).filter(
      ([key, text]) =>
        text === zh[key as keyof typeof zh] && WORDS.test(text.replace(/\{\w+\}/g, "")),
    );
    expect(same).toEqual([]);
  });

  it("stand in the catalogues, not in the components", () => {
    const components = Object.entries(SOURCES).filter(([name]) => name.endsWith(".tsx"));
    expect(components.length).toBeGreaterThan(20);
    const found = components.flatMap(([name, text]) =>
      bareStrings(name, text).map((bare) => `${name}: ${bare}`),
    );
    expect(found).toEqual([]);
  });

  it("are all used", () => {
    const code = Object.values(SOURCES).join("\n");
    // Keys put together at run time begin with one of these.
    const dynamic =
      /^(stage|state|error|severity|media|release|save|region|shape|theme|ended|job|flag\.(?:state|short)|appeal\.state|changes\.kind|giveBack|sound|designer\.(?:nest|pair|prop|style|unit))\./;
    const unused = Object.keys(en).filter((key) => {
      const stem = key.replace(/\.(one|other)$/, "");
      return !dynamic.test(key) && !code.includes(`"${stem}"`);
    });
    expect(unused).toEqual([]);
  });

  it("are filled in, in the language's own number and plural form", () => {
    setLanguage("en");
    expect(t("item.place", { at: 3, total: 1200 })).toBe("3 / 1,200");
    expect(tn("region.count", 1)).toBe("1 region");
    expect(tn("region.count", 2)).toBe("2 regions");
    setLanguage("zh-hans");
    expect(tn("region.count", 1)).toBe("1 个标注");
    expect(t("save.saved")).toBe("已保存");
    setLanguage("en");
  });
});
