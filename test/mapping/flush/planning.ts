/** Plans of edits, and how they read. */
import * as Result from "effect/Result"
import type { Capabilities } from "../../../src/algebra/Dialect.ts"
import type { TableSource } from "../../../src/algebra/Source.ts"
import type * as ConstraintModel from "../../../src/mapping/ConstraintModel.ts"
import { type FlushPlan, format } from "../../../src/mapping/FlushPlan.ts"
import { diff, type Edit } from "../../../src/mapping/flush/diff.ts"
import { expand } from "../../../src/mapping/flush/expand.ts"
import { plan } from "../../../src/mapping/flush/plan.ts"
import type { Row } from "../../../src/mapping/RowRef.ts"
import * as KnownRows from "../../../src/mapping/KnownRows.ts"

export const rowsOf = (owner: TableSource, rows: ReadonlyArray<Row>): KnownRows.KnownRows =>
  KnownRows.make(rows.map((one) => ({ table: owner, row: one })))

export const plannedOn = (
  before: KnownRows.KnownRows,
  edits: ReadonlyArray<Edit>,
  server: Capabilities,
  constraints: ConstraintModel.ConstraintModel
): FlushPlan => {
  const changes = expand(constraints, before, diff(before, edits))
  return Result.getOrThrowWith(
    plan(constraints, server, changes),
    (why) => new Error(JSON.stringify(why))
  )
}

export const lines = (one: FlushPlan): ReadonlyArray<string> => format(one).split("\n")
