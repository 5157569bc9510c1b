import { Button, Drawer, Flex, Table } from "antd";
import { useState } from "react";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { diff } from "@/ui/diff";
import { useFilters } from "@/ui/filters";
import { Shown as Asked } from "@/ui/states";
import { When } from "@/ui/value";
import { type Shown, textOf } from "./draft";
import { ReviewState } from "./parts";
import { useContent } from "./words";

type Version = components["schemas"]["MaterialVersion"];

/** Every version, the newest first: who made it, who decided, and what it changed. */
export function Versions({ of }: { of: Shown }) {
  const say = useContent();
  const [, set] = useFilters(["version", "tab"]);
  const [compared, compare] = useState<Version | null>(null);
  const before = new Map(of.versions.map((one, place) => [one.version, of.versions[place + 1]]));
  return (
    <section className="panel" aria-label={say("tab_versions")}>
      <Table<Version>
        aria-label={say("tab_versions")}
        size="small"
        rowKey="version"
        pagination={of.versions.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        dataSource={of.versions}
        columns={[
          {
            key: "version",
            title: say("version"),
            render: (_, row) => (
              <strong className="number">{say("version_n", { version: row.version })}</strong>
            ),
          },
          {
            key: "state",
            title: say("state"),
            render: (_, row) => <ReviewState of={{ state: row.state, retired_at: null }} />,
          },
          {
            key: "made",
            title: say("made"),
            render: (_, row) => <By at={row.made_at} who={row.made_by} />,
          },
          {
            key: "decided",
            title: say("decided"),
            render: (_, row) => <By at={row.decided_at} who={row.decided_by} />,
          },
          {
            key: "why",
            title: say("why"),
            render: (_, row) => <span data-raw>{row.why || "—"}</span>,
          },
          {
            key: "changes",
            title: say("changes"),
            render: (_, row) =>
              before.get(row.version) ? (
                <Button size="small" onClick={() => compare(row)}>
                  {say("compare")}
                </Button>
              ) : (
                <span className="quiet">{say("first_version")}</span>
              ),
          },
          {
            key: "see",
            title: "",
            render: (_, row) => (
              <Button size="small" onClick={() => set({ version: String(row.version), tab: "" })}>
                {say("see")}
              </Button>
            ),
          },
        ]}
      />
      {compared && (
        <Compare
          code={of.material.code}
          old={before.get(compared.version)?.version ?? 0}
          now={compared.version}
          close={() => compare(null)}
        />
      )}
    </section>
  );
}

function By({ at, who }: { at: string | null; who: string }) {
  const say = useContent();
  if (!at) return <span className="quiet">—</span>;
  return (
    <>
      <When at={at} /> <span data-raw>{say("by", { who })}</span>
    </>
  );
}

/** Both texts as a file would say them, line by line. */
function Compare(props: { code: string; old: number; now: number; close: () => void }) {
  const { code, old, now, close } = props;
  const say = useContent();
  const [was, is] = [useVersion(code, old), useVersion(code, now)];
  return (
    <Drawer open size="large" title={say("diff_title", { old, now })} onClose={close}>
      <Asked query={was}>
        {(before) => (
          <Asked query={is}>
            {(after) => <Changes before={textOf(before)} after={textOf(after)} />}
          </Asked>
        )}
      </Asked>
    </Drawer>
  );
}

function useVersion(code: string, version: number) {
  return api.useQuery("get", "/api/v1/materials/{code}", {
    params: { path: { code }, query: { version } },
  });
}

function Changes({ before, after }: { before: string; after: string }) {
  const say = useContent();
  const lines = diff(before, after);
  if (lines.every((one) => one.sign === " ")) return <p className="quiet">{say("same")}</p>;
  return (
    <Flex vertical>
      <pre className="content-diff" data-raw>
        {lines.map((one, place) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: lines may be equal
            key={place}
            className={TONES[one.sign]}
          >
            {one.sign} {one.text}
          </div>
        ))}
      </pre>
    </Flex>
  );
}

const TONES = { "+": "tone-ours", "-": "tone-harm", " ": "quiet" };
