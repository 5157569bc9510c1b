import { InboxOutlined } from "@ant-design/icons";
import { Flex, Upload } from "antd";
import { Link, useNavigate } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/api/session";
import { asBody } from "@/ui/file";
import { byCursor, Keyset } from "@/ui/keyset";
import { Page } from "@/ui/page";
import { Nothing, Problem } from "@/ui/states";
import { Code, Count, When } from "@/ui/value";
import { broughtBy, moves, type Row, SOON, toneOf } from "./queries";
import { useImports } from "./words";

type Brought = components["schemas"]["Brought"];

export function Component() {
  const say = useImports();
  const may = useMay();
  const uploads = api.useInfiniteQuery(
    "get",
    "/api/v1/imports",
    { params: { query: { limit: 20 } } },
    {
      ...byCursor,
      refetchInterval: (query) =>
        query.state.data?.pages.some((page) => page.imports.some((one) => moves(one.state)))
          ? SOON
          : false,
    },
  );
  const history = api.useInfiniteQuery(
    "get",
    "/api/v1/imports/history",
    { params: { query: { limit: 20 } } },
    byCursor,
  );
  return (
    <Page title={say("title")} under={say("under")}>
      <Flex vertical gap={20}>
        {may("imports.write") && <Drop />}
        <section>
          <h2>{say("uploads")}</h2>
          <Keyset
            query={uploads}
            rows={(page) => page.imports}
            rowKey={(one) => one.id}
            label={say("uploads")}
            empty={<Nothing what={say("none")} />}
            columns={[
              {
                title: say("file"),
                render: (_, one: Row) => <Link to={`/settings/imports/${one.id}`}>{one.file}</Link>,
              },
              {
                title: say("state"),
                render: (_, one) => <Code set="upload" code={one.state} tone={toneOf(one.state)} />,
              },
              { title: say("lines"), align: "right", render: (_, one) => <Count of={one.lines} /> },
              { title: say("result"), render: (_, one) => <Result row={one} /> },
              { title: say("who"), dataIndex: "uploaded_by" },
              { title: say("when"), render: (_, one) => <When at={one.uploaded_at} /> },
            ]}
          />
        </section>
        <section>
          <h2>{say("history")}</h2>
          <Keyset
            query={history}
            rows={(page) => page.brought}
            rowKey={(one) => one.id}
            label={say("history")}
            empty={<Nothing what={say("none")} />}
            columns={[
              { title: say("file"), dataIndex: "file" },
              { title: say("mapping"), dataIndex: "mapping" },
              { title: say("shop"), dataIndex: "shop" },
              {
                title: say("new"),
                align: "right",
                render: (_, one: Brought) => <Count of={one.new} />,
              },
              { title: say("known"), align: "right", render: (_, one) => <Count of={one.known} /> },
              {
                title: say("rejected"),
                align: "right",
                render: (_, one) =>
                  one.finished_at ? <Count of={one.rejected} /> : say("unfinished"),
              },
              { title: say("when"), render: (_, one) => <When at={one.started_at} /> },
            ]}
          />
        </section>
      </Flex>
    </Page>
  );
}

function Result({ row }: { row: Row }) {
  const say = useImports();
  const report = row.report;
  if (!report) return <span className="quiet">{row.error}</span>;
  const brought = broughtBy(report);
  return (
    <span>
      {say("new")} <Count of={brought} /> · {say("known")} <Count of={report.duplicates} />
      {report.rejected > 0 && (
        <span className="tone-waits">
          {" · "}
          {say("rejected")} <Count of={report.rejected} />
        </span>
      )}
    </span>
  );
}

/** The file goes as it is: the server streams it to its disk. */
function Drop() {
  const say = useImports();
  const go = useNavigate();
  const put = api.useMutation("post", "/api/v1/imports", {
    onSuccess: (found) => go(`/settings/imports/${found.id}`),
  });
  return (
    <Flex vertical gap={12}>
      <Problem error={put.error} />
      <Upload.Dragger
        showUploadList={false}
        disabled={put.isPending}
        multiple={false}
        beforeUpload={(file) => {
          put.mutate({
            params: { query: { name: file.name } },
            ...asBody(file),
          });
          return false;
        }}
      >
        <p className="ant-upload-drag-icon">
          <InboxOutlined />
        </p>
        <p>{say(put.isPending ? "uploading" : "drop")}</p>
        <p className="quiet">{say("drop_kinds")}</p>
      </Upload.Dragger>
    </Flex>
  );
}
