import { Drawer, Flex, Form, Input, QRCode, Table, Typography } from "antd";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { Nothing, Shown } from "@/ui/states";
import { Count, Rate } from "@/ui/value";
import { addressed } from "./kinds";
import type { Row } from "./list";
import { usePages } from "./words";

type Source = components["schemas"]["PageSource"];
const PARTS = ["utm_source", "utm_medium", "utm_campaign"] as const;
const COUNTED = ["visits", "given", "friends"] as const;

/** A page's address for each advertisement, and what came by each. */
export default function Brought({ of, close }: { of: Row; close: () => void }) {
  const say = usePages();
  const query = api.useQuery("get", "/api/v1/pages/{page}/sources", {
    params: { path: { page: of.code } },
  });
  return (
    <Drawer open size={736} title={`${say("brought")} · ${of.code}`} onClose={close}>
      <Flex vertical gap={24}>
        <Address url={of.url} />
        <section aria-label={say("sources")}>
          <h2>{say("sources")}</h2>
          <Shown query={query}>
            {({ sources }) =>
              sources.length === 0 ? (
                <Nothing what={say("sources_none")} />
              ) : (
                <Sources rows={sources} />
              )
            }
          </Shown>
        </section>
      </Flex>
    </Drawer>
  );
}

function Address({ url }: { url: string }) {
  const say = usePages();
  const [form] = Form.useForm<Record<string, string>>();
  const ad = Form.useWatch([], form) ?? {};
  const whole = url.startsWith("http");
  const address = addressed(url, ad);
  return (
    <section aria-label={say("address")}>
      <h2>{say("address")}</h2>
      <p className="quiet">{say(whole ? "address_help" : "no_address")}</p>
      <div className="page-address">
        <Form form={form} layout="vertical">
          {PARTS.map((one) => (
            <Form.Item key={one} name={one} label={say(one)}>
              <Input maxLength={120} autoCapitalize="off" />
            </Form.Item>
          ))}
          <Typography.Text
            copyable={{ text: address, tooltips: [say("copy"), say("copied")] }}
            className="page-url"
          >
            <span data-raw>{address}</span>
          </Typography.Text>
          {whole && (
            <div>
              <a href={address} target="_blank" rel="noreferrer">
                {say("open")}
              </a>
            </div>
          )}
        </Form>
        {whole && (
          <figure className="page-qr">
            <QRCode value={address} size={180} bgColor="#ffffff" color="#000000" />
            <figcaption className="quiet small">{say("qr")}</figcaption>
          </figure>
        )}
      </div>
    </section>
  );
}

function Sources({ rows }: { rows: Source[] }) {
  const say = usePages();
  return (
    <Table<Source>
      aria-label={say("sources")}
      size="small"
      rowKey={(row) => `${row.origin} ${row.medium} ${row.campaign}`}
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      columns={[
        {
          key: "source",
          title: say("source"),
          render: (_, row) =>
            [row.origin, row.medium, row.campaign].some(Boolean) ? (
              <span data-raw>
                {[row.origin, row.medium, row.campaign].filter(Boolean).join(" · ")}
              </span>
            ) : (
              <span className="quiet">{say("plain")}</span>
            ),
        },
        ...COUNTED.map((key) => ({
          key,
          title: say(key),
          align: "right" as const,
          className: "money",
          render: (_: unknown, row: Source) => <Count of={row[key]} />,
        })),
        {
          key: "share",
          title: say("share"),
          align: "right" as const,
          className: "money",
          render: (_, row) => <Rate of={row.visits ? row.friends / row.visits : null} />,
        },
      ]}
    />
  );
}
