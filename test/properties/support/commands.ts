import * as C from "../../../src/algebra/Command.ts"
import type { Command } from "../../../src/algebra/Command.ts"
import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { ColumnNode, CteSource, TableSource } from "../../../src/algebra/Source.ts"
import * as T from "../../../src/algebra/types.ts"
import { type Context, type Home, knownAs, knownUnder, type Leaf } from "./context.ts"
import { chance, type Draw, many, pick, weigh } from "./draw.ts"
import { anySort } from "./fields.ts"
import { besides, firsts, rowOf, rowsFor } from "./commandParts.ts"
import { record } from "./meaning.ts"
import type { Clause } from "./places.ts"
import { query } from "./queries.ts"
import { condition, scalar } from "./scalars.ts"
import { aside, inClause, type Seek, seeks } from "./seek.ts"
import { sortOf, valueOf } from "./sorts.ts"
import { homeOf } from "./statements.ts"
import { tables } from "./tables.ts"

/** A command with the values of its named parameters. */
export interface CommandCase {
  readonly command: Command
  readonly parameters: Readonly<Record<string, unknown>>
}

const over = (home: Home, leaves: ReadonlyArray<Leaf>): Context => ({
  home,
  leaves,
  outer: [],
  members: null
})

/** A value for a column: where NULL is refused, one that is never NULL. */
const cell = (draw: Draw, context: Context, column: ColumnNode): Scalar => {
  const sort = sortOf(column.type)
  const value = scalar(draw, context, sort, 2)
  return column.nullable
    ? value
    : S.call("coalesce", [value, S.bound(valueOf(draw, sort), column.type)], column.type)
}

/**
 * What to give back; of queries now and then, where nobody asks for it: such cases are large.
 * Keys made by the server are given back as they are.
 */
const returning = (
  draw: Draw,
  home: Home,
  leaves: ReadonlyArray<Leaf>,
  plain: boolean
): C.Returning | null => {
  const sought = seeks(home, "returning")
  if (!home.givesBack && !sought && draw.below(3) > 0) return null
  const flat = home.givesBack || !(sought || chance(draw, 3))
  const fields = inClause(home, "returning", () =>
    many(draw, "field", 1, 3, () =>
      plain
        ? pick(draw, leaves).node
        : scalar(draw, { ...over(home, leaves), flat }, anySort(draw, home), 2)
    )
  )
  return { fields, shape: record(fields) }
}

const isIdentity = ({ identity }: ColumnNode): boolean => identity

/** Keys given by a statement lie between the seeded ones and those a server makes. */
const givenKey = (row: number): Scalar => S.bound(50 + row, T.integer)

/** What an upsert does over a table's key: nothing, or changes from both rows. */
const conflictOf = (
  draw: Draw,
  home: Home,
  table: TableSource,
  given: ReadonlyArray<string>
): C.InsertMore => {
  const target = table.primaryKey.filter((key) => given.includes(key))
  const free = table.columns.filter((column) => !column.identity)
  const does = { target: chance(draw, 4) ? [] : target, partial: null, columns: [] }
  if (does.target.length === 0 || chance(draw, 3)) return { conflict: does }
  const { leaves } = knownUnder(table.name, table)
  const proposed = knownUnder(C.excluded, table).leaves
  const context = over(home, [...leaves, ...proposed])
  const columns = many(draw, "change", 1, 3, () => pick(draw, free))
  const chosen = free.filter((column) => columns.includes(column))
  return {
    conflict: { ...does, columns: chosen.map(({ key }) => key) },
    changes: chosen.map((column) => newValue(draw, context, column)),
    condition: chance(draw, 3) ? filter(draw, context, 2) : null
  }
}

/** A new value; now and then the server's own, where it is not NULL for sure. */
const newValue = (
  draw: Draw,
  context: Context,
  column: ColumnNode,
  clause: Clause = "set"
): Scalar =>
  column.nullable && chance(draw, 12)
    ? S.byDefault(column, column.type)
    : inClause(context.home, clause, () => cell(draw, context, column))

const filter = (draw: Draw, context: Context, depth: number): Scalar =>
  inClause(context.home, "where", () => condition(draw, context, depth))

const insertInto = (
  draw: Draw,
  home: Home,
  table: TableSource,
  upserts: boolean = chance(draw, 3)
): C.Insert => {
  const context = over(home, [])
  const givesKey = upserts ? !chance(draw, 6) : chance(draw, 2)
  const columns = table.columns.filter((column) =>
    column.identity ? givesKey : !column.nullable || chance(draw, 2)
  )
  const keys = columns.map(({ key }) => key)
  const { leaves } = knownUnder(table.name, table)
  const made = table.columns.some(isIdentity) && !givesKey
  // Keys that are left to the server, beside others that are given.
  const leavesSome = givesKey && table.columns.some(isIdentity) && chance(draw, 6)
  const back = returning(draw, home, leaves, made || leavesSome)
  const conflict = upserts ? conflictOf(draw, home, table, keys) : {}
  const keyAt = (row: number): Scalar =>
    upserts ? S.bound(pick(draw, [1, 2, 3, 50, 4, 51]), T.integer) : givenKey(row)
  if (columns.length > 0 && chance(draw, 4)) {
    const rows = rowsFor(draw, home, columns, keyAt(0))
    return C.insert(table, keys, [], 0, back, { ...conflict, rows })
  }
  const rowCount = columns.length === 0 ? 1 : 1 + draw.below(3)
  const cells = Array.from({ length: rowCount }, (_, i) =>
    columns.map((column) => {
      if (!column.identity) return newValue(draw, context, column, "values")
      return leavesSome && chance(draw, 2) ? S.byDefault(column, column.type) : keyAt(i)
    })
  ).flat()
  const ordered = !upserts && made && back !== null && rowCount > 1 && chance(draw, 2)
  return C.insert(table, keys, cells, rowCount, back, { ...conflict, ordered })
}

/** Only the first rows by an order. */
const sorts = (draw: Draw, home: Home): boolean => seeks(home, "order by") || chance(draw, 4)

const aliasOf = (draw: Draw, table: TableSource): string =>
  pick(draw, [table.name, table.name, "changed"])

const updateOf = (draw: Draw, home: Home, table: TableSource, silent = false): Command => {
  const { alias, leaves } = knownUnder(aliasOf(draw, table), table)
  const beside = weigh(draw, [
    [3, false],
    [2, true]
  ])
    ? aside(home, () => besides(draw, home, leaves))
    : null
  const context = over(home, [...leaves, ...(beside?.leaves ?? [])])
  const free = table.columns.filter((column) => !column.identity)
  const chosen = free.filter(() => chance(draw, 2))
  const columns = chosen.length === 0 ? [pick(draw, free)] : chosen
  const values = columns.map((column) => newValue(draw, context, column))
  const where = filter(draw, context, 2)
  const nullable = free.filter((column) => column.nullable && !columns.includes(column))
  const row = nullable.length > 0 && beside === null && chance(draw, 5)
  return C.update(
    table,
    alias,
    columns.map(({ key }) => key),
    values,
    beside === null ? where : S.and([beside.on, where], T.boolean),
    silent ? null : returning(draw, home, leaves, false),
    {
      ...(beside === null ? {} : { from: beside.relation }),
      ...(row ? rowOf(draw, home, leaves, nullable) : {}),
      ...(beside === null && sorts(draw, home) ? firsts(draw, context, leaves) : {})
    }
  )
}

const deleteFrom = (draw: Draw, home: Home, table: TableSource): Command => {
  const { alias, leaves } = knownUnder(aliasOf(draw, table), table)
  const beside = chance(draw, 3) ? aside(home, () => besides(draw, home, leaves)) : null
  const context = over(home, [...leaves, ...(beside?.leaves ?? [])])
  const where = filter(draw, context, 2)
  return C.remove(
    table,
    alias,
    beside === null ? where : S.and([beside.on, where], T.boolean),
    returning(draw, home, leaves, false),
    beside !== null
      ? { using: beside.relation }
      : sorts(draw, home)
        ? firsts(draw, context, leaves)
        : {}
  )
}

/** A case of a merge, with its condition and its values. */
const whenOf = (
  draw: Draw,
  seen: Readonly<Record<C.When["match"], Context>>,
  table: TableSource
): { readonly when: C.When; readonly condition: Scalar; readonly values: ReadonlyArray<Scalar> } =>
  draw.span("case", () => {
    const match = weigh<C.When["match"]>(draw, [
      [4, "matched"],
      [4, "not matched"],
      [2, "not matched by source"]
    ])
    const context = seen[match]
    const does = weigh<C.When["does"]>(
      draw,
      match === "not matched"
        ? [
            [5, "insert"],
            [1, "nothing"]
          ]
        : [
            [5, "update"],
            [3, "delete"],
            [1, "nothing"]
          ]
    )
    const free = table.columns.filter((column) => !column.identity)
    const chosen = free.filter((column) =>
      does === "insert" ? !column.nullable || chance(draw, 2) : chance(draw, 2)
    )
    const columns =
      does !== "insert" && does !== "update"
        ? []
        : does === "update" && chosen.length === 0
          ? [pick(draw, free)]
          : chosen
    return {
      when: { match, does, columns: columns.map(({ key }) => key) },
      condition: chance(draw, 2) ? S.constant(true, T.boolean) : filter(draw, context, 2),
      values: columns.map((column) => newValue(draw, context, column))
    }
  })

/** After a case without a condition none of its kind is reached. */
const reached = <A extends { readonly when: C.When; readonly condition: Scalar }>(
  cases: ReadonlyArray<A>
): ReadonlyArray<A> =>
  cases.filter(
    ({ when }, i) =>
      !cases
        .slice(0, i)
        .some((one) => one.when.match === when.match && one.condition._tag === "Constant")
  )

/** A merge; sources meet rows by their keys, mostly, so that few rows are met twice. */
const mergeInto = (draw: Draw, home: Home, table: TableSource): C.Merge => {
  const { alias, leaves } = knownUnder(aliasOf(draw, table), table)
  const beside = aside(home, () => besides(draw, home, leaves))
  const both = over(home, [...leaves, ...beside.leaves])
  const seen = {
    matched: both,
    "not matched": over(home, beside.leaves),
    "not matched by source": over(home, leaves)
  }
  const on = chance(draw, 3) ? S.and([beside.on, condition(draw, both, 1)], T.boolean) : beside.on
  const cases = reached(many(draw, "when", 1, 3, () => whenOf(draw, seen, table)))
  const made = table.columns.some(isIdentity)
  return C.merge(
    table,
    alias,
    beside.relation,
    on,
    cases.map(({ when }) => when),
    cases.map(({ condition }) => condition),
    cases.flatMap(({ values }) => values),
    returning(draw, home, leaves, made)
  )
}

/** What a server may lack whole, so that little is learnt of it there. */
export type Lacking = "merge" | "updateReturning"

/** An insert, an update, a delete or a merge; one in five of what is lacking there. */
export const commandCase = (
  draw: Draw,
  lacking: ReadonlyArray<Lacking> = [],
  without: ReadonlyArray<string> = [],
  seek: Seek | null = null
): CommandCase => {
  const home = homeOf(draw, without, null, seek)
  const table = pick(draw, tables)
  const lacks = (what: Lacking): boolean => lacking.includes(what) && !chance(draw, 5)
  const make = weigh(draw, [
    [3, () => insertInto(draw, home, table)],
    [3, () => updateOf(draw, home, table, lacks("updateReturning"))],
    [3, () => deleteFrom(draw, home, table)],
    [1, () => (lacks("merge") ? deleteFrom : mergeInto)(draw, home, table)]
  ])
  return { command: make(), parameters: home.parameters }
}

/** A merge. */
export const mergeCase = (
  draw: Draw,
  without: ReadonlyArray<string> = []
): CommandCase & { readonly command: C.Merge } => {
  const home = homeOf(draw, without)
  return { command: mergeInto(draw, home, pick(draw, tables)), parameters: home.parameters }
}

/** An upsert of rows given by themselves, into a table with a key. */
export const upsertCase = (draw: Draw): CommandCase & { readonly command: C.Insert } => {
  const home = homeOf(draw)
  const table = pick(
    draw,
    tables.filter(({ primaryKey }) => primaryKey.length > 0)
  )
  for (;;) {
    const command = insertInto(draw, home, table, true)
    if (command.rows === null) return { command, parameters: home.parameters }
  }
}

/** Base tables among the sources of a command that are another table than its own. */
const othersIn = (leaves: ReadonlyArray<Leaf>, own: TableSource): ReadonlyArray<C.Also> => {
  const found = new Map<string, C.Also>()
  for (const { node } of leaves)
    if (node._tag === "Ref" && node.source._tag === "TableSource" && node.source !== own)
      found.set(node.alias, { alias: node.alias, table: node.source, columns: [] })
  return [...found.values()]
}

const severalOf = (draw: Draw, home: Home, table: TableSource): Command => {
  const { alias, leaves } = knownUnder(aliasOf(draw, table), table)
  const beside = besides(draw, home, leaves)
  const all = over(home, [...leaves, ...beside.leaves])
  const where = S.and([beside.on, condition(draw, all, 1)], T.boolean)
  const others = othersIn(beside.leaves, table)
  const other = others.length === 0 ? null : pick(draw, others)
  if (chance(draw, 2)) {
    const using = { using: beside.relation, also: other === null ? [] : [other] }
    return C.remove(table, alias, where, null, using)
  }
  const owners = [{ alias, table }, ...(other === null ? [] : [other])]
  const changes = owners.map((owner) => {
    const free = owner.table.columns.filter((column) => !column.identity)
    const columns = many(draw, "change", 1, 2, () => pick(draw, free))
    const chosen = free.filter((column) => columns.includes(column))
    // What its own row says is one value however many rows go with it.
    const own = chance(draw, 4) ? all : over(home, knownUnder(owner.alias, owner.table).leaves)
    return {
      keys: chosen.map(({ key }) => key),
      values: chosen.map((column) => newValue(draw, own, column))
    }
  })
  const [first, second] = changes
  return C.update(
    table,
    alias,
    first!.keys,
    changes.flatMap(({ values }) => values),
    where,
    null,
    {
      from: beside.relation,
      also: other === null ? [] : [{ ...other, columns: second!.keys }]
    }
  )
}

/** An update or a delete of two tables, where another stands beside. */
export const severalCase = (draw: Draw): CommandCase => {
  const home = homeOf(draw)
  return { command: severalOf(draw, home, pick(draw, tables)), parameters: home.parameters }
}

/** Whether a server makes keys of the rows it gives back, which nothing can be computed with. */
const makesKeys = (command: Command): boolean => {
  const makes = (columns: ReadonlyArray<string>): boolean =>
    command.table.columns.some(({ identity, key }) => identity && !columns.includes(key))
  return command._tag === "Insert"
    ? makes(command.columns) ||
        command.cells.some((one) => one._tag === "Default" && one.column?.identity === true)
    : command._tag === "Merge" &&
        command.whens.some(({ columns, does }) => does === "insert" && makes(columns))
}

/** A command that gives rows back; none with keys that only the server knows. */
const givingBack = (draw: Draw, home: Home, table: TableSource): Command => {
  home.givesBack = true
  const command = weigh<() => Command>(draw, [
    [3, () => deleteFrom(draw, home, table)],
    [3, () => updateOf(draw, home, table)],
    [3, () => insertInto(draw, home, table)],
    [1, () => mergeInto(draw, home, table)]
  ])()
  const made = makesKeys(command) ? deleteFrom(draw, home, table) : command
  home.givesBack = false
  return made
}

/** A statement with the values of its named parameters. */
export interface WritingCase {
  readonly root: Relation | Command
  readonly parameters: Readonly<Record<string, unknown>>
}

/** A query or a command over what other commands give back. Each writes a table of its own. */
export const writingCase = (draw: Draw): WritingCase => {
  const home = homeOf(draw)
  const from = draw.below(tables.length)
  const [first, second, third] = [...tables.slice(from), ...tables.slice(0, from)]
  const written = named("written", givingBack(draw, home, first!))
  home.ctes.push(written)
  if (chance(draw, 3)) home.ctes.push(named("changed", givingBack(draw, home, second!)))
  const root = weigh<() => Relation | Command>(draw, [
    [3, () => query(draw, home, [], null, 2)],
    [1, () => insertInto(draw, home, third!)],
    [1, () => updateOf(draw, home, third!)],
    [1, () => deleteFrom(draw, home, third!)],
    [1, () => mergeInto(draw, home, third!)]
  ])()
  const asks = root.ctes.some((one) => "returned" in one.query)
  const asking = asks ? root : wholeOf(home, written)
  return {
    root: "returned" in asking ? asking : R.hint(asking, { _tag: "Writes" }),
    parameters: home.parameters
  }
}

/** The rows of a common table expression. */
const wholeOf = (home: Home, source: CteSource): Relation => {
  const { alias, leaves } = knownAs(home, source)
  const fields = leaves.map(({ node }) => node)
  return R.project(R.cte(source, alias), fields, record(fields))
}

const named = (name: string, command: Command): CteSource => ({
  _tag: "CteSource",
  name,
  materialized: null,
  query: command
})
