import { Button, Input, Select } from "antd";
import { type ReactNode, useId } from "react";
import { useLanguage } from "@/ui/words";
import { type Change, isSet, type Setting, standing, unreadable } from "./connection.draft";
import { useConnections } from "./connections.words";

type Say = ReturnType<typeof useConnections>;

/** One setting: what it is for, its box, and what is to be said of it. */
export function Field(props: {
  connector: string;
  setting: Setting;
  typed: string | null | undefined;
  change: Change | undefined;
  problem: string | undefined;
  may: boolean;
  set: (to: string | null | undefined) => void;
}) {
  const { connector, setting, typed, change, problem, may, set } = props;
  const say = useConnections();
  const [language] = useLanguage();
  const id = useId();
  const forgotten = change?.to === null;
  const text = typed === undefined ? standing(setting) : (typed ?? "");
  const wrong = useWrong(setting, text, problem);
  const free = may && !setting.fixed;
  return (
    <div className="setting">
      <div>
        <label htmlFor={id}>
          <code>{setting.name}</code>
        </label>
        <p className="quiet" id={`${id}-about`}>
          {setting.about[language]}
        </p>
      </div>
      <div>
        <div className="setting-box">
          <Box
            id={id}
            setting={setting}
            text={text}
            wrong={!!wrong}
            free={free}
            gone={forgotten}
            set={set}
          />
          {free && forgotten && <Button onClick={() => set(undefined)}>{say("keep")}</Button>}
          {free && !forgotten && isSet(setting) && (
            <Button
              aria-label={say("forget_it", { field: setting.name })}
              onClick={() => set(null)}
            >
              {say("forget")}
            </Button>
          )}
        </div>
        <div id={`${id}-said`} className="setting-said small">
          {wrong && (
            <span className="tone-harm" role="alert">
              {wrong}
            </span>
          )}
          <Said connector={connector} setting={setting} forgotten={forgotten} />
        </div>
      </div>
    </div>
  );
}

/** What is known to be wrong with it: what the server refused, else what can be seen while it is typed. */
function useWrong(setting: Setting, text: string, problem: string | undefined): string | undefined {
  const say = useConnections();
  if (problem) return problem;
  const found = setting.kind === "many" ? unreadable(text) : null;
  return found ? say(found.why, found.at) : undefined;
}

function Said(props: { connector: string; setting: Setting; forgotten: boolean }) {
  const { connector, setting, forgotten } = props;
  const say = useConnections();
  const variable = `SIYU_${connector}_${setting.name}`.toUpperCase();
  return (
    <>
      {setting.kind === "secret" && (
        <span className={isSet(setting) ? "tone-ours" : "tone-out"}>
          {say(isSet(setting) ? "is_set" : "unset")}
        </span>
      )}
      {forgotten && (
        <span className="tone-waits">
          {say(setting.default ? "forgotten_default" : "forgotten")}
        </span>
      )}
      {setting.fixed && (
        <span className="quiet">
          {say("fixed")} <code>{variable}</code>
        </span>
      )}
    </>
  );
}

function Box(props: {
  id: string;
  setting: Setting;
  text: string;
  wrong: boolean;
  free: boolean;
  gone: boolean;
  set: (to: string) => void;
}) {
  const { id, setting, text, wrong, free, gone, set } = props;
  const say = useConnections();
  const told = {
    id,
    "aria-describedby": `${id}-about ${id}-said`,
    "aria-invalid": wrong,
    status: wrong ? ("error" as const) : undefined,
    disabled: !free,
    placeholder: placeholder(setting, free && !gone, say),
  };
  if (setting.kind === "yes_no" || setting.kind === "choice")
    return (
      <Select
        {...told}
        allowClear
        value={text || undefined}
        onChange={(value?: string) => set(value ?? "")}
        options={(setting.kind === "yes_no" ? ["true", "false"] : setting.choices).map((value) => ({
          value,
          label: <span data-raw>{word(setting, value, say)}</span>,
        }))}
      />
    );
  const typing = {
    ...told,
    value: text,
    spellCheck: false,
    onChange: (event: { target: { value: string } }) => set(event.target.value),
  };
  if (setting.kind === "many")
    return <Input.TextArea {...typing} autoSize={{ minRows: 3, maxRows: 16 }} />;
  if (setting.kind === "secret")
    return <Input.Password {...typing} visibilityToggle={false} autoComplete="new-password" />;
  return (
    <Input
      {...typing}
      autoComplete="off"
      inputMode={setting.kind === "number" ? "numeric" : undefined}
    />
  );
}

function placeholder(one: Setting, keeps: boolean, say: Say): string {
  if (one.kind === "secret") return keeps && isSet(one) ? say("keeps") : "";
  return byDefault(one, say);
}

function byDefault(one: Setting, say: Say): string {
  return one.default ? say("by_default", { value: word(one, one.default, say) }) : say("unset");
}

function word(one: Setting, value: string, say: Say): string {
  return one.kind === "yes_no" ? say(value === "true" ? "yes" : "no") : value;
}

/** A change in words: what it was, what it will be; of a secret only that it is another one. */
export function useChangeInWords(): (change: Change) => ReactNode {
  const say = useConnections();
  const said = (one: Setting, value: string | null) => {
    if (value === null) return byDefault(one, say);
    return one.kind === "secret" ? say("new_secret") : word(one, value, say);
  };
  const before = (one: Setting) => {
    if (!isSet(one)) return byDefault(one, say);
    return one.kind === "secret" ? say("is_set") : word(one, one.value, say);
  };
  return ({ setting, to }) => (
    <>
      <code>{setting.name}</code>
      <br />
      <strong data-raw>
        {before(setting)} → {said(setting, to)}
      </strong>
    </>
  );
}
