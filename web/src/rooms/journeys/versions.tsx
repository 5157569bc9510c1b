import { Button, Drawer, Flex, Table, Tag } from "antd";
import { lazy, Suspense, useState } from "react";
import { api } from "@/api/client";
import type { SchemaVersion } from "@/api/schema";
import { useMay } from "@/api/session";
import { Soon } from "@/ui/soon";
import { Shown } from "@/ui/states";
import { When } from "@/ui/value";
import { Migrate } from "./migrate";
import { difference, useTongue } from "./said";

const Editor = lazy(() => import("@/ui/editor"));

/** Every version: what it changed, who is on it, its text. */
export function Versions(props: {
  code: string;
  edit: (text: string) => void;
  draw: (version: number) => void;
}) {
  const { code, edit, draw } = props;
  const tongue = useTongue();
  const { say, many } = tongue;
  const may = useMay();
  const [read, setRead] = useState<number | null>(null);
  const [to, setTo] = useState<number | null>(null);
  const query = api.useQuery("get", "/api/v1/journeys/{code}/versions", {
    params: { path: { code } },
  });
  return (
    <Shown query={query}>
      {({ versions }) => (
        <>
          <Table<SchemaVersion>
            aria-label={say("tab_versions")}
            size="small"
            rowKey="version"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={[...versions].reverse()}
            columns={[
              {
                title: say("version"),
                render: (_, row) => (
                  <Flex gap={8} align="center">
                    <strong className="number">{say("version_n", { version: row.version })}</strong>
                    {row.published && (
                      <Tag variant="filled" className="journey-tag tone-ours">
                        {say("takes_in")}
                      </Tag>
                    )}
                  </Flex>
                ),
              },
              { title: say("published_at"), render: (_, row) => <When at={row.published_at} /> },
              {
                title: say("changes"),
                render: (_, row) =>
                  row.version === 1 ? (
                    <span className="quiet">{say("first_version")}</span>
                  ) : (
                    <ul className="journey-changes journey-cell">
                      {row.differences.map((one) => (
                        <li key={`${one.code} ${one.step} ${one.field}`}>
                          {difference(one, tongue)}
                        </li>
                      ))}
                    </ul>
                  ),
              },
              {
                title: say("under_way"),
                align: "right",
                className: "money",
                render: (_, row) => many(row.under_way),
              },
              {
                title: say("parked"),
                align: "right",
                className: "money",
                render: (_, row) => (
                  <span className={row.parked ? "tone-harm" : "quiet"}>{many(row.parked)}</span>
                ),
              },
              {
                title: "",
                render: (_, row) => (
                  <Flex gap={4} wrap>
                    <Button size="small" type="link" onClick={() => setRead(row.version)}>
                      {say("see_text")}
                    </Button>
                    <Button size="small" type="link" onClick={() => draw(row.version)}>
                      {say("see_drawing")}
                    </Button>
                    {row.published && may("journeys.publish") && versions.length > 1 && (
                      <Button size="small" type="link" onClick={() => setTo(row.version)}>
                        {say("migrate")}
                      </Button>
                    )}
                  </Flex>
                ),
              },
            ]}
          />
          {read !== null && (
            <Text code={code} version={read} edit={edit} close={() => setRead(null)} />
          )}
          {to !== null && <Migrate code={code} to={to} close={() => setTo(null)} />}
        </>
      )}
    </Shown>
  );
}

function Text(props: {
  code: string;
  version: number;
  edit: (text: string) => void;
  close: () => void;
}) {
  const { code, version, edit, close } = props;
  const { say } = useTongue();
  const may = useMay();
  const query = api.useQuery("get", "/api/v1/journeys/{code}/versions/{version}", {
    params: { path: { code, version } },
  });
  return (
    <Drawer
      open
      size={720}
      onClose={close}
      title={say("text_of", { version })}
      extra={
        may("journeys.publish") &&
        query.data && <Button onClick={() => edit(query.data.text)}>{say("edit_from")}</Button>
      }
    >
      <Shown query={query}>
        {({ text }) => (
          <Suspense fallback={<Soon />}>
            <Editor text={text} label={say("text_of", { version })} readOnly problems={NONE} />
          </Suspense>
        )}
      </Shown>
    </Drawer>
  );
}

const NONE: [] = [];
