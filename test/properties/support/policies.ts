import { rewrite } from "../../../src/algebra/rewrite.ts"
import type { DialectName } from "../../../src/algebra/Dialect.ts"
import * as R from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { TableSource } from "../../../src/algebra/Source.ts"
import { FromId } from "../../../src/algebra/From.ts"
import * as Policy from "../../../src/algebra/Policy.ts"
import * as T from "../../../src/algebra/types.ts"
import type { Value as ExprValue } from "../../../src/algebra/Value.ts"
import type { Database, TableRow } from "../../oracle/Meaning.ts"
import { denote } from "../../oracle/relation.ts"
import { knownUnder, newHome } from "./context.ts"
import { type Draw, many, pick } from "./draw.ts"
import { contextOf } from "./parts.ts"
import { condition } from "./scalars.ts"
import { worldOf } from "./statements.ts"
import { alpha, beta, gamma, tables } from "./tables.ts"

const expression = (node: Scalar): ExprValue<never, never> => ({ node }) as never

const rowsOf = [alpha, beta, gamma] as const

/** A policy on one table by a condition over its columns, with subqueries now and then. */
const drawnRows = (draw: Draw): Policy.Policy => {
  const one = pick(draw, rowsOf)
  const from = one[FromId]
  const known = knownUnder(from.alias, from.source)
  const flat = pick(draw, [true, true, false])
  const context = { ...contextOf(newHome(), [known]), flat }
  const unnamed = rewrite(condition(draw, context, 2), (node) =>
    node._tag === "Named" ? S.constant(null, node.type) : node
  )
  return Policy.rows(one, expression(unnamed))
}

const drawnTenant = (draw: Draw): Policy.Policy =>
  Policy.tenant(pick(draw, ["a", "x", "p"]), pick(draw, [0, 1, 2]), { byColumn: true })

const drawnSoft = (draw: Draw): Policy.Policy =>
  Policy.softDelete(pick(draw, ["a", "alphaId", "q"]), { byColumn: true })

/** One or two policies. */
export const policiesOf = (draw: Draw): ReadonlyArray<Policy.Policy> =>
  many(draw, "policy", 1, 2, () => pick(draw, [drawnRows, drawnRows, drawnTenant, drawnSoft])(draw))

/**
 * What a policy says of a table under an alias, written apart from the compiler; null where it says
 * nothing.
 */
export const saidOf = (policy: Policy.Policy, table: TableSource, alias: string): Scalar | null => {
  if (policy._tag === "Rows") {
    if (policy.table !== table) return null
    return rewrite(policy.visible, (node) => {
      if (!("alias" in node) || node.alias !== policy.alias) return node
      if (node._tag === "Ref") return S.ref(alias, table, node.path, node.type)
      return node._tag === "Presence" ? S.presence(alias, table, node.path, node.type) : node
    })
  }
  const column = table.byKey.get(policy.column)
  if (column === undefined) return null
  const cell = S.ref(alias, table, [column.key], column.type)
  return policy._tag === "SoftDelete"
    ? S.isNull(cell, T.boolean)
    : S.compare("eq", cell, S.bound(policy.values[0]!.value, column.type), T.boolean)
}

/** The rows of a table for which every policy holds. */
export const visibleRows = (
  database: Database,
  table: TableSource,
  policies: ReadonlyArray<Policy.Policy>,
  dialect?: DialectName
): ReadonlyArray<TableRow> => {
  const filtered = policies.reduce<R.Relation>(
    (self, policy) => {
      const one = saidOf(policy, table, table.name)
      return one === null ? self : R.filter(self, one)
    },
    R.table(table, table.name)
  )
  return denote(filtered, { world: worldOf(database, {}, dialect), scopes: [], around: null }).map(
    ({ rows }) => {
      const row = rows.get(table.name)
      if (row?._tag !== "Base") throw new Error("a row of a base table")
      return row.row
    }
  )
}

/** The database cut to what the policies leave visible on a server. */
export const cut = (
  database: Database,
  policies: ReadonlyArray<Policy.Policy>,
  dialect?: DialectName
): Database =>
  new Map(tables.map((table) => [table, visibleRows(database, table, policies, dialect)]))
