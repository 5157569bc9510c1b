import { Flex } from "antd";
import { Link } from "react-router";
import { api } from "@/api/client";
import { Page } from "@/ui/page";
import { Shown } from "@/ui/states";
import { useLanguage } from "@/ui/words";
import "./reports.css";
import { useReports } from "./words";

/** Every report over years, by its question. */
export function Component() {
  const say = useReports();
  const [language] = useLanguage();
  const query = api.useQuery("get", "/api/v1/reports/figures", {}, { staleTime: 300_000 });
  return (
    <Page title={say("all")} under={say("all_under")}>
      <Shown query={query} rows={8}>
        {(found) => (
          <section className="panel" aria-label={say("all")}>
            <Flex vertical gap={4} component="ul" className="report-list">
              {found.reports.map((one) => (
                <li key={one.name}>
                  <Link to={`/reports/figures/${one.name}`}>{one.title[language]}</Link>
                </li>
              ))}
            </Flex>
          </section>
        )}
      </Shown>
    </Page>
  );
}
