import { DownloadOutlined, UploadOutlined } from "@ant-design/icons";
import { Alert, Button, Flex, Upload } from "antd";
import { api } from "@/api/client";
import type { SchemaFilling, SchemaReveal } from "@/api/schema";
import { asBody } from "@/ui/file";
import { byCursor, Keyset } from "@/ui/keyset";
import { Page } from "@/ui/page";
import { Nothing, Problem } from "@/ui/states";
import { When } from "@/ui/value";
import { useTasks } from "./words";

/** Phones that a platform has masked: who looks them up, where, until when; out and in as a file. */
export function Component() {
  const say = useTasks();
  const reveals = api.useInfiniteQuery(
    "get",
    "/api/v1/reveals",
    { params: { query: { limit: 100 } } },
    byCursor,
  );
  const put = api.useMutation("post", "/api/v1/reveals/file", {
    onSuccess: () => reveals.refetch(),
  });
  return (
    <Page title={say("reveals")} under={say("reveals_why")}>
      <Flex vertical gap={16}>
        <Flex gap={12} wrap>
          <Button icon={<DownloadOutlined />} href="/api/v1/reveals/file" download>
            {say("reveals_out")}
          </Button>
          <Upload
            showUploadList={false}
            disabled={put.isPending}
            beforeUpload={(file) => {
              put.mutate(asBody(file));
              return false;
            }}
          >
            <Button icon={<UploadOutlined />} loading={put.isPending}>
              {say("reveals_in")}
            </Button>
          </Upload>
        </Flex>
        <Problem error={put.error} />
        {put.data && <Taken found={put.data} />}
        <Keyset
          query={reveals}
          rows={(page) => page.reveals}
          rowKey={(one) => one.id}
          label={say("reveals")}
          empty={<Nothing what={say("reveals_none")} />}
          columns={[
            {
              title: say("reveals_until"),
              render: (_, one: SchemaReveal) => <When at={one.until} />,
            },
            { title: say("reveals_order"), render: (_, one) => <Order of={one} /> },
            { title: say("reveals_where"), render: (_, one) => <Where of={one} /> },
            { title: say("reveals_shop"), dataIndex: "shop" },
            {
              title: say("reveals_seen"),
              render: (_, one) => one.phone_masked || <span className="quiet">–</span>,
            },
            { title: say("reveals_who"), dataIndex: "staff" },
          ]}
        />
      </Flex>
    </Page>
  );
}

/** Which page of the platform shows it, where its address does not say so by itself. */
function Where({ of: one }: { of: SchemaReveal }) {
  const host = /^https:\/\/([^/]+)/.exec(one.page)?.[1];
  return <span data-raw>{host ?? (one.page || "–")}</span>;
}

/** The number, leading to where its platform shows the phone. */
function Order({ of: one }: { of: SchemaReveal }) {
  const page = one.page.startsWith("https://") ? one.page : undefined;
  if (!page) return <span data-raw>{one.order_no}</span>;
  return (
    <a href={page} target="_blank" rel="noreferrer" data-raw>
      {one.order_no}
    </a>
  );
}

function Taken({ found }: { found: SchemaFilling }) {
  const say = useTasks();
  const { matched, known, blank, refused } = found;
  return (
    <Alert
      type={refused.length > 0 ? "warning" : "success"}
      showIcon
      title={say("reveals_taken", { matched, known, blank })}
      description={refused.map((one) => (
        <div key={`${one.line} ${one.field}`}>
          {say("reveals_refused", { line: one.line, field: one.field, why: one.why })}
        </div>
      ))}
    />
  );
}
