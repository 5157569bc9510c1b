import { App, Checkbox, Flex, Modal, Select, Table, Tag } from "antd";
import { useState } from "react";
import { api, useAct } from "@/api/client";
import type { SchemaGraph, SchemaTried } from "@/api/schema";
import { useSession } from "@/api/session";
import { Nothing, Problem, Shown } from "@/ui/states";
import { useReason, When } from "@/ui/value";
import { useTongue } from "./said";

/** The journey's messages on a colleague's own phone. */
export function Trial(props: {
  code: string;
  graph: SchemaGraph | undefined;
  draft: string | null;
  close: () => void;
}) {
  const { code, graph, draft, close } = props;
  const { say, language } = useTongue();
  const { message } = App.useApp();
  const { data: here } = useSession();
  const people = api.useQuery("get", "/api/v1/staff", {});
  const [to, setTo] = useState(here?.code ?? "");
  const [step, setStep] = useState("");
  const [locale, setLocale] = useState<"zh" | "en">(language);
  const [mine, setMine] = useState(draft !== null);
  const act = useAct("post", "/api/v1/journeys/{code}/tests", {
    onSuccess: ({ tests }) => void message.success(say("trial_done", { count: tests.length })),
  });
  const steps = graph?.nodes.filter((node) => node.kind === "send") ?? [];
  return (
    <Modal
      open
      width={760}
      title={say("trial_title")}
      onCancel={close}
      okText={say("trial_send")}
      cancelText={say("close")}
      confirmLoading={act.isPending}
      okButtonProps={{ disabled: !to }}
      onOk={() =>
        act.mutate({
          params: { path: { code } },
          body: { to, step, locale, text: mine && draft !== null ? draft : null, by: "" },
        })
      }
    >
      <Flex vertical gap={12}>
        <span className="quiet">{say("trial_why")}</span>
        <Problem error={act.error} />
        <Flex gap={12} wrap align="center">
          <Select
            aria-label={say("trial_to")}
            style={{ width: 200 }}
            showSearch={{ optionFilterProp: "label" }}
            placeholder={say("trial_to")}
            value={to || null}
            onChange={setTo}
            options={people.data?.staff.map((one) => ({
              value: one.code,
              label: `${one.name} ${one.code}`,
            }))}
          />
          <Select
            aria-label={say("trial_step")}
            style={{ width: 180 }}
            value={step}
            onChange={setStep}
            options={[
              { value: "", label: say("trial_all") },
              ...steps.map((node) => ({ value: node.id, label: node.id })),
            ]}
          />
          <Select
            aria-label={say("trial_language")}
            style={{ width: 100 }}
            value={locale}
            onChange={setLocale}
            options={[
              { value: "zh", label: say("trial_zh") },
              { value: "en", label: say("trial_en") },
            ]}
          />
          {draft !== null && (
            <Checkbox checked={mine} onChange={({ target }) => setMine(target.checked)}>
              {say("trial_text")}
            </Checkbox>
          )}
        </Flex>
        <Latest code={code} />
      </Flex>
    </Modal>
  );
}

const TONES = {
  owed: "",
  unknown: "waits",
  sent: "ours",
  failed: "harm",
  withheld: "waits",
} as const;

/** What became of the latest test sends. */
export function Latest({ code }: { code: string }) {
  const { say, code: word } = useTongue();
  const why = useReason();
  const query = api.useQuery(
    "get",
    "/api/v1/journeys/{code}/tests",
    { params: { path: { code } } },
    { refetchInterval: 5_000 },
  );
  return (
    <Shown query={query} rows={2}>
      {({ tests }) =>
        tests.length === 0 ? (
          <Nothing what={say("trial_none")} />
        ) : (
          <Table<SchemaTried>
            aria-label={say("tab_tests")}
            size="small"
            rowKey="id"
            pagination={false}
            scroll={{ x: "max-content", y: 320 }}
            dataSource={tests}
            columns={[
              { title: say("when"), render: (_, row) => <When at={row.asked_at} /> },
              { title: say("trial_to"), render: (_, row) => <code>{row.staff}</code> },
              { title: say("step"), render: (_, row) => <code>{row.step}</code> },
              { title: say("channel"), render: (_, row) => word("channel", row.channel) },
              {
                title: say("state"),
                render: (_, row) => (
                  <Flex vertical>
                    <Tag variant="filled" className={`journey-tag tone-${TONES[row.state]}`}>
                      {say(`trial_${row.state}`)}
                    </Tag>
                    {row.reason && <span className="quiet">{why(row.reason)}</span>}
                  </Flex>
                ),
              },
              {
                title: say("said_text"),
                render: (_, row) => (
                  <span className="journey-cell" data-raw>
                    {row.text}
                  </span>
                ),
              },
            ]}
          />
        )
      }
    </Shown>
  );
}
