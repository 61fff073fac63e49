import * as Effect from "effect/Effect"
import type { DatabaseError } from "../DatabaseError.ts"
import type { Request, Site } from "../Driver.ts"
import type { Engine } from "../Engine.ts"
import type { Gate } from "../pool/Gate.ts"
import { type Plan, planOf } from "./Plan.ts"
import { asIs, sendThrough } from "../statements/send.ts"

/** The words before a statement whose plan is asked for. */
export const explainWords = {
  sqlite: { plan: "EXPLAIN QUERY PLAN ", run: "" },
  postgres: { plan: "EXPLAIN (FORMAT JSON) ", run: "EXPLAIN (ANALYZE, FORMAT JSON) " },
  mysql: { plan: "EXPLAIN FORMAT=JSON ", run: "" },
  mariadb: { plan: "EXPLAIN FORMAT=JSON ", run: "ANALYZE FORMAT=JSON " }
} as const

/** The plan of a compiled statement, asked through a gate. */
export const planThrough = (
  engine: Engine,
  gate: Gate,
  text: string,
  parameters: ReadonlyArray<unknown>,
  isWithin: boolean,
  kind: "plan" | "run" = "plan"
): Effect.Effect<Plan, DatabaseError> => {
  const request: Request = {
    text: `${explainWords[engine.dialect][kind]}${text}`,
    parameters,
    bigints: false,
    single: false,
    rowKey: null,
    keep: true
  }
  const site: Site = { operation: "query", table: null, inTransaction: isWithin }
  return Effect.map(sendThrough(engine, gate, request, site, asIs), ({ rows }) =>
    planOf(engine.dialect, rows)
  )
}
