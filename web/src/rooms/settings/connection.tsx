import { Alert, Button, Flex } from "antd";
import { useEffect, useRef, useState } from "react";
import { Link, useParams } from "react-router";
import { api, type Failure, type Place, useAct } from "@/api/client";
import { queries } from "@/api/queries";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useCode } from "@/ui/codes";
import { useDone } from "@/ui/done";
import { Page } from "@/ui/page";
import { Nothing, Places, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { changes, fieldOf, type Typed, unreadable } from "./connection.draft";
import { Field, useChangeInWords } from "./connection.form";
import { Findings, Hook, Pulls } from "./connection.parts";
import { WELCOME, Welcomes } from "./connection.welcomes";
import { Broken, Connected } from "./connections";
import { useConnections } from "./connections.words";
import { Review, Unsaved } from "./draft";
import "./settings.css";

type Connection = components["schemas"]["Connection"];

const ROUTE = "/api/v1/connections/{connector}";

/** One connector: its settings field by field, a test of them, its address, how its pulls fare. */
export function Component() {
  const { connector = "" } = useParams();
  return <One key={connector} name={connector} />;
}

function One({ name }: { name: string }) {
  const say = useConnections();
  const may = useMay()("settings.write");
  const [language] = useLanguage();
  const [typed, setTyped] = useState<Typed>({});
  const asked = { params: { path: { connector: name } } };
  const query = api.useQuery("get", ROUTE, asked);
  const test = useAct("post", "/api/v1/connections/{connector}/test");
  const dirty = changes(query.data?.fields ?? [], typed).length > 0;
  const saved = (now: Connection) => {
    queries.setQueryData(["get", ROUTE, asked], now);
    setTyped({});
    test.reset();
  };
  return (
    <Page
      title={query.data?.title[language] ?? name}
      under={<Link to="/settings/connections">← {say("all")}</Link>}
      primary={
        may && (
          <Button
            type="primary"
            loading={test.isPending}
            disabled={dirty || !query.data}
            onClick={() => test.mutate(asked)}
          >
            {say("test")}
          </Button>
        )
      }
    >
      <Shown query={query}>
        {(found) => (
          <div className="sections">
            <Standing of={found} may={may} />
            <Findings
              asking={test.isPending}
              stale={dirty}
              error={test.error}
              found={test.data?.checks}
            />
            <Settings of={found} typed={typed} type={setTyped} may={may} saved={saved} />
            {found.hook && <Hook path={found.hook} />}
            {found.channels.includes(WELCOME) && <Welcomes />}
            {found.pulls.length > 0 && <Pulls of={found} />}
          </div>
        )}
      </Shown>
    </Page>
  );
}

/** Whether it works, since when by these settings, and why others that are kept are not used. */
function Standing({ of, may }: { of: Connection; may: boolean }) {
  const say = useConnections();
  const code = useCode();
  return (
    <Flex vertical gap={12}>
      <Flex gap={8} wrap align="baseline">
        <code className="quiet">{of.name}</code>
        <Connected of={of} />
      </Flex>
      {!may && (
        <div className="quiet">
          {say("only_read", { permission: code("permission", "settings.write") })}
        </div>
      )}
      <Broken problem={of.problem} />
      {of.since && !of.problem && (
        <div role="status">
          {say("in_use")} <When at={of.since} />
        </div>
      )}
    </Flex>
  );
}

function Settings(props: {
  of: Connection;
  typed: Typed;
  type: (next: (before: Typed) => Typed) => void;
  may: boolean;
  saved: (now: Connection) => void;
}) {
  const { of, typed, type, may, saved } = props;
  const say = useConnections();
  const [language] = useLanguage();
  const done = useDone();
  const inWords = useChangeInWords();
  const [reviewing, setReviewing] = useState(false);
  const [problems, setProblems] = useState<readonly Place[]>([]);
  const changed = changes(of.fields, typed);
  const act = useAct("put", ROUTE, {
    onSuccess: (now) => {
      setReviewing(false);
      setProblems([]);
      saved(now);
      done(say("saved", { title: of.title[language] }));
    },
    onError: (error) => {
      const failure = error as unknown as Failure;
      if (!failure.problems?.length) return; // said where it was pressed
      setReviewing(false);
      setProblems(failure.problems);
    },
  });
  const set = (name: string, to: string | null | undefined) => {
    setProblems((all) => all.filter((one) => fieldOf(one.where) !== name));
    type(({ [name]: _, ...others }) => (to === undefined ? others : { ...others, [name]: to }));
  };
  const problem = (name: string) =>
    problems
      .filter((one) => fieldOf(one.where) === name)
      .map((one) => (one.where === name ? one.why : `${one.where} ${one.why}`))
      .join(" ") || undefined;
  const wrong = changed.some(
    ({ setting, to }) => setting.kind === "many" && to !== null && unreadable(to),
  );
  return (
    <section className="panel">
      <h2>{say("settings")}</h2>
      {of.fields.length === 0 ? (
        <Nothing what={say("no_settings")} />
      ) : (
        <p className="quiet">{say("settings_help")}</p>
      )}
      <Refused problems={problems} fields={of.fields.map((one) => one.name)} />
      {of.fields.map((setting) => (
        <Field
          key={setting.name}
          connector={of.name}
          setting={setting}
          typed={typed[setting.name]}
          change={changed.find((one) => one.setting === setting)}
          problem={problem(setting.name)}
          may={may}
          set={(to) => set(setting.name, to)}
        />
      ))}
      <Unsaved
        many={changed.length}
        wrong={wrong}
        review={() => {
          act.reset();
          setReviewing(true);
        }}
        discard={() => {
          type(() => ({}));
          setProblems([]);
        }}
      />
      <Review
        open={reviewing}
        lines={changed.map(inWords)}
        effect={say("effect")}
        error={act.error}
        busy={act.isPending}
        save={() =>
          act.mutate({
            params: { path: { connector: of.name } },
            body: {
              by: "",
              fields: Object.fromEntries(changed.map(({ setting, to }) => [setting.name, to])),
            },
          })
        }
        close={() => setReviewing(false)}
      />
    </section>
  );
}

/** That nothing was saved, and what is said of no field; the rest stands at its own, which comes into sight. */
function Refused({ problems, fields }: { problems: readonly Place[]; fields: string[] }) {
  const say = useConnections();
  const here = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problems.length === 0) return;
    const first = here.current?.parentElement?.querySelector("[aria-invalid=true]");
    (first ?? here.current)?.scrollIntoView({ block: "center" });
  }, [problems]);
  const others = problems.filter((one) => !fields.includes(fieldOf(one.where)));
  return (
    <div ref={here}>
      {problems.length > 0 && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={say("refused")}
          description={others.length > 0 && <Places detail="" problems={others} />}
        />
      )}
    </div>
  );
}
