import { App, Button, Flex } from "antd";
import { api, useAct } from "@/api/client";
import { useMay } from "@/api/session";
import { byCursor, Keyset } from "@/ui/keyset";
import { Nothing, Problem } from "@/ui/states";
import { columns } from "./people";
import { useTongue } from "./said";

/** Whoever something went wrong for, with the error, and a way to take them up again. */
export function Parked({ code, many: parked }: { code: string; many: number }) {
  const tongue = useTongue();
  const { say } = tongue;
  const may = useMay()("journeys.publish");
  const { message } = App.useApp();
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/journeys/{code}/parked",
    { params: { path: { code }, query: { limit: 50 } } },
    byCursor,
  );
  const act = useAct("post", "/api/v1/visits/retry", {
    onSuccess: ({ retried }) => void message.success(say("retried", { count: retried })),
  });
  return (
    <Flex vertical gap={12}>
      <Problem error={act.error} />
      {may && parked > 0 && (
        <div>
          <Button
            loading={act.isPending}
            onClick={() => act.mutate({ body: { visits: null, journey: code, by: "" } })}
          >
            {say("retry_all")}
          </Button>
        </div>
      )}
      <Keyset
        query={query}
        rows={(page) => page.people}
        columns={[
          ...(columns(tongue, "parked") ?? []),
          ...(may
            ? [
                {
                  title: "",
                  render: (_: unknown, row: { visit: string }) => (
                    <Button
                      size="small"
                      disabled={act.isPending}
                      onClick={() =>
                        act.mutate({ body: { visits: [row.visit], journey: code, by: "" } })
                      }
                    >
                      {say("retry")}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
        rowKey={(row) => row.visit}
        label={say("tab_parked")}
        empty={<Nothing what={say("parked_none")} />}
      />
    </Flex>
  );
}
