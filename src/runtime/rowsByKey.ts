import * as Effect from "effect/Effect"
import type { Command } from "../algebra/Command.ts"
import { locked } from "../algebra/lock.ts"
import * as R from "../algebra/Relation.ts"
import * as S from "../algebra/Scalar.ts"
import type { TableSource } from "../algebra/Source.ts"
import type { Statement } from "../algebra/Statement.ts"
import { tableFrom } from "../algebra/schema/tableSource.ts"
import { boolean } from "../algebra/types.ts"
import { Database } from "../effects/Database.ts"
import type { ReadError } from "../effects/DatabaseError.ts"
import type { Engine } from "../effects/Engine.ts"
import type { LoadRequest } from "../mapping/flush/demand.ts"
import { ofRow, type Row } from "../mapping/RowRef.ts"
import type { KnownRow } from "../mapping/KnownRows.ts"

/** Rows of plain columns, whatever the table's class is: what the planner compares. */
export const asStatement = <N extends R.Relation | Command>(
  node: N
): Statement<Row> & { readonly node: N } => ({ node })

/** How rows are asked for by their keys. */
export interface Asking {
  /** The columns that are read, by key; all where left out, deferred ones among them. */
  readonly columns?: ReadonlyArray<string> | undefined
  /** Each row as a value of its class: of a family they have other columns. */
  readonly isWhole?: boolean
  readonly lock?: R.LockStrength | undefined
}

type Requested = Pick<LoadRequest, "columns" | "keys" | "table">

/** All rows of a table whose columns equal one of the keys. */
const requested = ({ columns, keys, table }: Requested, asking: Asking): R.Relation => {
  const from = tableFrom<string, Row>(table, table.name)
  const ref = (key: string) => S.ref(table.name, table, [key], table.byKey.get(key)!.type)
  const shown = (key: string) =>
    table.queried.find((one) => one.key === key)?.of(table.name) ?? ref(key)
  const predicate =
    columns.length === 1
      ? S.inList(
          ref(columns[0]!),
          S.boundList(
            keys.map(([key]) => key),
            ref(columns[0]!).type
          ),
          boolean
        )
      : S.or(
          keys.map((key) =>
            S.and(
              columns.map((column, i) =>
                S.compare("eq", ref(column), S.bound(key[i], ref(column).type), boolean)
              ),
              boolean
            )
          ),
          boolean
        )
  const rows = R.filter(from.relation, predicate)
  const isWhole = asking.isWhole === true || table.whole.length === table.columns.length
  const read = asking.columns ?? (isWhole ? undefined : table.columns.map(({ key }) => key))
  const query =
    read === undefined
      ? R.project(rows, from.fields, from.shape)
      : R.project(rows, read.map(shown), {
          _tag: "Record",
          keys: read,
          parts: read.map((_, index) => ({ _tag: "Cell", index }) as const),
          presence: null,
          prototype: table.prototype
        })
  return asking.lock === undefined
    ? query
    : locked(query, { strength: asking.lock, wait: null, of: [] })
}

/**
 * Keys of one statement: a list is one parameter where the dialect can, else so many placeholders.
 */
const chunkOf = (engine: Engine, { columns }: Requested): number =>
  columns.length > 1 ? 200 : engine.capabilities.listParameter === "expand" ? 1_000 : 10_000

/** Reads the rows a request names, in as few statements as their keys take. */
export const rowsByKey = (
  engine: Engine,
  request: Requested,
  asking: Asking = {}
): Effect.Effect<ReadonlyArray<KnownRow>, ReadError, Database> => {
  const size = chunkOf(engine, request)
  const chunks: Array<Requested> = []
  for (let at = 0; at < request.keys.length; at += size) {
    chunks.push({ ...request, keys: request.keys.slice(at, at + size) })
  }
  return Effect.map(
    Effect.forEach(chunks, (chunk) => Database.all(asStatement(requested(chunk, asking)))),
    (lists) => lists.flat().map((row) => ({ ref: ofRow(request.table, row)!, row }))
  )
}

/** The request of rows by their whole keys. */
export const wholeKeys = (
  table: TableSource,
  keys: ReadonlyArray<ReadonlyArray<unknown>>
): Requested => ({ table, columns: table.primaryKey, keys })
