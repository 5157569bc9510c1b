import { useEffect, useState } from "react";

let ahead = 0;

/** The server told its time: the pages go by its clock, which a sandbox may have set. */
export function clockIs(server: string | Date): void {
  ahead = new Date(server).getTime() - Date.now();
}

export function now(): Date {
  return new Date(Date.now() + ahead);
}

/** The server's time, anew every `seconds`. */
export function useNow(seconds = 15): Date {
  const [moment, tick] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => tick(now()), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return moment;
}
