import { App, Button, Flex, Radio, type TableProps } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, useAct } from "@/api/client";
import { useMay } from "@/api/session";
import { byCursor, Keyset } from "@/ui/keyset";
import { Page } from "@/ui/page";
import { Nothing, Problem, Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { Ask, Why } from "./ask";
import { Finder } from "./finder";
import { Section } from "./parts";
import type { Card, Claim, ToMatch } from "./types";
import { useCustomers } from "./words";
import "./customers.css";

/** Friends of whom nobody knows which buyer they are, and buyers who said that they have added us. */
export function Component() {
  const say = useCustomers();
  return (
    <Page title={say("match_title")} under={say("match_under")}>
      <div className="panel">
        <Claims />
        <Unmatched />
      </div>
    </Page>
  );
}

function Claims() {
  const say = useCustomers();
  const query = api.useQuery("get", "/api/v1/matches", { params: { query: { limit: 50 } } });
  return (
    <Section title={say("claims")}>
      <Shown query={query} rows={2}>
        {({ claims }) =>
          claims.length === 0 ? (
            <span className="quiet">{say("no_claims")}</span>
          ) : (
            claims.map((one) => <Claimed key={one.id} claim={one} />)
          )
        }
      </Shown>
    </Section>
  );
}

function Claimed({ claim }: { claim: Claim }) {
  const say = useCustomers();
  const { message } = App.useApp();
  const may = useMay()("tasks.work");
  const [friend, pick] = useState("");
  const confirm = useAct("post", "/api/v1/matches/{claim}/confirm", {
    onSuccess: () => message.success(say("confirmed")),
  });
  const refuse = useAct("post", "/api/v1/matches/{claim}/refuse", {
    onSuccess: () => message.success(say("refused")),
  });
  const params = { path: { claim: claim.id } };
  return (
    <article className="claim">
      <Flex justify="space-between" gap={12} wrap>
        <span>
          <Link to={`/customers/${claim.customer}`}>{claim.name_masked || say("nameless")}</Link>{" "}
          <span className="quiet">{say("claim_by", { who: claim.staff })}</span>{" "}
          <When at={claim.claimed_at} />
        </span>
        {may && (
          <Flex gap={8}>
            <Button
              disabled={!friend}
              loading={confirm.isPending}
              onClick={() => confirm.mutate({ params, body: { friend } })}
            >
              {say("confirm")}
            </Button>
            <Button loading={refuse.isPending} onClick={() => refuse.mutate({ params, body: {} })}>
              {say("refuse")}
            </Button>
          </Flex>
        )}
      </Flex>
      <Problem error={confirm.error ?? refuse.error} />
      {claim.candidates.length === 0 ? (
        <span className="quiet">{say("claim_none")}</span>
      ) : (
        <Radio.Group
          aria-label={say("claim_pick")}
          value={friend}
          onChange={(event) => pick(event.target.value)}
        >
          <Flex vertical>
            {claim.candidates.map((one) => (
              <Radio key={one.friend} value={one.friend}>
                {one.name_masked || say("nameless")}{" "}
                <span className="quiet" data-raw>
                  {one.staff}
                </span>{" "}
                <When at={one.added_at} />
              </Radio>
            ))}
          </Flex>
        </Radio.Group>
      )}
    </article>
  );
}

function Unmatched() {
  const say = useCustomers();
  const may = useMay()("tasks.work");
  const [friend, match] = useState<ToMatch | null>(null);
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/friends/to-match",
    { params: { query: { limit: 50 } } },
    { ...byCursor, pageParamName: "before" },
  );
  const columns: TableProps<ToMatch>["columns"] = [
    {
      key: "friend",
      title: say("u_friend"),
      render: (_, row) => (
        <Link to={`/customers/${row.customer}`}>{row.name_masked || say("nameless")}</Link>
      ),
    },
    { key: "staff", title: say("u_staff"), render: (_, row) => row.staff_name },
    { key: "added", title: say("u_added"), render: (_, row) => <When at={row.added_at} /> },
    {
      key: "source",
      title: say("u_source"),
      render: (_, row) =>
        row.source ? (
          <span data-raw>{row.source}</span>
        ) : (
          <span className="quiet">{say("unknown_source")}</span>
        ),
    },
    {
      key: "match",
      className: "money",
      render: (_, row) =>
        may && (
          <Button size="small" onClick={() => match(row)}>
            {say("u_match")}
          </Button>
        ),
    },
  ];
  return (
    <Section title={say("unmatched")}>
      <Keyset
        query={query}
        rows={(page) => page.friends}
        columns={columns}
        rowKey={(row) => row.friend}
        label={say("unmatched")}
        empty={<Nothing what={say("no_unmatched")} />}
      />
      {friend && <Match friend={friend} done={() => match(null)} />}
    </Section>
  );
}

function Match({ friend, done }: { friend: ToMatch; done: () => void }) {
  const say = useCustomers();
  const { message } = App.useApp();
  const [buyer, pick] = useState<Card | null>(null);
  const act = useAct("post", "/api/v1/friends/{friend}/match", {
    onSuccess: () => {
      message.success(say("confirmed"));
      done();
    },
  });
  const send = ({ why }: { why: string }) =>
    buyer &&
    act.mutate({
      params: { path: { friend: friend.friend } },
      body: { customer: buyer.customer, why },
    });
  const title = say("u_which", { name: friend.name_masked || say("nameless") });
  return (
    <Ask<{ why: string }>
      title={title}
      act={say("confirm")}
      error={act.error}
      busy={act.isPending}
      able={buyer !== null}
      send={send}
      done={done}
    >
      <Finder label={title} picked={buyer} pick={pick} but={friend.customer} />
      {buyer && <Why />}
    </Ask>
  );
}
