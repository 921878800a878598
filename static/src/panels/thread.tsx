/* The questions about the open item: what was asked and answered, and a line to go on. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ask } from "../core/dialogs";
import { date, t } from "../core/i18n";
import { uuid } from "../core/ids";
import { loadThreads, reply, type Thread, threadsAt } from "../core/talk";
import type { Flag } from "../core/types";
import { Button } from "../ui/button";
import { useSession } from "../ui/context";
import { Icon } from "../ui/icon";

const BADGES = { open: "warn", answered: "ok", closed: "" } as const;

export function ItemQuestions() {
  const session = useSession();
  const position = session.position.value;
  const flag = session.desk.flags.value.get(position) ?? session.payload.value?.flag;
  return flag ? <Questions key={position} position={position} flag={flag} /> : null;
}

function Questions({ position, flag }: { position: number; flag: Flag }) {
  const session = useSession();
  const threads = threadsAt(position);
  const { thread, state } = flag;
  useEffect(() => {
    if (thread > 0) void loadThreads(session, position, { thread, state });
  }, [session, position, thread, state]);
  return (
    <section class="panel threads" aria-label={t("flag.title")} data-flag={state}>
      <h2 class="panel-title">
        <Icon name="ask" />
        {t("flag.title")}
        <span class={`badge ${BADGES[state]}`}>{t(`flag.short.${state}`)}</span>
      </h2>
      {thread === 0 && <p class="small muted">{t("flag.waiting")}</p>}
      {threads.map((one) => (
        <Conversation key={one.id} position={position} thread={one} />
      ))}
    </section>
  );
}

function Conversation({ position, thread }: { position: number; thread: Thread }) {
  return (
    <>
      <ol class="thread" role="list">
        {thread.messages.map((message) => (
          <li key={message.id} class={message.is_answer ? "thread-answer" : ""}>
            <p class="small muted">
              {message.mine ? t("flag.me") : (message.author ?? t("flag.somebody"))}
              {" · "}
              <time dateTime={message.created_at}>{date(message.created_at)}</time>
              {message.published && <span class="badge info">{t("flag.published")}</span>}
            </p>
            <p class="feedback-text">{message.text}</p>
          </li>
        ))}
      </ol>
      {thread.can.write && <Reply position={position} thread={thread} />}
    </>
  );
}

function Reply({ position, thread }: { position: number; thread: Thread }) {
  const session = useSession();
  const id = useId();
  const write = useRef(uuid());
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async () => {
    if (!text.trim() || busy) return;
    setBusy(true);
    const problem = await reply(session, position, thread, text.trim(), write.current);
    setBusy(false);
    setError(problem);
    if (problem) return;
    setText("");
    write.current = uuid();
  };
  return (
    <div class="field">
      <label for={id}>{t("flag.reply")}</label>
      <textarea
        id={id}
        rows={2}
        maxLength={4000}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          event.stopPropagation();
          void send();
        }}
      />
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <div>
        <Button
          text="flag.send"
          icon="send"
          class="btn-s"
          disabled={busy || !text.trim()}
          onPress={() => void send()}
        />
      </div>
    </div>
  );
}

/** The button that asks, for the foot of the page. */
export function AskButton() {
  const session = useSession();
  if (session.mode === "read" || session.boot.preview) return null;
  return (
    <Button
      text="flag.action"
      icon="ask"
      keys="s"
      kind="quiet"
      disabled={!session.active || session.payload.value === null}
      onPress={() => ask("flag")}
    />
  );
}
