/* Texts of the page: flat keys, `{name}` parameters, plural forms as `key.one` / `key.other`. */

import en from "../locale/en.json";
import zh from "../locale/zh.json";

export type Key = Extract<keyof typeof en, string>;
export type Params = Record<string, string | number>;
type PluralKey = Key extends infer K ? (K extends `${infer Stem}.other` ? Stem : never) : never;

const catalogues: Record<string, Partial<Record<string, string>>> = { en, zh };

let catalogue = catalogues.en as Partial<Record<string, string>>;
let plural = new Intl.PluralRules("en");
let numbers = new Intl.NumberFormat("en");
let dates = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

/** Choose the language of the page: Django's code, of which only the first part counts. */
export function setLanguage(code: string): void {
  const language = code.split("-")[0] ?? "en";
  catalogue = catalogues[language] ?? en;
  plural = new Intl.PluralRules(code);
  numbers = new Intl.NumberFormat(code);
  dates = new Intl.DateTimeFormat(code, { dateStyle: "medium", timeStyle: "short" });
}

/** The text of a key in the page's language. */
export function t(key: Key, params: Params = {}): string {
  return fill(catalogue[key] ?? en[key], params);
}

/** The text of a key for a count, in the language's own plural form; `{n}` is the count. */
export function tn(key: PluralKey, n: number, params: Params = {}): string {
  const form = catalogue[`${key}.${plural.select(n)}`] ?? catalogue[`${key}.other`];
  return fill(form ?? en[`${key}.other` as Key], { ...params, n });
}

/** A text whose key is put together at run time, or the fallback where there is none. */
export function tryText(key: string, fallback: string): string {
  return catalogue[key] ?? fallback;
}

export function number(value: number): string {
  return numbers.format(value);
}

export function date(iso: string): string {
  return dates.format(new Date(iso));
}

function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? numbers.format(value) : value;
  });
}
