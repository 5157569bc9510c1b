import { Button, DatePicker, Flex, Input, InputNumber, Select } from "antd";
import dayjs from "dayjs";
import type { ReactNode } from "react";
import { useCode } from "@/ui/codes";
import type { Checked } from "./checked";
import {
  cellOf,
  LOCALES,
  type Locale,
  type Placed,
  partOf,
  write as put,
  type Said,
  unvary,
  type Variant,
  vary,
} from "./draft";
import { useContent } from "./words";

const CHANNELS = [
  "sms",
  "wecom_message",
  "wecom_welcome",
  "wecom_request",
  "voice_ai",
  "voice_human",
  "parcel_insert",
  "by_hand",
] as const;
const MOST_VARIANTS = 26;

interface Writes {
  text: string;
  said: Said;
  write: (text: string) => void;
}

/** The text as a form: every change is made in the text, and nothing else of it is touched. */
export function Form(props: Writes & { isNew: boolean; checked: Checked }) {
  const { text, said, write, isNew, checked } = props;
  const say = useContent();
  const found = [...checked.wrong, ...checked.better];
  return (
    <div className="content-material">
      <section className="panel content-main" aria-label={say("tab_texts")}>
        <p className="quiet small">{say("fill_help")}</p>
        {found
          .filter((one) => one.cell === "")
          .map((one) => (
            <p key={one.why} className="content-finding" data-raw>
              {one.why}
            </p>
          ))}
        {said.variants.map((variant) => (
          <Way key={variant.code} {...props} variant={variant} findings={found} />
        ))}
        {said.variants.length < MOST_VARIANTS && (
          <Button onClick={() => write(vary(text))}>{say("add_variant")}</Button>
        )}
      </section>
      <About text={text} said={said} write={write} isNew={isNew} />
    </div>
  );
}

function Way(props: Writes & { variant: Variant; findings: readonly Placed[] }) {
  const { text, said, write, variant, findings } = props;
  const say = useContent();
  const several = said.variants.length > 1;
  return (
    <fieldset className="content-variant">
      {several && (
        <legend>
          <Flex gap={12} align="center" wrap>
            <strong>{say("first_variant", { code: variant.code })}</strong>
            <InputNumber
              size="small"
              aria-label={`${say("weight")} ${variant.code}`}
              title={say("weight_help")}
              min={0}
              max={1000}
              precision={0}
              prefix={say("weight")}
              value={variant.weight}
              onChange={(weight) => write(put(text, partOf(variant, "weight"), weight ?? 1))}
            />
            {variant.place >= 0 && (
              <Button size="small" onClick={() => write(unvary(text, variant.place))}>
                {say("remove_variant")}
              </Button>
            )}
          </Flex>
        </legend>
      )}
      <div className="content-pair">
        {LOCALES.map((locale) => (
          <Cell
            key={locale}
            locale={locale}
            variant={variant}
            value={variant[locale]}
            findings={findings.filter((one) => one.cell === cellOf(variant, locale))}
            change={(value) => write(put(text, partOf(variant, locale), value))}
          />
        ))}
      </div>
    </fieldset>
  );
}

function Cell(props: {
  locale: Locale;
  variant: Variant;
  value: string;
  findings: readonly Placed[];
  change: (value: string) => void;
}) {
  const { locale, variant, value, findings, change } = props;
  const say = useContent();
  const name = variant.code
    ? say("text_of", { language: say(locale), code: variant.code })
    : say(locale);
  return (
    <div>
      <div className="quiet small">{say(locale)}</div>
      <Input.TextArea
        aria-label={name}
        lang={locale === "zh" ? "zh-CN" : "en"}
        autoSize={{ minRows: 4, maxRows: 16 }}
        maxLength={2000}
        showCount
        value={value}
        onChange={(event) => change(event.target.value)}
      />
      {findings.map((one) => (
        <p key={`${one.line} ${one.why}`} className="content-finding" data-raw>
          {say("line_n", { line: one.line })} · {one.why}
        </p>
      ))}
    </div>
  );
}

function About({ text, said, write, isNew }: Writes & { isNew: boolean }) {
  const say = useContent();
  const code = useCode();
  const set = (name: string, value: unknown) => write(put(text, [name], value));
  const day = (one: string) => (one && dayjs(one).isValid() ? dayjs(one) : null);
  return (
    <aside className="panel content-side">
      <Field label={say("code")} help={say("code_help")}>
        <Input
          aria-label={say("code")}
          disabled={!isNew}
          maxLength={41}
          value={said.code}
          onChange={(event) => set("code", event.target.value)}
        />
      </Field>
      <Field label={say("called")} help={say("called_help")}>
        <Input
          aria-label={say("called")}
          maxLength={60}
          value={said.title}
          onChange={(event) => set("title", event.target.value)}
        />
      </Field>
      <Field label={say("channel")} help={say("channel_help")}>
        <Select
          aria-label={say("channel")}
          value={said.channel || undefined}
          options={CHANNELS.map((one) => ({ value: one, label: code("channel", one) }))}
          onChange={(chosen) => set("channel", chosen)}
        />
      </Field>
      <Field label={say("tags")} help={say("tags_help")}>
        <Select
          aria-label={say("tags")}
          mode="tags"
          open={false}
          value={said.tags}
          onChange={(tags: string[]) => set("tags", tags)}
        />
      </Field>
      <Field label={say("owner")} help={say("owner_help")}>
        <Input
          aria-label={say("owner")}
          maxLength={120}
          value={said.owner}
          onChange={(event) => set("owner", event.target.value)}
        />
      </Field>
      <Field label={say("valid")} help={say("valid_help")}>
        <DatePicker.RangePicker
          aria-label={say("valid")}
          allowEmpty
          value={[day(said.valid_from), day(said.valid_until)]}
          onChange={(_, days) => {
            const [first, last] = days ?? ["", ""];
            write(put(put(text, ["valid_from"], first), ["valid_until"], last));
          }}
        />
      </Field>
    </aside>
  );
}

function Field(props: { label: string; help: string; children: ReactNode }) {
  const { label, help, children } = props;
  return (
    <div className="content-field">
      <div>{label}</div>
      {children}
      <div className="quiet small">{help}</div>
    </div>
  );
}
