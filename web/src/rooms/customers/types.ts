import type { paths } from "@/api/schema";

/** By their routes: names of schemas change when another room uses the same word. */
type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;

export type Overview = Answer<"/api/v1/customers/{customer}/overview">;
export type Line = Answer<"/api/v1/customers/{customer}/timeline">["lines"][number];
export type Card = Answer<"/api/v1/customers">["customers"][number];
export type History = Answer<"/api/v1/customers/{customer}/history">;
export type Going = Answer<"/api/v1/customers/{customer}/merge">["moves"][number];
export type Claim = Answer<"/api/v1/matches">["claims"][number];
export type ToMatch = Answer<"/api/v1/friends/to-match">["friends"][number];
export type Hold = Overview["suppressed"][number];
export type Kind = Line["kind"];
