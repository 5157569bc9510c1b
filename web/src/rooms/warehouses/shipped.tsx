import { DownloadOutlined, InboxOutlined } from "@ant-design/icons";
import { Alert, Button, Flex, Table, Upload } from "antd";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { asBody, save } from "@/ui/file";
import { Problem } from "@/ui/states";
import { useWarehouses } from "./words";

type Report = components["schemas"]["Shipped"];
type Refused = Report["refused"][number];

/** The file of what was packed and shipped: what it told, and what could not be used. */
export function Shipped() {
  const say = useWarehouses();
  const put = api.useMutation("post", "/api/v1/imports/shipped");
  return (
    <div className="house-list">
      <section className="panel">
        <h2>{say("shipped")}</h2>
        <p className="quiet">{say("shipped_help")}</p>
        <Flex vertical gap={12}>
          <Problem error={put.error} />
          <Upload.Dragger
            showUploadList={false}
            multiple={false}
            disabled={put.isPending}
            beforeUpload={(file) => {
              put.mutate(asBody(file));
              return false;
            }}
          >
            <p className="ant-upload-drag-icon">
              <InboxOutlined />
            </p>
            <p>{say(put.isPending ? "reading" : "drop_file")}</p>
            <p className="quiet">{say("shipped_columns")}</p>
          </Upload.Dragger>
          {put.data && <Told report={put.data} />}
        </Flex>
      </section>
    </div>
  );
}

function Told({ report }: { report: Report }) {
  const say = useWarehouses();
  const { packed, shipped, known, parcels, rejected, refused, rejects } = report;
  return (
    <Flex vertical gap={12} role="status">
      <Alert
        type={rejected > 0 ? "warning" : "success"}
        showIcon
        title={say("told", { parcels, packed, shipped, known })}
        description={
          <>
            {!report.items && <div>{say("no_items")}</div>}
            {rejected > 0 && <div>{say("rejected", { count: rejected })}</div>}
          </>
        }
      />
      {rejects && (
        <div>
          <Button icon={<DownloadOutlined />} onClick={() => save("rejects.csv", rejects)}>
            {say("save_rejects")}
          </Button>
        </div>
      )}
      {refused.length > 0 && <Why rows={refused} />}
    </Flex>
  );
}

/** Rows that could not be used, with the column and why. */
export function Why({ rows }: { rows: Refused[] }) {
  const say = useWarehouses();
  return (
    <Table<Refused>
      aria-label={say("refused_rows")}
      size="small"
      pagination={rows.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      rowKey={(row) => `${row.line} ${row.field}`}
      columns={[
        { key: "line", title: say("line"), className: "money", dataIndex: "line" },
        {
          key: "field",
          title: say("column"),
          render: (_, row) => <span data-raw>{row.field}</span>,
        },
        { key: "why", title: say("why"), render: (_, row) => <span data-raw>{row.why}</span> },
      ]}
    />
  );
}
