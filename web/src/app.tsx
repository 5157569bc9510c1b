import { QueryClientProvider } from "@tanstack/react-query";
import { App as Antd, Button, ConfigProvider } from "antd";
import english from "antd/locale/en_US";
import chinese from "antd/locale/zh_CN";
import { lazy, Suspense, useEffect } from "react";
import { createBrowserRouter, Link, type RouteObject, useRouteError } from "react-router";
import { RouterProvider } from "react-router/dom";
import { queries } from "./api/queries";
import { useSession } from "./api/session";
import { Shell } from "./frame/shell";
import { rooms } from "./rooms";
import { clockIs } from "./ui/clock";
import { brandIs } from "./ui/format";
import { Failed, Notice, Shown } from "./ui/states";
import { useStates } from "./ui/states.words";
import { themeOf, useMode, useStill } from "./ui/theme";
import { useLanguage } from "./ui/words";

const SignIn = lazy(() => import("./frame/sign-in"));

const MustChange = lazy(async () => ({
  default: (await import("./frame/must-change")).MustChange,
}));

const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <Broken />,
    children: [
      ...rooms.flatMap((room) => room.routes.map(guarded)),
      { path: "*", element: <Unknown /> },
    ],
  },
]);

export function App() {
  const [language] = useLanguage();
  const [mode] = useMode();
  const still = useStill();
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.documentElement.dataset.mode = mode;
  }, [language, mode]);
  return (
    <ConfigProvider
      locale={language === "zh" ? chinese : english}
      theme={themeOf(mode, still)}
      button={{ autoInsertSpace: false }}
    >
      <Antd>
        <QueryClientProvider client={queries}>
          <Door />
        </QueryClientProvider>
      </Antd>
    </ConfigProvider>
  );
}

/** Whoever has not signed in sees the way in, at the address that they asked for. */
function Door() {
  const session = useSession();
  const here = session.data;
  if (here?.must_change)
    return (
      <Suspense fallback={null}>
        <MustChange />
      </Suspense>
    );
  if (here) {
    brandIs(here.brand.time_zone, here.brand.currency);
    clockIs(here.now);
    return <RouterProvider router={router} />;
  }
  if (here === null || session.error?.status === 401) {
    return (
      <Suspense fallback={null}>
        <SignIn />
      </Suspense>
    );
  }
  return (
    <main className="page" id="main">
      <Shown query={session}>{() => null}</Shown>
    </main>
  );
}

function guarded(route: RouteObject): RouteObject {
  return { ...route, errorElement: <Broken /> } as RouteObject;
}

/** A page that could not be drawn or loaded: the frame stays, and it can be tried again. */
function Broken() {
  return (
    <main className="page" id="main">
      <Failed error={useRouteError()} retry={() => window.location.reload()} />
    </main>
  );
}

function Unknown() {
  const say = useStates();
  return (
    <main className="page" id="main">
      <Notice title={say("unknown_page")}>
        <Link to="/">
          <Button type="primary">{say("home")}</Button>
        </Link>
      </Notice>
    </main>
  );
}
