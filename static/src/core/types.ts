/* The wire: resolved template, item payloads and canonical results, as the API sends and takes them. */

export type Point = readonly [number, number];

/** One option of a choice question; `key` is what answers hold. */
export interface Option {
  key: string;
  label: string;
  color?: string;
  shortcut?: string;
  children?: Option[];
}

/** A question of the resolved template. Only its component knows what the further fields mean. */
export interface Question {
  questionId: string;
  type: string;
  markTitle: string;
  mustFill?: boolean;
  view?: string;
  /** The dataset field that the view shows. */
  field?: string;
  shapes?: string[];
  /** What the mouse snaps to in a text. */
  unit?: "word" | "character";
  /** Names of the tracks that segments lie on; without any there is one. */
  tracks?: string[];
  /** Whether what segments lie on is heard or seen. */
  kind?: "audio" | "video";
  options?: Option[];
  /** One line that explains it. */
  help?: string;
  /** It is asked only while one of these is chosen in another question. */
  showIf?: { questionId: string; is: readonly string[] };
  /** The answer that it begins with. */
  default?: unknown;
  /** Of texts: the form they have to have, as a regular expression, what to say of it, and texts to choose from. */
  rule?: string;
  ruleHint?: string;
  preOptions?: readonly string[];
  /** Characters of a text, or the ends and steps of a scale with its look and the words at its ends. */
  least?: number;
  most?: number;
  step?: number;
  style?: string;
  lowLabel?: string;
  highLabel?: string;
  /** What is ranked: the view of each option. */
  contents?: Readonly<Record<string, string>>;
  /** Asked of each object. */
  children?: Question[];
  /** Asked of what holds between two objects. */
  relationChildren?: Question[];
  /** Which objects may be joined by what, by their choices; an empty list is any. None: all. */
  pairs?: readonly { from: string[]; to: string[]; relation: string[] }[];
  /** Asked of each page that objects lie on. */
  pageChildren?: Question[];
}

/** A view: which field of the item is shown, and by which content component. */
export interface View {
  type: string;
  bindField: string;
  field: string;
  title?: string;
  /** It is there for its questions alone, and not shown. */
  hide?: boolean;
}

/** A row of the stage: cells from left to right, each with views and questions from top to bottom. */
export interface LayoutRow {
  cells: { width: number; blocks: ({ view: string } | { question: string })[] }[];
  height?: number;
}

export interface Template {
  views: View[];
  questions: Question[];
  /** Without rows: the views side by side. */
  layout?: LayoutRow[];
  abandon_reasons: string[];
}

/** One element of canonical results: a whole answer to one question. */
export interface Element {
  questionId: string;
  type: string;
  data: unknown;
  [extra: string]: unknown;
}

/** One object of an element whose data is a list of objects (a box, later a span or a segment). */
export interface Obj {
  id: string;
  type: string;
  labels: Record<string, unknown>;
  [extra: string]: unknown;
}

export interface Media {
  url: string;
  type: string;
  width?: number;
  height?: number;
  format?: string;
  /** It is shown in tiles. */
  tiles?: boolean;
  /** Of a recording, in seconds; `playable`: by browsers, as it is. */
  duration?: number;
  playable?: boolean;
  /** Of a film: frames per second on the average, how many, whether they come at one rate, whether it sounds. */
  fps?: number;
  frames?: number;
  variable?: boolean;
  has_audio?: boolean;
  /** Of sound: samples per second. */
  rate?: number;
  channels?: number;
  /** Of a PDF: how many pages, and runs of pages of one size: width, height in points, how many. */
  pages?: number;
  sizes?: readonly (readonly [number, number, number])[];
}

export type Mode = "labeling" | "check" | "acceptance" | "read";
export type ItemState =
  | "open"
  | "answered"
  | "abandoned"
  | "locked"
  | "passed"
  | "modified"
  | "rejected"
  | "unsampled";

export interface ItemSummary {
  position: number;
  state: ItemState;
  version: number;
  feedback?: boolean;
  flag?: Flag | null;
  /** The votes on it did not agree. */
  disputed?: boolean;
}

export type FlagState = "open" | "answered" | "closed";

/** A question about an item; `thread` is 0 until the server has it. */
export interface Flag {
  thread: number;
  state: FlagState;
}

/** One person's answer to an item that several label; `voter` counts from 1. */
export interface Vote {
  voter: number;
  author: string | null;
  results: Element[];
  abandoned: boolean;
  adopted: boolean;
}

export interface Answer {
  results: Element[] | null;
  abandoned: boolean;
  reason?: string;
}

export interface Base extends Answer {
  author: string | null;
  stage: string;
  version: number;
}

export interface Since {
  results: Element[];
  abandoned: boolean;
  round: number;
  stage: string;
}

export interface Feedback {
  stage: string;
  round: number;
  feedback: string;
  object: string | null;
  error_type?: string;
  severity?: string;
}

/** The latest verdict on this person's answer, and what became of their appeal against it. */
export interface Appealable {
  stage: string;
  round: number;
  verdict: string;
  feedback: string;
  /** Until when it may be appealed. */
  until: string;
  can: boolean;
  reason: string;
  appeal: { id: number; state: "open" | "upheld" | "dismissed"; note: string } | null;
}

export interface HistoryEntry extends Answer {
  assignment: number | null;
  stage: string;
  round: number;
  author: string | null;
  verdict: string;
  feedback: string;
  version: number;
  at: string;
  late?: boolean;
}

export interface LateAnswer {
  author: string | null;
  results: Element[];
  abandoned: boolean;
  at: string;
}

export interface ItemPayload extends Answer {
  position: number;
  data: Record<string, unknown>;
  /** HTML of the fields that Markdown views show, made and cleaned by the server. */
  markdown?: Record<string, string>;
  media: Record<string, Media>;
  version: number;
  state: ItemState;
  verdict: string;
  feedback: string;
  feedback_object: string;
  error_type: string;
  severity: string;
  base: Base | null;
  previous_feedback: Feedback[];
  prior: Record<string, unknown>;
  /** Those of them that answer this job's questions, as results. */
  prior_results?: Record<string, Element[]>;
  locked: boolean;
  flag?: Flag | null;
  appeal?: Appealable | null;
  votes?: Vote[];
  /** What an earlier round judged; only inspectors are told. */
  since?: Since | null;
  disputed?: boolean;
  history?: HistoryEntry[];
  /** What former holders saved after the package had gone from them. */
  late?: LateAnswer[];
}

export interface Assignment {
  id: number | null;
  job: { id: number; name: string };
  package: { number: number; item_count: number };
  stage: string;
  round: number;
  state: string;
  is_return?: boolean;
  expires_at?: string | null;
  mode: Mode;
  template: Template;
  language: string;
  first: number;
  items: ItemSummary[];
  /** Who sent the package back as a whole, and what they said. */
  returned?: { stage: string; feedback: string } | null;
  /** What may be chosen from when an item is rejected. */
  feedback_lists: { error_types: readonly string[]; severities: readonly string[] };
  can: Can;
  /** Why what `can` refuses is refused. */
  why?: Partial<Record<Verb, string>>;
  skips_left?: number;
  lot?: { id: number; name: string; url: string } | null;
  api: string;
}

/** What is done with a package as a whole. */
export type Verb = "submit" | "release" | "skip" | "withdraw" | "reject";
export type Can = Partial<Record<Verb, boolean>>;

/** What may change while the page is open; asked for now and then. Times are ISO, `now` is the server's. */
export interface Pulse {
  now: string;
  state: string;
  job_state: string;
  expires_at: string | null;
  /** Seconds without input after which a claim ends. */
  claim_seconds: number;
  /** Another one when the job's labels have changed. */
  labels: string;
  can: Can;
  why: Partial<Record<Verb, string>>;
  /** Packages of this job that the person may still give back today. */
  skips_left: number;
  guide: { version: number; confirmed: boolean } | null;
  flags: (Flag & { position: number })[];
}

export interface Bootstrap {
  assignment: Assignment;
  position: number;
  item: ItemPayload;
  guide: string;
  /** It is only tried out: nothing is stored, nobody is asked. */
  preview?: true;
  /** Whether the person holds the package, or held it. */
  own: boolean;
  /** Where a manager may correct answers: why not at the moment, "" where nothing is in the way. */
  correct?: { why: string } | null;
  /** What reads the text of regions; `why`: nothing does, and why not, or "". */
  recogniser?: { why: string };
  /** The server's time when the page was made, and what stands then of the pulse. */
  now: string;
  job_state: string;
  claim_seconds: number;
  labels: string;
  user: {
    id: number;
    username: string;
    name: string;
    claim_next: boolean;
    shortcuts: Record<string, string[]>;
  };
  workspace: number;
  csrf: string;
  language: string;
  home: string;
  back: string;
  signin: string;
  preferences: {
    theme: string;
    language: string;
    languages: readonly (readonly [string, string])[];
  };
}

/** An operation on the wire; `id` null means the question's whole element. */
export interface WireOp {
  questionId: string;
  id: string | null;
  value: unknown;
  before?: string;
}
