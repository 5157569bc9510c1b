import { useIsFetching } from "@tanstack/react-query";
import { Flex } from "antd";
import { Component, type ReactNode, Suspense } from "react";
import { NavLink, Outlet, useLocation } from "react-router";
import { useMay, useSession } from "@/api/session";
import { partsOf, rooms, tabsAt } from "@/rooms";
import type { Slot } from "@/ui/room";
import { Soon } from "@/ui/soon";
import { useLanguage } from "@/ui/words";
import { Me } from "./me";
import { LanguageSwitch } from "./switches";
import { useFrame } from "./words";

/** The frame of every page: rail, top bar, the page, and what rooms put into its slots. */
export function Shell() {
  const say = useFrame();
  const { data: here } = useSession();
  return (
    <div className="shell">
      <Busy />
      <a className="skip" href="#main">
        {say("skip")}
      </a>
      <Rail />
      <div className="body">
        <header className="top">
          <Flex align="center" gap={12} className="top-brand">
            <strong>{here?.brand.name}</strong>
            <In slot="goal" />
          </Flex>
          <div className="top-search">
            <In slot="search" />
          </div>
          <Flex align="center" gap={4}>
            <In slot="tray" />
            <In slot="stop" />
            <LanguageSwitch />
            <In slot="me" />
            <Me />
          </Flex>
        </header>
        <In slot="banner" />
        <Tabs />
        <Suspense fallback={<Soon />}>
          <Outlet />
        </Suspense>
      </div>
    </div>
  );
}

/** Whether anything is being asked for, for whoever takes a picture of the whole page. */
function Busy() {
  return <span hidden data-busy={useIsFetching() > 0} />;
}

function Rail() {
  const say = useFrame();
  const may = useMay();
  const [language] = useLanguage();
  const shown = rooms.flatMap(({ rail }) => (rail?.needs.some(may) ? [rail] : []));
  return (
    <nav className="rail" aria-label={say("rail")}>
      {shown.map((rail) => (
        <NavLink key={rail.path} to={rail.path} end={rail.path === "/"} className="rail-link">
          {rail.icon}
          <span>{rail.label[language === "zh" ? 0 : 1]}</span>
        </NavLink>
      ))}
    </nav>
  );
}

function Tabs() {
  const say = useFrame();
  const may = useMay();
  const [language] = useLanguage();
  const { pathname } = useLocation();
  const shown = tabsAt(pathname).filter((tab) => tab.needs.some(may));
  if (shown.length < 2) return null;
  return (
    <nav className="tabs" aria-label={say("tabs")}>
      {shown.map((tab) => (
        <NavLink key={tab.path} to={tab.path} end={tab.path === tab.under} className="tab-link">
          {tab.label[language === "zh" ? 0 : 1]}
        </NavLink>
      ))}
    </nav>
  );
}

/** A part that can't be loaded, since the server is gone, is left out; the page stays. */
class Spare extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? null : this.props.children;
  }
}

function In({ slot }: { slot: Slot }) {
  return (
    <Suspense fallback={<Soon />}>
      {partsOf(slot).map((Part, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rooms do not change while it runs
        <Spare key={place}>
          <Part />
        </Spare>
      ))}
    </Suspense>
  );
}
