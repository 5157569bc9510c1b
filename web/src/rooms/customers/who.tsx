import { Button, Flex, Input, Switch, Tag, Tooltip } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, useAct } from "@/api/client";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { exact } from "@/ui/format";
import { Problem } from "@/ui/states";
import { Code, When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { type Question, Word } from "./care";
import { Children } from "./children";
import { Identities } from "./identities";
import { Fact, Section, Stage } from "./parts";
import type { Overview } from "./types";
import { useCustomers } from "./words";

/** Who it is: identity, stage, whose friend, tags, what they allow. */
export function Who({ of }: { of: Overview }) {
  const say = useCustomers();
  const code = useCode();
  const [looking, look] = useState(false);
  const phones = of.keys.filter((one) => one.kind === "phone" && !one.wrong);
  return (
    <>
      <Fact label={code("key", "phone")}>
        <span className="number">{phones.at(-1)?.masked ?? say("no_phone")}</span>
      </Fact>
      <Fact label={say("c_stage")}>
        {code("stage", of.stage)} <Stage stage={of.stage} />
      </Fact>
      <Fact label={say("owner")}>
        {of.owner ? (
          <Tooltip title={say("owner_how")}>{of.owner.name}</Tooltip>
        ) : (
          <span className="quiet">{say("no_owner")}</span>
        )}
      </Fact>
      <Fact label={say("since")}>
        <When at={of.since} />
      </Fact>
      {of.dates.map((one) => (
        <Fact key={one.name} label={one.name === "birthday" ? say("birthday") : one.name}>
          <span className="number">{one.day}</span> {one.calendar === "lunar" && say("lunar")}
        </Fact>
      ))}
      <Flex wrap gap={4}>
        {of.synthetic && <Tag>{say("synthetic")}</Tag>}
        {of.held_out_of.map((one) => (
          <Tag key={one}>{say("held_out", { code: one })}</Tag>
        ))}
      </Flex>
      <Button block onClick={() => look(true)} style={{ marginTop: 8 }}>
        {say("identities")} <span className="number quiet">{of.keys.length}</span>
      </Button>
      <Tags of={of} />
      <Segments of={of} />
      <Friends of={of} />
      <Consents of={of} />
      <Children customer={of.customer} />
      {looking && <Identities of={of} done={() => look(false)} />}
    </>
  );
}

function Friends({ of }: { of: Overview }) {
  const say = useCustomers();
  if (of.friendships.length === 0) return null;
  return (
    <Section title={say("friends")}>
      {of.friendships.map((one) => (
        <Fact key={one.staff} label={one.name}>
          <Code set="friend" code={one.state} tone={one.state === "live" ? "ours" : "waits"} />{" "}
          <When at={one.state === "live" ? one.added_at : one.deleted_at} />
        </Fact>
      ))}
    </Section>
  );
}

/** The live segments and the bands of layers that they are in; each says why. */
function Segments({ of }: { of: Overview }) {
  const say = useCustomers();
  const may = useMay()("segments.read");
  const [language] = useLanguage();
  const { data } = api.useQuery("get", "/api/v1/customers/{customer}/segments", {
    params: { path: { customer: of.customer } },
  });
  if (!data?.segments.length) return null;
  return (
    <Section title={say("segments")}>
      <Flex wrap gap={6}>
        {data.segments.map((one) => {
          const title = one.title[language] || one.code;
          return (
            <Tag
              key={one.code}
              data-raw
              style={{ margin: 0 }}
              className={one.live ? "tone-ours" : ""}
            >
              {may ? (
                <Link
                  to={`/customers/segments/${one.code}?why=${of.customer}`}
                  title={say("segment_why", { title })}
                >
                  {title}
                </Link>
              ) : (
                title
              )}
            </Tag>
          );
        })}
      </Flex>
    </Section>
  );
}

/** Where a tag came from, in words. */
function useSource(): (source: string) => string {
  const say = useCustomers();
  return (source) => {
    const [kind, name = ""] = source.split(/:(.*)/);
    if (kind === "staff") return say("from_staff", { who: name });
    if (kind === "journey") return say("from_journey", { code: name });
    return say("tag_from", { source });
  };
}

function Tags({ of }: { of: Overview }) {
  const say = useCustomers();
  const may = useMay()("customers.care");
  const source = useSource();
  const [adding, add] = useState<string | null>(null);
  const act = useAct("post", "/api/v1/customers/{customer}/tags", { onSuccess: () => add(null) });
  const set = (name: string, on: boolean) =>
    act.mutate({ params: { path: { customer: of.customer } }, body: { name, on } });
  return (
    <Section
      title={say("tags")}
      action={
        may &&
        adding === null && (
          <Button size="small" type="link" onClick={() => add("")}>
            {say("tag_add")}
          </Button>
        )
      }
    >
      <Problem error={act.error} />
      {of.tags.length === 0 && adding === null && <span className="quiet">{say("no_tags")}</span>}
      <Flex wrap gap={6}>
        {of.tags.map((one) => (
          <Tooltip key={one.name} title={`${source(one.source)} · ${exact(one.tagged_at)}`}>
            <Tag
              data-raw
              tabIndex={0}
              style={{ margin: 0 }}
              closable={may && { "aria-label": say("tag_off", { name: one.name }) }}
              onClose={(event) => {
                event.preventDefault();
                set(one.name, false);
              }}
            >
              {one.name}
            </Tag>
          </Tooltip>
        ))}
        {adding !== null && (
          <Input
            autoFocus
            size="small"
            style={{ width: 160 }}
            maxLength={60}
            aria-label={say("tag_add")}
            value={adding}
            disabled={act.isPending}
            onChange={(event) => add(event.target.value)}
            onPressEnter={() => adding.trim() && set(adding, true)}
            onKeyDown={(event) => event.key === "Escape" && add(null)}
            onBlur={() => !adding.trim() && add(null)}
          />
        )}
      </Flex>
    </Section>
  );
}

const CHANNELS = ["sms", "voice", "wecom"] as const;
const PURPOSES = ["order_invitation", "promotion", "service"] as const;

/** What they allow, as switches; each asks where it can be seen. */
function Consents({ of }: { of: Overview }) {
  const say = useCustomers();
  const code = useCode();
  const may = useMay()("customers.consent");
  const [about, ask] = useState<Question | null>(null);
  const latest = (channel: string, purpose: string) =>
    of.consents.find((one) => one.channel === channel && one.purpose === purpose);
  return (
    <Section title={say("consents")}>
      <table className="consents">
        <thead>
          <tr>
            <td />
            {CHANNELS.map((one) => (
              <th key={one} scope="col">
                {code("consent_channel", one)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {PURPOSES.map((purpose) => (
            <tr key={purpose}>
              <th scope="row">{code("purpose", purpose)}</th>
              {CHANNELS.map((channel) => {
                const word = latest(channel, purpose);
                const given = word?.state === "given";
                const said = word
                  ? [
                      say(given ? "given" : "withdrawn"),
                      word.basis && code("basis", word.basis),
                      word.evidence,
                      exact(word.changed_at),
                    ]
                  : [say("said_nothing")];
                return (
                  <td key={channel}>
                    <Tooltip title={said.filter(Boolean).join(" · ")}>
                      <Switch
                        size="small"
                        checked={given}
                        disabled={!may}
                        aria-label={say("consent_of", {
                          channel: code("consent_channel", channel),
                          purpose: code("purpose", purpose),
                        })}
                        onChange={(on) => ask({ channel, purpose, given: on })}
                      />
                    </Tooltip>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {about && <Word customer={of.customer} about={about} done={() => ask(null)} />}
    </Section>
  );
}
