import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import type { RowShape } from "../../../src/algebra/RowShape.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { Database } from "../../oracle/Meaning.ts"
import { answer } from "../../oracle/query.ts"
import { sameBag } from "./canonical.ts"
import { worldOf } from "./statements.ts"

type Parameters = Readonly<Record<string, unknown>>

/** A query's rows in order; within ties, in some order. */
export const rowsOf = (
  query: Relation,
  database: Database,
  parameters: Parameters = {}
): ReadonlyArray<unknown> => answer(query, worldOf(database, parameters)).flat()

/** Whether two queries give the same bag. */
export const sameRows = (
  a: Relation,
  b: Relation,
  database: Database,
  parameters: Parameters = {}
): boolean => sameBag(rowsOf(a, database, parameters), rowsOf(b, database, parameters))

/** The flat record of some expressions. */
export const record = (fields: ReadonlyArray<Scalar>): RowShape => ({
  _tag: "Record",
  keys: fields.map((_, i) => `c${i}`),
  parts: fields.map((_, index) => ({ _tag: "Cell", index })),
  presence: null,
  prototype: null
})

/** A query of some expressions over a relation. */
export const selected = (self: Relation, fields: ReadonlyArray<Scalar>): Relation =>
  R.project(self, fields, record(fields))
