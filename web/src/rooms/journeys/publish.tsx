import { Alert, App, Button, Flex, InputNumber, Modal, Radio } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import type { SchemaPublished, SchemaTextPreview } from "@/api/schema";
import { money } from "@/ui/format";
import { Problem, Shown } from "@/ui/states";
import { difference, useTongue } from "./said";

/** What publishing changes, in words and people, then for whom. */
export function Publish(props: {
  title: string;
  text: string;
  base: number;
  done: (said: SchemaPublished) => void;
  close: () => void;
}) {
  const { title, text, base, done, close } = props;
  const { say } = useTongue();
  const { message } = App.useApp();
  const [pilot, setPilot] = useState<number | null>(null);
  const query = api.useQuery(
    "post",
    "/api/v1/journeys/preview",
    { body: { text, pilot } },
    { placeholderData: (before: SchemaTextPreview | undefined) => before, staleTime: 0 },
  );
  const act = useAct("post", "/api/v1/journeys", {
    onSuccess: (said) => {
      void message.success(said_(said, say));
      done(said);
    },
  });
  const second = query.data?.second_person ?? false;
  return (
    <Modal
      open
      title={say("publish_title", { title })}
      width={680}
      onCancel={close}
      footer={
        <Flex justify="flex-end" gap={8}>
          <Button onClick={close}>{say("cancel")}</Button>
          <Button
            type="primary"
            loading={act.isPending}
            disabled={
              !query.data || query.isFetching || query.data.texts.some((one) => one.refused)
            }
            onClick={() => act.mutate({ body: { text, pilot, base_version: base, by: "" } })}
          >
            {say(second ? "ask_second" : "publish_now")}
          </Button>
        </Flex>
      }
    >
      <Flex vertical gap={16}>
        <Problem error={act.error} />
        <Shown query={query} rows={4}>
          {(seen) => (
            <>
              <Texts seen={seen} />
              <Changes seen={seen} />
            </>
          )}
        </Shown>
        <section>
          <h3 className="journey-h3">{say("for_whom")}</h3>
          <Radio.Group
            value={pilot === null ? "all" : "pilot"}
            onChange={({ target }) => setPilot(target.value === "pilot" ? 100 : null)}
          >
            <Flex vertical gap={8}>
              <Radio value="all">{say("everybody")}</Radio>
              <Flex align="center" gap={8}>
                <Radio value="pilot">{say("pilot_first")}</Radio>
                <InputNumber
                  aria-label={say("pilot_first")}
                  min={1}
                  precision={0}
                  value={pilot ?? 100}
                  disabled={pilot === null}
                  onChange={(value) => value !== null && setPilot(value)}
                />
                <span>{say("people_unit")}</span>
              </Flex>
            </Flex>
          </Radio.Group>
        </section>
        {query.data && <Expected seen={query.data} />}
      </Flex>
    </Modal>
  );
}

/** What providers would not take as it is written, and what nobody can say before it goes out. */
function Texts({ seen }: { seen: SchemaTextPreview }) {
  const { say } = useTongue();
  const refused = seen.texts.filter((one) => one.refused);
  const unknown = seen.texts.filter((one) => !one.refused);
  const lines = (of: typeof seen.texts) => (
    <ul className="journey-changes">
      {of.map((one) => (
        <li key={one.step}>
          <code>{one.step}</code> <code>{one.material}</code>
          <div>{one.why}</div>
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {refused.length > 0 && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={say("texts_refused")}
          description={lines(refused)}
        />
      )}
      {unknown.length > 0 && (
        <Alert
          type="info"
          showIcon
          role="note"
          title={say("texts_unknown")}
          description={lines(unknown)}
        />
      )}
    </>
  );
}

function Changes({ seen }: { seen: SchemaTextPreview }) {
  const tongue = useTongue();
  const { say, many } = tongue;
  const before = seen.changes.some((one) => one.before > 0);
  if (seen.base === 0) return <p>{say("is_new")}</p>;
  return (
    <section>
      <h3 className="journey-h3">{say("what_changes")}</h3>
      {seen.changes.length === 0 ? (
        <p className="quiet">{say("nothing_changes")}</p>
      ) : (
        <ul className="journey-changes">
          {seen.changes.map((one) => (
            <li key={`${one.code} ${one.step} ${one.field}`}>
              {difference(one, tongue)}
              <span className={one.before ? "tone-waits" : "quiet"}>
                {one.before
                  ? say("people_before", { count: many(one.before) })
                  : say("nobody_before")}
              </span>
            </li>
          ))}
        </ul>
      )}
      {before && <p className="quiet">{say("finish_old")}</p>}
    </section>
  );
}

function Expected({ seen }: { seen: SchemaTextPreview }) {
  const { say, many, language } = useTongue();
  const count = many(seen.people);
  return (
    <section>
      <p className="quiet">
        {seen.currency
          ? say("expected", { count, cost: money(seen.cost_minor, language, seen.currency) })
          : say("expected_free", { count })}
      </p>
      {seen.second_person && <p className="tone-waits">{say("second_person")}</p>}
    </section>
  );
}

function said_(said: SchemaPublished, say: ReturnType<typeof useTongue>["say"]): string {
  if (said.waiting) return say("asked_approval", { version: said.version });
  if (said.pilot !== null)
    return say("published_pilot", { version: said.version, count: said.pilot });
  return say(said.new ? "published" : "unchanged", { version: said.version });
}
