import { LoadingOutlined } from "@ant-design/icons";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/session";
import "./imports.css";
import { useImports } from "./words";

const SELDOM = 60_000;
const OFTEN = 2000;

/** An import that is under way is seen from every page. */
export default function Tray() {
  const may = useMay();
  return may("imports.read") ? <Current /> : null;
}

function Current() {
  const say = useImports();
  const query = api.useQuery(
    "get",
    "/api/v1/imports",
    { params: { query: { limit: 10 } } },
    {
      refetchInterval: (asked) =>
        asked.state.data?.imports.some((one) => underWay(one.state)) ? OFTEN : SELDOM,
    },
  );
  const current = query.data?.imports.find((one) => underWay(one.state));
  if (!current) return null;
  const at = current.progress;
  const part = at && at.total > 0 && at.stage !== "waiting" ? at.done / at.total : 0;
  return (
    <Link to={`/settings/imports/${current.id}`} className="number import-tray">
      <LoadingOutlined /> {say("tray", { file: current.file })} {Math.round(part * 100)}%
    </Link>
  );
}

function underWay(state: string): boolean {
  return state === "importing" || state === "queued";
}
