import type { Catalog } from "./schema/Catalog.ts"
import { nothing, quoted } from "./carried.ts"
import { declaredAliases } from "./declaredAliases.ts"
import { walk } from "./fold.ts"
import { type From, FromId } from "./From.ts"
import * as S from "./Scalar.ts"
import type { Bound, BoundList, Scalar } from "./Scalar.ts"
import { asTable, type TableSource } from "./Source.ts"
import { refuse } from "./StatementError.ts"
import { text } from "./types.ts"
import type { Uses, Value } from "./Value.ts"

interface Named {
  /** What an error calls it. */
  readonly name: string
  /** Structure only: equal keys rewrite statements alike. */
  readonly key: string
  /** The values it compares with, in the order `key` tells. */
  readonly values: ReadonlyArray<Bound>
}

/**
 * Which tables a policy that goes by a column knows.
 *
 * **Shape** `having` are those known to have the column, whatever a mapping of them says; `all` are
 * all that are known: another one without the column is refused, save where `all` is null.
 */
export interface Reach {
  readonly having: ReadonlyArray<TableSource>
  readonly all: ReadonlyArray<TableSource> | null
}

/** Rows whose column holds one value; an insert without one gets it. */
export interface Tenant extends Named {
  readonly _tag: "Tenant"
  readonly column: string
  readonly reach: Reach
}

/** Rows whose column is NULL; a DELETE sets it to the present instead. */
export interface SoftDelete extends Named {
  readonly _tag: "SoftDelete"
  readonly column: string
  readonly reach: Reach
}

/** Rows of one table for which a predicate is TRUE; what is written must keep `check`. */
export interface Rows extends Named {
  readonly _tag: "Rows"
  readonly table: TableSource
  readonly alias: string
  readonly visible: Scalar
  readonly check: Scalar
}

/**
 * Which rows a program may see and write, whatever it asks: as data, applied to every statement.
 *
 * **Shape** reaches each occurrence of a table: joins, subqueries, common table expressions,
 * relation loads and flushes. A write that would leave a row outside fails as `PolicyViolation`,
 * whole. Raw SQL is `Unsupported` under a policy, unless it declares the tables it reads and no
 * policy speaks of them.
 * **Laws** L25: a statement under a policy on a database is the statement on the database cut to
 * the policy's rows; applying it twice is applying it once; independent policies commute.
 *
 * @category models
 */
export type Policy = Tenant | SoftDelete | Rows

const named = (column: string, asked: string): string =>
  typeof column === "string" && column !== ""
    ? column
    : refuse(`${asked}: the column is named by its key`)

/**
 * The tables a policy that goes by a column is of.
 *
 * **Shape** with `catalog` each of its tables that has the column is under the policy, however it
 * is mapped elsewhere: another value of such a table under the same name finds the column by its
 * name, and is `Unsupported` where it is mapped without; so is a table the catalogue does not have,
 * unless it shows the column. With `byColumn` tables are told by their columns alone: rows of one
 * that is mapped without the column are all shown, and all written.
 *
 * @category models
 */
export type PolicyReach =
  | { readonly catalog: Catalog; readonly byColumn?: never }
  | { readonly byColumn: true; readonly catalog?: never }

const byColumn: Reach = Object.freeze({ having: nothing, all: null })

const reachOf = (column: string, options: PolicyReach | undefined, asked: string): Reach => {
  const catalog = options?.catalog
  if (catalog === undefined)
    return options?.byColumn
      ? byColumn
      : refuse(`${asked}: say { catalog }, or { byColumn: true } to go by columns alone`)
  const all = [...catalog.tables, ...catalog.views]
  const having = catalog.tables.filter(({ byKey }) => byKey.has(column))
  return having.length === 0
    ? refuse(`${asked}: no table of the catalogue has a column "${column}"`)
    : Object.freeze({ having: Object.freeze(having), all: Object.freeze(all) })
}

const reachKey = ({ all }: Reach): string => (all ?? []).map(({ id }) => `T${id}`).join("")

/**
 * Only rows of one tenant: every table with this column, by key, shows and takes rows that hold the
 * value.
 *
 * **Shape** an insert that leaves the column out, or gives NULL where the column takes it, gets the
 * value; one that gives another, and an update to another, fail as `PolicyViolation`. Statements
 * for different tenants share one text. `catalog` says which tables there are: see `PolicyReach`.
 * **Errors** `StatementError` for an absent value: a filter of nothing is never meant.
 * **Source** SQLAlchemy 2.0 "Adding global WHERE / ON criteria", on writes too.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Policy, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const notes = Table.make("notes", { id: Column.id(), tenantId: Column.integer() })
 * const catalog = Catalog.make({ notes })
 * const add = (n: number) => Database.policed(
 *   [Policy.tenant("tenantId", n, { catalog })],
 *   Effect.andThen(Database.run(Query.insert(notes).values({ tenantId: n })),
 *     Database.count(Query.from(notes))))
 * const program = Database.create(catalog).pipe(
 *   Effect.andThen(add(1)), Effect.andThen(add(2)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
 * ```
 * @category constructors
 */
export const tenant = (column: string, value: unknown, options: PolicyReach): Policy => {
  if (value === undefined || value === null)
    refuse(`Policy.tenant("${column}"): the value is absent`)
  const name = `tenant(${named(column, "Policy.tenant")})`
  const reach = reachOf(column, options, "Policy.tenant")
  return Object.freeze({
    _tag: "Tenant",
    name,
    key: `tenant(${quoted(column)}${reachKey(reach)})`,
    // Its type is that of the column it meets, table by table.
    values: Object.freeze([S.bound(value, text)]),
    column,
    reach
  })
}

/**
 * Rows marked as deleted are gone: every table with this column, by key, shows rows where it is
 * NULL, and DELETE writes the present into it.
 *
 * **Shape** an insert or update that sets the column to anything but NULL fails as
 * `PolicyViolation`. `catalog` says which tables there are: see `PolicyReach`.
 * **Errors** `StatementError`, when a statement is compiled, where the column may not be NULL.
 * **Source** SQLAlchemy 2.0 "Soft Delete" of the `do_orm_execute` examples.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Policy, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const notes = Table.make("notes", {
 *   id: Column.id(), text: Column.text(), deletedAt: Column.timestamp().nullable() })
 * const catalog = Catalog.make({ notes })
 * const seen = Database.policed([Policy.softDelete("deletedAt", { catalog })],
 *   Effect.andThen(Database.run(Query.deleteFrom(notes).everyRow()),
 *     Database.count(Query.from(notes))))
 * const program = Database.create(catalog).pipe(
 *   Effect.andThen(Database.run(Query.insert(notes).values({ text: "a" }))),
 *   Effect.andThen(Effect.all([seen, Database.count(Query.from(notes))])))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [0, 1]
 * ```
 * @category constructors
 */
export const softDelete = (column: string, options: PolicyReach): Policy => {
  const name = `softDelete(${named(column, "Policy.softDelete")})`
  const reach = reachOf(column, options, "Policy.softDelete")
  return Object.freeze({
    _tag: "SoftDelete",
    name,
    key: `softDelete(${quoted(column)}${reachKey(reach)})`,
    values: nothing,
    column,
    reach
  })
}

/**
 * Rows of one table for which a predicate is TRUE.
 *
 * **Shape** `check` is what a written row must keep; the predicate itself where left out. A
 * subquery in either sees the whole database. Another table value of the same name is the same
 * table.
 * **Errors** `StatementError` for what is no table, for a named parameter in the predicate, and for
 * a subquery of it whose source has the alias of the row itself.
 * **Source** PostgreSQL manual, "Row Security Policies": USING and WITH CHECK.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Policy, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const notes = Table.make("notes", { id: Column.id(), open: Column.boolean() })
 * const open = Policy.rows(notes, notes.c.open)
 * const add = Database.run(Query.insert(notes).values({ open: false }))
 * const closed = Database.policed([open], add)
 * const program = Effect.andThen(Database.create(Catalog.make({ notes })), Effect.flip(closed))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "PolicyViolation"
 * ```
 * @category constructors
 */
export const rows = <N extends string>(
  source: From<N, unknown>,
  predicate: Value<boolean | null, N | Uses<N>>,
  options: { readonly check?: Value<boolean | null, N | Uses<N>> } = {}
): Policy => {
  const from = source?.[FromId] ?? refuse("Policy.rows: not a table or an entity")
  const table = asTable(from.source, "Policy.rows")
  const visible = predicate?.node ?? refuse("Policy.rows: the predicate is undefined")
  const check = options.check?.node ?? visible
  for (const one of [visible, check]) {
    // Its columns would be the inner row's or the row's own: nobody could tell.
    if (declaredAliases(one).has(from.alias))
      refuse(`Policy.rows: "${from.alias}" is in a subquery too; name it otherwise there`)
    walk(one, (node) => {
      if (node._tag === "Named") refuse(`Policy.rows: the parameter "${node.name}" has no value`)
    })
  }
  const values = check === visible ? visible.binds : visible.binds.concat(check.binds)
  if (visible.ctes.length + check.ctes.length > 0)
    refuse("Policy.rows: the predicate reads a common table expression; use a derived table")
  const firsts = firstsOf(values)
  const repeats = firsts.some((first, i) => first !== i) ? `|${firsts.join()}` : ""
  return Object.freeze({
    _tag: "Rows",
    name: `rows(${table.name})`,
    key: `rows(T${table.id}${quoted(from.alias)}|${visible.key}|${check.key}${repeats})`,
    values,
    table,
    alias: from.alias,
    visible,
    check
  })
}

/** For each of some values the place of the first that is the same. */
export const firstsOf = (values: ReadonlyArray<Bound | BoundList>): ReadonlyArray<number> =>
  values.map((one) => values.findIndex((other) => isOneValue(one, other)))

const isOneValue = (one: Bound | BoundList, other: Bound | BoundList): boolean =>
  one === other ||
  (one._tag === "Bound" &&
    other._tag === "Bound" &&
    one.key === other.key &&
    Object.is(one.value, other.value))

/** Every value of some policies, in order. */
export const policyValues = (policies: ReadonlyArray<Policy>): ReadonlyArray<Bound> =>
  policies.flatMap(({ values }) => values)

/** The structure of some policies. */
export const policyKey = (policies: ReadonlyArray<Policy>): string =>
  policies.map(({ key }) => key).join(";")
