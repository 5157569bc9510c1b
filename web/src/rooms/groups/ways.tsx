import { Button, Flex, Table, type TableProps, Tag } from "antd";
import { useState } from "react";
import { api } from "@/api/client";
import type { SchemaKnownWay } from "@/api/schema";
import { useMay } from "@/api/session";
import { Page } from "@/ui/page";
import { Nothing, Shown } from "@/ui/states";
import { Count } from "@/ui/value";
import { Form } from "./form";
import { useNames } from "./names";
import { Code, GiveBack } from "./way";
import { useGroups } from "./words";

/** Codes and links that lead to us: who is behind each now, and who came by it. */
export function Component() {
  const say = useGroups();
  const may = useMay()("ways.write");
  const [open, setOpen] = useState<SchemaKnownWay | "new" | null>(null);
  const query = api.useQuery("get", "/api/v1/ways");
  const possible = query.data?.possible ?? false;
  return (
    <Page
      title={say("ways")}
      under={say("ways_under")}
      primary={
        may &&
        possible && (
          <Button type="primary" onClick={() => setOpen("new")}>
            {say("new_way")}
          </Button>
        )
      }
    >
      <Shown query={query}>
        {(found) =>
          found.ways.length === 0 ? (
            <Nothing what={say(found.possible ? "ways_none" : "ways_off")} />
          ) : (
            <List rows={found.ways} change={may ? setOpen : undefined} />
          )
        }
      </Shown>
      {open !== null && (
        <Form way={open === "new" ? undefined : open} close={() => setOpen(null)} />
      )}
    </Page>
  );
}

function List(props: { rows: SchemaKnownWay[]; change?: (way: SchemaKnownWay) => void }) {
  const { rows, change } = props;
  const say = useGroups();
  const columns: TableProps<SchemaKnownWay>["columns"] = [
    { key: "kind", title: say("kind"), render: (_, one) => say(`kind_${one.kind}`) },
    { key: "state", title: say("state"), render: (_, one) => <Named of={one} /> },
    { key: "behind", title: say("behind"), render: (_, one) => <Behind of={one} /> },
    { key: "came", title: say("came"), align: "right", render: (_, one) => <Came of={one} /> },
    {
      key: "press",
      title: "",
      render: (_, one) => (
        <Flex gap={8}>
          <Code of={one} />
          {change && one.ours && one.kind !== "group" && (
            <Button size="small" onClick={() => change(one)}>
              {say("edit")}
            </Button>
          )}
          {change && one.ours && <GiveBack of={one} />}
        </Flex>
      ),
    },
  ];
  return (
    <Table<SchemaKnownWay>
      aria-label={say("ways")}
      size="small"
      pagination={false}
      scroll={{ x: "max-content" }}
      columns={columns}
      dataSource={rows}
      rowKey={(one) => `${one.kind} ${one.state} ${one.url}`}
    />
  );
}

function Named({ of }: { of: SchemaKnownWay }) {
  const say = useGroups();
  if (!of.ours) return <span className="quiet">{say("settings_link")}</span>;
  return (
    <>
      <code>{of.state}</code> {of.title && <span data-raw>{of.title}</span>}
    </>
  );
}

function Behind({ of }: { of: SchemaKnownWay }) {
  const say = useGroups();
  const name = useNames();
  if (of.gone) return <span className="tone-harm">{say("gone")}</span>;
  if (of.kind === "group")
    return (
      <span className="quiet small" data-raw>
        {of.groups.join(", ")}
      </span>
    );
  if (of.behind.length === 0) return <span className="tone-waits">{say("nobody")}</span>;
  return of.behind.map((one) => (
    <Tag key={one} variant="filled">
      {name(one)}
    </Tag>
  ));
}

function Came({ of }: { of: SchemaKnownWay }) {
  const say = useGroups();
  if (of.friends === null) return <span className="quiet">—</span>;
  return (
    <>
      <Count of={of.friends} />{" "}
      <span className="quiet small">{say("lately", { count: of.lately ?? 0 })}</span>
    </>
  );
}
