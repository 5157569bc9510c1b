import { Button, Table } from "antd";
import { diff } from "@/ui/diff";
import { When } from "@/ui/value";
import type { Detail } from "./segment";
import { useSegments } from "./words";

type Version = Detail["versions"][number];

/** Every version, the latest first: who, why, and what it changed. */
export function Versions(props: { of: Detail; readOnly: boolean; use: (text: string) => void }) {
  const { of, readOnly, use } = props;
  const say = useSegments();
  const before = new Map(of.versions.map((one, place) => [one.version, of.versions[place - 1]]));
  return (
    <section className="panel" aria-label={say("tab_versions")}>
      <Table<Version>
        aria-label={say("tab_versions")}
        size="small"
        rowKey="version"
        pagination={of.versions.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        dataSource={[...of.versions].reverse()}
        columns={[
          {
            title: say("version"),
            render: (_, row) => (
              <strong className="number">{say("version_n", { version: row.version })}</strong>
            ),
          },
          {
            title: say("changed"),
            render: (_, row) => (
              <>
                <When at={row.set_at} /> <span data-raw>{say("by", { who: row.set_by })}</span>
              </>
            ),
          },
          { title: say("note"), render: (_, row) => <span data-raw>{row.note || "—"}</span> },
          {
            title: say("changes"),
            render: (_, row) => <Changes before={before.get(row.version)} now={row} />,
          },
          {
            title: "",
            render: (_, row) =>
              !readOnly && (
                <Button size="small" onClick={() => use(row.text)}>
                  {say("use_text")}
                </Button>
              ),
          },
        ]}
      />
    </section>
  );
}

function Changes({ before, now }: { before: Version | undefined; now: Version }) {
  const say = useSegments();
  if (!before) return <span className="quiet">{say("first_version")}</span>;
  const changed = diff(before.text, now.text).filter((one) => one.sign !== " ");
  if (!changed.length) return <span className="quiet">{say("same")}</span>;
  return (
    <pre className="seg-diff" data-raw>
      {changed.map((one, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines may be equal
        <div key={place} className={one.sign === "+" ? "tone-ours" : "tone-harm"}>
          {one.sign} {one.text}
        </div>
      ))}
    </pre>
  );
}
