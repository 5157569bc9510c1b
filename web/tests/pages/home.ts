import type { Looked } from "../page";

export const pages: Looked[] = [{ name: "home", path: "/", phone: true }];
