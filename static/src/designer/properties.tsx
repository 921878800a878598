/* What can be said of the chosen part, or of the template as a whole where none is chosen. */

import { t, tryText } from "../core/i18n";
import { Icon } from "../ui/icon";
import { nameOf } from "./board";
import { useDesigner } from "./context";
import { configure, duplicate, remove, step, tie } from "./edits";
import {
  type Choice,
  FlagField,
  LinesField,
  listOf,
  ManyField,
  NumberField,
  SelectField,
  TextField,
  textOf,
} from "./fields";
import { fittingViews, lookOf, QUESTIONS } from "./kinds";
import { type Json, type QuestionPart, type ViewPart, walk } from "./model";
import { Options, optionsOf } from "./options";
import { Pairs } from "./pairs";
import { flat } from "./paste";
import { Places } from "./places";
import { fieldsOf } from "./preview-pane";

export function Properties() {
  const designer = useDesigner();
  const part = designer.part.value;
  return (
    <aside class="ds-props" aria-label={t("designer.properties")}>
      <div class="ds-props-in" key={part?.uid ?? ""}>
        {part ? (
          <>
            <header class="ds-props-head">
              <h2>
                <Icon name={lookOf(part).icon} />
                {t(lookOf(part).text)}
              </h2>
              <button
                type="button"
                class="btn btn-quiet btn-s"
                onClick={() => {
                  designer.chosen.value = null;
                }}
              >
                {t("designer.whole")}
              </button>
            </header>
            {part.kind === "view" ? <ViewProps part={part} /> : <QuestionProps part={part} />}
            <Places part={part} />
            <PartVerbs />
          </>
        ) : (
          <TemplateProps />
        )}
      </div>
    </aside>
  );
}

function TemplateProps() {
  const designer = useDesigner();
  const draft = designer.draft.value;
  const faults = designer.faults.value.filter((one) => one.uid === null);
  const other = faults.filter((one) => !/^(name|description|abandon_reasons)/.test(one.member));
  return (
    <>
      <h2>{t("designer.template")}</h2>
      <TextField
        text="designer.prop.name"
        member="name"
        uid={null}
        value={draft.name}
        onInput={(name) => designer.change({ ...designer.draft.peek(), name }, "name")}
      />
      <TextField
        text="designer.prop.description"
        member="description"
        uid={null}
        lines={3}
        value={draft.description}
        onInput={(description) =>
          designer.change({ ...designer.draft.peek(), description }, "description")
        }
      />
      <LinesField
        text="designer.prop.reasons"
        help="designer.prop.reasons.help"
        member="abandon_reasons"
        uid={null}
        value={draft.reasons}
        onInput={(reasons) =>
          designer.change({ ...designer.draft.peek(), reasons: reasons ?? [] }, "reasons")
        }
      />
      {other.map((one) => (
        <p key={one.member + one.message} class="ds-fault">
          {one.message}
        </p>
      ))}
    </>
  );
}

/** Change members of a part; typing in one field is one step of undo. */
function useSetter(uid: string): (change: Json) => void {
  const designer = useDesigner();
  return (change) =>
    designer.change(
      configure(designer.draft.peek(), uid, change),
      `${uid}.${Object.keys(change).join()}`,
    );
}

function ViewProps({ part }: { part: ViewPart }) {
  const set = useSetter(part.uid);
  const { config } = part;
  return (
    <>
      <TextField
        text="designer.prop.bindField"
        help="designer.prop.bindField.help"
        member="bindField"
        value={textOf(config, "bindField")}
        list={fieldsOf(useDesigner(), part.type)}
        onInput={(bindField) => set({ bindField })}
      />
      <TextField
        text="designer.prop.viewTitle"
        member="title"
        value={textOf(config, "title")}
        onInput={(title) => set({ title: title || undefined })}
      />
      <FlagField
        text="designer.prop.hide"
        help="designer.prop.hide.help"
        value={config.hide === true}
        onInput={(hide) => set({ hide: hide || undefined })}
      />
    </>
  );
}

function QuestionProps({ part }: { part: QuestionPart }) {
  const designer = useDesigner();
  const set = useSetter(part.uid);
  const { config } = part;
  const kind = designer.boot.kinds[part.type];
  const members = kind?.members ?? [];
  return (
    <>
      <TextField
        text="designer.prop.title"
        member="markTitle"
        value={textOf(config, "markTitle")}
        onInput={(markTitle) => set({ markTitle })}
      />
      <TextField
        text="designer.prop.help"
        member="help"
        value={textOf(config, "help")}
        onInput={(help) => set({ help: help || undefined })}
      />
      <FlagField
        text="designer.prop.mustFill"
        value={config.mustFill === true}
        onInput={(mustFill) => set({ mustFill })}
      />
      <FlagField
        text="designer.prop.canSelect"
        help="designer.prop.canSelect.help"
        value={config.canSelect === true}
        onInput={(on) => set({ canSelect: on || undefined, selected: on || undefined })}
      />
      <TextField
        text="designer.prop.selectGroup"
        help="designer.prop.selectGroup.help"
        member="selectGroup"
        value={textOf(config, "selectGroup")}
        onInput={(selectGroup) => set({ selectGroup: selectGroup || undefined })}
      />
      {members.includes("view") && <ViewChoice part={part} />}
      {members.map((name) => (
        <Member key={name} name={name} part={part} />
      ))}
      {kind?.nests && <Default part={part} />}
      <Condition part={part} />
    </>
  );
}

const TEXTS = ["rule", "ruleHint", "lowLabel", "highLabel"] as const;
const NUMBERS = ["least", "most", "step"] as const;
const LINES = ["preOptions", "tracks"] as const;
const CHOICES = { unit: ["word", "character"], style: ["stars", "numbers", "slider"] } as const;

/** The editor of one setting, by its name; the server says which a type has. */
function Member({ name, part }: { name: string; part: QuestionPart }) {
  const designer = useDesigner();
  const set = useSetter(part.uid);
  const { config } = part;
  const kind = designer.boot.kinds[part.type];
  for (const one of TEXTS) {
    if (one !== name) continue;
    return (
      <TextField
        text={`designer.prop.${one}`}
        member={one}
        value={textOf(config, one)}
        onInput={(value) => set({ [one]: value || undefined })}
      />
    );
  }
  for (const one of NUMBERS) {
    if (one !== name) continue;
    return (
      <NumberField
        text={`designer.prop.${one}`}
        member={one}
        value={config[one]}
        usual={kind?.defaults[one]}
        onInput={(value) => set({ [one]: value })}
      />
    );
  }
  for (const one of LINES) {
    if (one !== name) continue;
    return (
      <LinesField
        text={`designer.prop.${one}`}
        help={`designer.prop.${one}.help`}
        member={one}
        value={listOf(config, one)}
        onInput={(value) => set({ [one]: value })}
      />
    );
  }
  if (name === "unit" || name === "style") {
    return (
      <SelectField
        text={`designer.prop.${name}`}
        member={name}
        value={textOf(config, name) || String(kind?.defaults[name] ?? "")}
        choices={CHOICES[name].map((value) => ({
          value,
          text: tryText(`designer.${name}.${value}`, value),
        }))}
        onInput={(value) => set({ [name]: value })}
      />
    );
  }
  if (name === "shapes" || name === "defaultShapes") {
    const possible = name === "shapes" ? (kind?.shapes ?? []) : listOf(config, "shapes");
    if (name === "defaultShapes" && possible.length < 2) return null;
    return (
      <ManyField
        text={`designer.prop.${name}`}
        {...(name === "defaultShapes" ? { help: "designer.prop.defaultShapes.help" as const } : {})}
        member={name}
        value={listOf(config, name)}
        choices={possible.map((value) => ({ value, text: tryText(`shape.${value}`, value) }))}
        onInput={(value) =>
          set(
            name === "shapes"
              ? { shapes: value, defaultShapes: undefined }
              : { defaultShapes: value.length > 0 ? value : undefined },
          )
        }
      />
    );
  }
  if (name === "options") return <Options part={part} />;
  if (name === "contents") return <Contents part={part} />;
  if (name === "pairs" && part.nests.relationChildren.length > 0) return <Pairs part={part} />;
  return null;
}

function ViewChoice({ part }: { part: QuestionPart }) {
  const designer = useDesigner();
  const views = fittingViews(designer.boot, designer.draft.value, part.type);
  const choices: Choice[] = views.map((view) => ({ value: view.uid, text: nameOf(view) }));
  return (
    <SelectField
      text="designer.prop.view"
      member="view"
      value={part.view ?? ""}
      choices={[{ value: "", text: t("designer.choose") }, ...choices]}
      onInput={(view) =>
        designer.change(tie(designer.draft.peek(), part.uid, { view: view || null }))
      }
    />
  );
}

/** Which view shows an option that is ranked. */
function Contents({ part }: { part: QuestionPart }) {
  const designer = useDesigner();
  const { views } = designer.draft.value;
  const options = flat(optionsOf(part));
  if (options.length === 0) return null;
  return (
    <fieldset class="ds-field" data-member="contents">
      <legend>{t("designer.prop.contents")}</legend>
      {options.map((option) => (
        <label key={option.key} class="ds-pair">
          <span>{option.label}</span>
          <select
            value={part.contents[option.key] ?? ""}
            disabled={designer.frozen !== ""}
            onChange={(event) => {
              const { [option.key]: _, ...rest } = part.contents;
              const view = event.currentTarget.value;
              const contents = view ? { ...rest, [option.key]: view } : rest;
              designer.change(tie(designer.draft.peek(), part.uid, { contents }));
            }}
          >
            <option value="">–</option>
            {views.map((view) => (
              <option key={view.uid} value={view.uid}>
                {nameOf(view)}
              </option>
            ))}
          </select>
        </label>
      ))}
    </fieldset>
  );
}

/** What the answer begins with. */
function Default({ part }: { part: QuestionPart }) {
  const set = useSetter(part.uid);
  const designer = useDesigner();
  const { config } = part;
  const options = flat(optionsOf(part));
  const choices = options.map((one) => ({ value: one.key, text: one.label }));
  if (!designer.boot.kinds[part.type]?.options) {
    return (
      <TextField
        text="designer.prop.default"
        member="default"
        value={textOf(config, "default")}
        onInput={(value) => set({ default: value || undefined })}
      />
    );
  }
  if (options.length === 0) return null;
  if (QUESTIONS[part.type]?.many) {
    return (
      <ManyField
        text="designer.prop.default"
        member="default"
        value={listOf(config, "default")}
        choices={choices}
        onInput={(value) => set({ default: value.length > 0 ? value : undefined })}
      />
    );
  }
  return (
    <SelectField
      text="designer.prop.default"
      member="default"
      value={textOf(config, "default")}
      choices={[{ value: "", text: t("designer.none") }, ...choices]}
      onInput={(value) => set({ default: value || undefined })}
    />
  );
}

/** Shown only while another question is answered in a certain way. */
function Condition({ part }: { part: QuestionPart }) {
  const designer = useDesigner();
  const { showIf } = part;
  const inside = new Set([...walk([part])].map((one) => one.uid));
  const others = [...walk(designer.draft.value.questions)].filter(
    (one) => !inside.has(one.uid) && answersOf(one).length > 0,
  );
  const other = others.find((one) => one.uid === showIf?.question);
  const put = (next: QuestionPart["showIf"]) =>
    designer.change(tie(designer.draft.peek(), part.uid, { showIf: next }));
  if (others.length === 0) return null;
  return (
    <>
      <SelectField
        text="designer.prop.showIf"
        member="showIf"
        value={showIf?.question ?? ""}
        choices={[
          { value: "", text: t("designer.showIf.always") },
          ...others.map((one) => ({
            value: one.uid,
            text: t("designer.showIf.when", { title: nameOf(one) }),
          })),
        ]}
        onInput={(question) => {
          const found = others.find((one) => one.uid === question);
          const [first] = found ? answersOf(found) : [];
          put(found && first ? { question, is: [first.value] } : null);
        }}
      />
      {showIf && other && (
        <ManyField
          text="designer.showIf.is"
          value={showIf.is}
          choices={answersOf(other)}
          onInput={(is) => put({ ...showIf, is })}
        />
      )}
    </>
  );
}

/** The answers that a condition can ask for: options, or the values of a short scale. */
function answersOf(part: QuestionPart): Choice[] {
  const options = flat(optionsOf(part));
  if (options.length > 0) return options.map((one) => ({ value: one.key, text: one.label }));
  if (!QUESTIONS[part.type]?.scale) return [];
  const { least = 1, most = 5, step: by = 1 } = part.config as Record<string, number>;
  const count = Math.floor((most - least) / by) + 1;
  if (!(count > 0 && count <= 50)) return [];
  return Array.from({ length: count }, (_, at) => {
    const value = String(Math.round((least + at * by) * 1e6) / 1e6);
    return { value, text: value };
  });
}

function PartVerbs() {
  const designer = useDesigner();
  const part = designer.part.value;
  if (!part || designer.frozen) return null;
  const move = (by: 1 | -1) => designer.change(step(designer.draft.peek(), part.uid, by));
  return (
    <footer class="ds-verbs">
      <button
        type="button"
        class="btn btn-s"
        aria-keyshortcuts="Alt+ArrowUp"
        onClick={() => move(-1)}
      >
        <Icon name="up" />
        {t("designer.up")}
      </button>
      <button
        type="button"
        class="btn btn-s"
        aria-keyshortcuts="Alt+ArrowDown"
        onClick={() => move(1)}
      >
        <Icon name="down" />
        {t("designer.down")}
      </button>
      <button
        type="button"
        class="btn btn-s"
        aria-keyshortcuts="Control+d"
        onClick={() => {
          const { draft, copy } = duplicate(designer.draft.peek(), part.uid);
          designer.change(draft);
          designer.chosen.value = copy;
        }}
      >
        <Icon name="copy" />
        {t("designer.duplicate")}
      </button>
      <button
        type="button"
        class="btn btn-s btn-danger"
        aria-keyshortcuts="Delete"
        onClick={() => {
          designer.change(remove(designer.draft.peek(), part.uid));
          designer.chosen.value = null;
        }}
      >
        <Icon name="trash" />
        {t("designer.remove")}
      </button>
    </footer>
  );
}
