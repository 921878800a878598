/* The form that a typed text has to have. The server decides (templates_app); the page says it as one types. */

/** Longer texts are left to the server, which stops an expression that runs on and on. */
const TRIED = 200;

const made = new Map<string, RegExp | null>();

function compiled(rule: string): RegExp | null {
  let found = made.get(rule);
  if (found === undefined) {
    found = null;
    for (const flags of ["u", ""]) {
      try {
        found = new RegExp(`^(?:${rule})$`, flags);
        break;
      } catch (error) {
        // The server's dialect knows more than a browser's.
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
    made.set(rule, found);
  }
  return found;
}

/** Whether an expression may run for ever on a short text: it repeats what itself repeats or offers a choice. */
export function isRisky(rule: string): boolean {
  /** For each open group: whether it holds a repetition or a choice. */
  const groups = [false];
  for (let at = 0; at < rule.length; at++) {
    const sign = rule[at];
    if (sign === "\\") {
      // What refers back to a group is not matched in a straight line.
      if (/[1-9k]/.test(rule[at + 1] ?? "")) return true;
      at++;
    } else if (sign === "[") {
      at = classEnd(rule, at);
    } else if (sign === "(") groups.push(false);
    else if (sign === ")") {
      const loose = groups.pop() ?? false;
      if (loose && /[*+{]/.test(rule[at + 1] ?? "")) return true;
      if (loose) groups[groups.length - 1] = true;
    } else if (sign === "|" || sign === "*" || sign === "+" || sign === "{") {
      groups[groups.length - 1] = true;
    }
  }
  return false;
}

/** Where a class of characters ends that begins here. */
function classEnd(rule: string, from: number): number {
  for (let at = from + 1; at < rule.length; at++) {
    if (rule[at] === "\\") at++;
    else if (rule[at] === "]" && at > from + 1) return at;
  }
  return rule.length;
}

/** Whether the text is surely not of this form; what a browser cannot tell safely passes. */
export function breaksRule(rule: string, text: string): boolean {
  if (text.length > TRIED || isRisky(rule)) return false;
  const expression = compiled(rule);
  return expression !== null && !expression.test(text);
}
