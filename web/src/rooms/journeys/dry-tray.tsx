import { LoadingOutlined } from "@ant-design/icons";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import { moves, percent, SELDOM, SOON, triedOf } from "./dry";
import "./dry-tray.css";
import { useDry } from "./dry.words";

/** One that is under way is seen from every page. */
export default function DryTray() {
  const may = useMay();
  return may("journeys.read") ? <Current /> : null;
}

function Current() {
  const say = useDry();
  const query = api.useQuery(
    "get",
    "/api/v1/journeys/dry-runs",
    { params: { query: { limit: 10 } } },
    {
      refetchInterval: (asked) =>
        asked.state.data?.dry_runs.some((one) => moves(one.state)) ? 2 * SOON : SELDOM,
    },
  );
  const runs = query.data?.dry_runs ?? [];
  const current =
    runs.find((one) => one.state === "running") ?? runs.find((one) => moves(one.state));
  if (!current) return null;
  const { name, path } = triedOf(current);
  return (
    <Link to={path} className="number dry-tray">
      <LoadingOutlined /> {say("tray", { journey: name })} {percent(current.share)}%
    </Link>
  );
}
