import { DownloadOutlined, InboxOutlined } from "@ant-design/icons";
import { Alert, Button, Flex, Input, Modal, Progress, Segmented, Table, Upload } from "antd";
import { useState } from "react";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { asBody, save } from "@/ui/file";
import { count } from "@/ui/format";
import { Problem } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import { Look } from "./look";
import { about, type Kind, useLists } from "./words";

type Row = components["schemas"]["ListRow"];
type Listed = components["schemas"]["ListReport"];
type Refused = Listed["refused"][number];
type Found = components["schemas"]["ListLook"];
type Asked = { as: Kind; tag: string; read: string[] };

const KINDS: Kind[] = ["tags", "names", "blacklist"];

/** One file: what it is, how it is read, what it would say, then what it said. */
export function Bring({ under, begun }: { under: Row | undefined; begun: () => void }) {
  const say = useLists();
  const [kind, setKind] = useState<Kind>("tags");
  const [tag, setTag] = useState("");
  const [read, setRead] = useState<Record<string, string>>({});
  const [file, setFile] = useState<File | null>(null);
  const [sure, setSure] = useState(false);
  const [found, setFound] = useState<Found | null>(null); // stays in sight while it is looked at anew
  const [seenWith, setSeenWith] = useState("");
  const look = api.useMutation("post", "/api/v1/lists/look", { onSuccess: setFound });
  const put = api.useMutation("post", "/api/v1/lists/file", { onSettled: begun });
  const asked = (change: Partial<{ kind: Kind; tag: string; read: Record<string, string> }>) => {
    const now = { kind, tag, read, ...change };
    const pairs = Object.entries(now.read).map(([field, column]) => `${field}=${column}`);
    return { as: now.kind, tag: now.kind === "blacklist" ? "" : now.tag.trim(), read: pairs };
  };
  const see = (chosen: File | null, query: Asked) => {
    put.reset();
    setSeenWith(query.tag);
    if (chosen) look.mutate({ params: { query }, ...asBody(chosen) } as never);
  };
  const bring = () => {
    if (!file) return;
    setSure(false);
    const query = { ...asked({}), name: file.name };
    put.mutate({ params: { query }, ...asBody(file) } as never);
    setTimeout(begun, 500); // by then it is a list of its own, whose progress can be told
  };
  const fresh = () => {
    setFile(null);
    setRead({});
    setFound(null);
    look.reset();
    put.reset();
  };
  const usable = found ? found.here + found.fresh : 0;
  return (
    <section className="panel" aria-label={say("bring")}>
      <h2>{say("bring")}</h2>
      <Flex vertical gap={12}>
        <Segmented
          aria-label={say("what")}
          style={{ alignSelf: "flex-start" }}
          value={kind}
          disabled={put.isPending}
          options={KINDS.map((one) => ({ value: one, label: say(one) }))}
          onChange={(chosen) => {
            setKind(chosen);
            see(file, asked({ kind: chosen }));
          }}
        />
        <p className="quiet" style={{ margin: 0 }}>
          {say(`${kind}_help`)}
        </p>
        {kind !== "blacklist" && (
          <label htmlFor="list-tag">
            {say("tag")}{" "}
            <Input
              id="list-tag"
              style={{ width: 240 }}
              maxLength={120}
              value={tag}
              disabled={put.isPending}
              placeholder={say(kind === "tags" ? "tag_column" : "tag_needed")}
              onChange={(event) => setTag(event.target.value)}
              onBlur={() => tag.trim() !== seenWith && see(file, asked({}))}
              onPressEnter={() => see(file, asked({}))}
            />
          </label>
        )}
        {!file && (
          <Upload.Dragger
            showUploadList={false}
            multiple={false}
            beforeUpload={(chosen) => {
              setFile(chosen);
              see(chosen, asked({}));
              return false;
            }}
          >
            <p className="ant-upload-drag-icon">
              <InboxOutlined />
            </p>
            <p>{say("drop")}</p>
            <p className="quiet">{say("drop_kinds")}</p>
          </Upload.Dragger>
        )}
        <Problem error={look.error ?? put.error} />
        {file && (
          <Flex gap={12} align="center" wrap>
            <strong data-raw>{file.name}</strong>
            <Button onClick={fresh} disabled={put.isPending}>
              {say("another")}
            </Button>
          </Flex>
        )}
        {look.isPending && <span role="status">{say("looking")}</span>}
        {found && !put.data && (
          <>
            <Look
              found={found}
              kind={kind}
              free={!put.isPending}
              read={(field, column) => {
                const next = readAs(read, found, field, column);
                setRead(next);
                see(file, asked({ read: next }));
              }}
            />
            <div>
              <Button
                type="primary"
                danger={kind === "blacklist"}
                loading={put.isPending}
                disabled={usable === 0 || found.missing.length > 0 || look.isPending}
                onClick={() => (kind === "blacklist" ? setSure(true) : bring())}
              >
                {say(kind === "blacklist" ? "bar" : "bring_in", { count: usable })}
              </Button>
            </div>
          </>
        )}
        {put.isPending && found && <Going under={under} total={found.rows} />}
        {put.data && <Told found={put.data} />}
      </Flex>
      <Modal
        open={sure}
        title={say("bar_title", { count: usable })}
        okText={say("bar", { count: usable })}
        cancelText={say("back")}
        okButtonProps={{ danger: true }}
        onOk={bring}
        onCancel={() => setSure(false)}
      >
        <p>{say("bar_why")}</p>
      </Modal>
    </section>
  );
}

/** A column is one field, and a field one column: what it was read as before is let go. */
function readAs(
  read: Record<string, string>,
  found: Found,
  field: string,
  column: string,
): Record<string, string> {
  const before = found.columns.find((one) => one.name === column)?.field;
  const next = { ...read };
  if (before) next[before] = "";
  if (field) next[field] = column;
  return next;
}

function Going({ under, total }: { under: Row | undefined; total: number }) {
  const say = useLists();
  const [language] = useLanguage();
  const rows = under?.done_at === null ? under.rows : 0;
  const percent = total > 0 ? Math.min(99, Math.round((rows / total) * 100)) : 0;
  return (
    <div role="status">
      <Progress percent={percent} aria-label={say("going")} />
      <span className="quiet number">
        {say("progress", { done: count(rows, language), total: count(total, language) })}
      </span>
    </div>
  );
}

function Told({ found }: { found: Listed }) {
  const say = useLists();
  const { taken, known, refused, rejects } = found;
  return (
    <Flex vertical gap={12} role="status">
      <Alert
        type={refused.length > 0 ? "warning" : "success"}
        showIcon
        title={say("told", { taken, known })}
        description={refused.length > 0 && say("refused", { count: refused.length })}
      />
      {rejects && (
        <div>
          <Button icon={<DownloadOutlined />} onClick={() => save("rejects.csv", rejects)}>
            {say("save_rejects")}
          </Button>
        </div>
      )}
      {refused.length > 0 && (
        <Table<Refused>
          aria-label={say("refused_rows")}
          size="small"
          pagination={refused.length > 10 ? { pageSize: 10, showSizeChanger: false } : false}
          scroll={{ x: "max-content" }}
          dataSource={refused}
          rowKey={(row) => `${row.line} ${row.field}`}
          columns={[
            { key: "line", title: say("line"), className: "number", dataIndex: "line" },
            {
              key: "field",
              title: say("column"),
              render: (_, row) => <span data-raw>{about(row.field, say)}</span>,
            },
            { key: "why", title: say("why"), render: (_, row) => <span data-raw>{row.why}</span> },
          ]}
        />
      )}
    </Flex>
  );
}
