/* How many people answer each question, and how many of them must agree. */

import { find } from "./lib/labels";
import { majority, typedNumber } from "./lib/shares";

export interface Question {
  title: string;
  /** Alternatives, of which the job takes one. */
  ids: string[];
}

export type VotesJson = Record<string, { VoteNum: unknown; MinVote: unknown }>;

interface Texts {
  voteNum: string;
  minVote: string;
}

interface Row {
  question: Question;
  num: HTMLInputElement;
  min: HTMLInputElement;
}

export class Votes {
  private readonly box: HTMLElement;
  private readonly hidden: HTMLInputElement;
  private rows: Row[] = [];

  /** `chosen`: which of a question's alternatives the job takes. */
  constructor(
    private readonly root: HTMLElement,
    private readonly texts: Texts,
    private given: VotesJson | null,
    private readonly chosen: (ids: string[]) => string,
    private readonly changed: () => void,
  ) {
    this.box = find(root, "[data-votes]");
    this.hidden = find<HTMLInputElement>(this.box, '[name="votes"]');
  }

  /** The template has changed: one row for each question. */
  show(questions: Question[]): void {
    const template = find<HTMLTemplateElement>(this.root, "[data-vote-template]");
    const list = find(this.box, "[data-vote-rows]");
    list.replaceChildren();
    this.rows = questions.map((question) => {
      const element = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
      find(element, "th").textContent = question.title;
      const num = find<HTMLInputElement>(element, "[data-vote-num]");
      const min = find<HTMLInputElement>(element, "[data-min-vote]");
      num.setAttribute("aria-label", this.texts.voteNum.replace("{title}", question.title));
      min.setAttribute("aria-label", this.texts.minVote.replace("{title}", question.title));
      const id = question.ids.find((one) => this.given?.[one] !== undefined) ?? "";
      num.value = String(this.given?.[id]?.VoteNum ?? 1);
      min.value = String(this.given?.[id]?.MinVote ?? 1);
      num.addEventListener("input", () => {
        // More than half, until somebody says otherwise.
        const people = typedNumber(num.value);
        if (typeof people === "number") min.value = String(majority(people));
        this.edited();
      });
      min.addEventListener("input", () => this.edited());
      list.append(element);
      return { question, num, min };
    });
    this.given = null;
    this.box.hidden = questions.length === 0;
    this.write();
  }

  private edited(): void {
    this.box.querySelector("[data-server-error]")?.remove();
    this.write();
    this.changed();
  }

  /** Put it into the field that is sent; questions that one person answers are left out. */
  write(): void {
    const votes: VotesJson = {};
    for (const { question, num, min } of this.rows) {
      min.disabled = num.value.trim() === "1";
      if (!min.disabled)
        votes[this.chosen(question.ids)] = {
          VoteNum: typedNumber(num.value),
          MinVote: typedNumber(min.value),
        };
    }
    this.hidden.value = Object.keys(votes).length === 0 ? "" : JSON.stringify(votes);
  }
}
