import type { Page } from "@playwright/test";
import type { Role } from "./demo";
import type { Demo } from "./server";

/** One page for the gate: looked at in both languages, light and dark, wide and, where it is for phones, narrow. */
export interface Looked {
  /** The name of its pictures. */
  name: string;
  path: string | ((page: Page, demo: Demo) => Promise<string>);
  as?: Role;
  /** Guides and owners open it on a phone. */
  phone?: boolean;
  /** Something that is there once the page is. */
  ready?: string;
  /** Pressed before the picture is taken: opens a drawer or a dialog. */
  before?: (page: Page) => Promise<void>;
}
