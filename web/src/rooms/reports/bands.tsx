import { App, Button, Checkbox, Flex, Modal, Table, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { useAct } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { count } from "@/ui/format";
import { Problem } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import { useReports } from "./words";

type Band = components["schemas"]["BandKept"];

const COLOURS: Record<Band["outcome"], string | undefined> = {
  new: "green",
  changed: "blue",
  same: undefined,
  left: "orange",
};

/** Keeps the bands of the report on recency, frequency and money as segments. */
export function KeepBands({ asked }: { asked: Record<string, string> }) {
  const say = useReports();
  const [language] = useLanguage();
  const [open, setOpen] = useState(false);
  const [over, setOver] = useState(false);
  const { message } = App.useApp();
  const may = useMay();
  const act = useAct("post", "/api/v1/segments/layers", {
    onSuccess: () => void message.success(say("bands_done")),
  });
  if (!may("segments.write")) return null;
  const close = () => {
    setOpen(false);
    setOver(false);
    act.reset();
  };
  const kept = act.data;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{say("bands_keep")}</Button>
      <Modal
        open={open}
        title={say("bands_keep")}
        width={kept ? 720 : 520}
        okText={say(kept ? "bands_close" : "bands_ok")}
        cancelText={say("bands_cancel")}
        cancelButtonProps={{ style: kept ? { display: "none" } : {} }}
        confirmLoading={act.isPending}
        onCancel={close}
        onOk={() => (kept ? close() : act.mutate({ body: { asked, over, by: "" } }))}
      >
        <Flex vertical gap={12}>
          <Problem error={act.error} />
          {kept ? (
            <>
              <p className="quiet">{say("bands_kept", { day: kept.day })}</p>
              <Table<Band>
                aria-label={say("bands_keep")}
                size="small"
                rowKey="code"
                pagination={false}
                dataSource={kept.bands}
                scroll={{ y: 420 }}
                columns={[
                  {
                    title: say("bands_segment"),
                    render: (_, row) => (
                      <Link to={`/customers/segments/${row.code}`}>{row.title[language]}</Link>
                    ),
                  },
                  {
                    title: say("bands_people"),
                    className: "number",
                    width: 96,
                    render: (_, row) => count(row.people, language),
                  },
                  {
                    title: say("bands_outcome"),
                    width: 140,
                    render: (_, row) => (
                      <Tag color={COLOURS[row.outcome]}>{say(`bands_${row.outcome}`)}</Tag>
                    ),
                  },
                ]}
              />
              {kept.bands.some((one) => one.outcome === "left") && (
                <p className="quiet">{say("bands_left_help")}</p>
              )}
            </>
          ) : (
            <>
              <span>{say("bands_help")}</span>
              <Checkbox checked={over} onChange={(event) => setOver(event.target.checked)}>
                {say("bands_over")}
              </Checkbox>
            </>
          )}
        </Flex>
      </Modal>
    </>
  );
}
