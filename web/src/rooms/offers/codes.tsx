import { UploadOutlined } from "@ant-design/icons";
import { Alert, Button, Flex, Modal, Table, Upload } from "antd";
import { useState } from "react";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { asBody } from "@/ui/file";
import { count } from "@/ui/format";
import { byCursor, Keyset } from "@/ui/keyset";
import { Nothing, Problem } from "@/ui/states";
import { Exact } from "@/ui/value";
import { useLanguage } from "@/ui/words";
import { useOffers } from "./words";

type Told = components["schemas"]["BroughtIn"];
type Wrong = Told["refused"][number];

/** Codes of a file into the pool; rows that can't be used are named by their line. */
export function BringCodes({ code }: { code: string }) {
  const say = useOffers();
  const [open, setOpen] = useState(false);
  const put = api.useMutation("post", "/api/v1/offers/{code}/codes");
  const close = () => {
    setOpen(false);
    put.reset();
  };
  return (
    <>
      <Button type="primary" icon={<UploadOutlined />} onClick={() => setOpen(true)}>
        {say("import")}
      </Button>
      <Modal open={open} title={say("import")} footer={null} onCancel={close} destroyOnHidden>
        <Flex vertical gap={12}>
          <p>{say("import_help")}</p>
          <Upload
            accept=".csv,.xlsx"
            showUploadList={false}
            disabled={put.isPending}
            beforeUpload={(file) => {
              put.mutate({ params: { path: { code } }, ...asBody(file) } as never);
              return false;
            }}
          >
            <Button loading={put.isPending}>{say("choose")}</Button>
          </Upload>
          <Problem error={put.error} />
          {put.data && <Brought told={put.data} />}
        </Flex>
      </Modal>
    </>
  );
}

function Brought({ told }: { told: Told }) {
  const say = useOffers();
  const [language] = useLanguage();
  const { known, refused } = told;
  return (
    <Flex vertical gap={12} role="status">
      <Alert
        type={refused.length > 0 ? "warning" : "success"}
        showIcon
        title={say("imported", {
          fresh: count(told.new, language),
          known: count(known, language),
        })}
        description={refused.length > 0 && say("refused", { count: refused.length })}
      />
      {refused.length > 0 && (
        <Table<Wrong>
          aria-label={say("refused", { count: refused.length })}
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
              render: (_, row) => <span data-raw>{row.field}</span>,
            },
            { key: "why", title: say("why"), render: (_, row) => <span data-raw>{row.why}</span> },
          ]}
        />
      )}
    </Flex>
  );
}

/** Codes that a customer knows and the shop must not take any more. */
export function Revoked({ code }: { code: string }) {
  const say = useOffers();
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/offers/{code}/codes/revoked",
    { params: { path: { code }, query: { limit: 50 } } },
    byCursor,
  );
  return (
    <section className="panel" aria-label={say("revoked")}>
      <h2>{say("revoked")}</h2>
      <p className="quiet small">{say("revoked_help")}</p>
      <Keyset
        query={query}
        rows={(page) => page.codes}
        rowKey={(row) => row.code}
        label={say("revoked")}
        empty={<Nothing what={say("no_revoked")} />}
        columns={[
          { key: "code", title: say("code"), render: (_, row) => <code>{row.code}</code> },
          { key: "at", title: say("at"), render: (_, row) => <Exact at={row.revoked_at} /> },
        ]}
      />
    </section>
  );
}
