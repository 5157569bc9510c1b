import { Button, Modal, Table } from "antd";
import { useState } from "react";
import { useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { useDone } from "@/ui/done";
import { Nothing, Problem, Shown } from "@/ui/states";
import { Count, When } from "@/ui/value";
import { useLists } from "./words";

type Row = components["schemas"]["ListRow"];
type Query = Parameters<typeof Shown<components["schemas"]["ListRows"]>>[0]["query"];

/** The lists that came in; the tags of one can be taken back. */
export function History({ query }: { query: Query }) {
  const say = useLists();
  const may = useMay()("imports.write");
  const [open, setOpen] = useState<Row | null>(null);
  return (
    <Shown query={query} rows={3}>
      {({ lists }) => (
        <>
          {lists.length === 0 ? (
            <Nothing what={say("no_lists")} />
          ) : (
            <Table<Row>
              aria-label={say("history")}
              size="small"
              pagination={lists.length > 10 ? { pageSize: 10, showSizeChanger: false } : false}
              scroll={{ x: "max-content" }}
              dataSource={lists}
              rowKey="id"
              columns={[
                { key: "at", title: say("at"), render: (_, one) => <When at={one.begun_at} /> },
                { key: "kind", title: say("what"), render: (_, one) => say(one.kind) },
                {
                  key: "tag",
                  title: say("tag"),
                  render: (_, one) => <span data-raw>{one.tag || "—"}</span>,
                },
                {
                  key: "file",
                  title: say("file"),
                  render: (_, one) => <span data-raw>{one.file}</span>,
                },
                number("taken"),
                number("known"),
                number("unusable", "refused"),
                { key: "by", title: say("by"), dataIndex: "begun_by" },
                {
                  key: "state",
                  title: say("state"),
                  render: (_, one) => <State of={one} />,
                },
                {
                  key: "undo",
                  title: "",
                  render: (_, one) =>
                    may &&
                    one.can_undo && (
                      <Button size="small" onClick={() => setOpen(one)}>
                        {say("undo")}
                      </Button>
                    ),
                },
              ]}
            />
          )}
          {open && <Undo key={open.id} list={open} close={() => setOpen(null)} />}
        </>
      )}
    </Shown>
  );

  function number(
    word: "taken" | "known" | "unusable",
    key: "taken" | "known" | "refused" = word as "taken",
  ) {
    return {
      key,
      title: say(word),
      align: "right" as const,
      className: "money",
      render: (_: unknown, one: Row) => <Count of={one[key]} />,
    };
  }
}

function State({ of }: { of: Row }) {
  const say = useLists();
  if (of.undone_at)
    return <span className="tone-out">{say("undone", { by: of.undone_by ?? "" })}</span>;
  if (!of.done_at) return <span className="tone-waits">{say("under_way")}</span>;
  return <span className="tone-ours">{say("in")}</span>;
}

function Undo({ list, close }: { list: Row; close: () => void }) {
  const say = useLists();
  const done = useDone();
  const act = useAct("post", "/api/v1/lists/{list}/undo", {
    onSuccess: (found) => {
      close();
      done(say("taken_back", { count: found.taken_back }));
    },
  });
  return (
    <Modal
      open
      title={say("undo_title")}
      okText={say("undo")}
      cancelText={say("back")}
      okButtonProps={{ danger: true, loading: act.isPending }}
      onOk={() => act.mutate({ params: { path: { list: list.id } }, body: { by: "" } })}
      onCancel={close}
    >
      <Problem error={act.error} />
      <p>{say("undo_why", { count: list.taken })}</p>
    </Modal>
  );
}
