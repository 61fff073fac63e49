import * as C from "../algebra/Command.ts"
import type { Command, Insert, Update } from "../algebra/Command.ts"
import type { Capabilities, DialectName } from "../algebra/Dialect.ts"
import { derivedFrom } from "../algebra/derived.ts"
import { rewriteTree, walk } from "../algebra/fold.ts"
import * as R from "../algebra/Relation.ts"
import type { Relation, ValuesRow } from "../algebra/Relation.ts"
import type { RowShape } from "../algebra/RowShape.ts"
import { insertOfLists, type RowLists, type ValueList } from "../algebra/rowLists.ts"
import * as S from "../algebra/Scalar.ts"
import type { Generated, Named, Scalar } from "../algebra/Scalar.ts"
import type { AnyType } from "../algebra/Type.ts"
import { isListed, listedRows } from "./listedRows.ts"

/** Values for the named parameters of a statement, by name. */
export type ParameterSet = Readonly<Record<string, unknown>>

/** Some of the sets as one command. */
export interface Together {
  readonly node: Command
  /** Where the sets it stands for begin. */
  readonly from: number
}

/**
 * Sets of one update, said one by one: MySQL and MariaDB read no longer list of rows. SQLite's go
 * by hundreds and tens, since its driver prepares a text for each number of them.
 */
const setsSaid: Readonly<Record<DialectName, (left: number) => number>> = {
  sqlite: (left) => (left >= 100 ? 100 : left >= 10 ? 10 : 1),
  postgres: () => 500,
  mysql: () => 500,
  mariadb: () => 500
}

/** How many of the sets that are left go together where they are said one by one. */
export const saidTogether = (dialect: DialectName, left: number): number =>
  Math.min(left, setsSaid[dialect](left))

/** Sets of one update that are few parameters: more gain nothing, and are one message to send. */
const setsListed = 2_000

/**
 * A command run once for each set of parameters, as few commands that do the same; null where that
 * cannot be known, and each set is to be run by itself.
 *
 * **Shape** an insert becomes one of many rows; an update that names a row by its whole key becomes
 * an update from a list of the sets. Two sets of one key stay in turn.
 * **Laws** the same rows stored and the same number of rows matched as one after the other.
 */
export const manySets = (
  node: Command,
  sets: ReadonlyArray<ParameterSet>,
  capabilities: Capabilities
): ReadonlyArray<Together> | null => {
  if (node._tag === "Insert") return manyRows(node, sets)
  return node._tag === "Update" ? manyUpdates(node, sets, capabilities) : null
}

type Cell = Extract<Scalar, { readonly _tag: "Named" | "Bound" | "Generated" | "Constant" }>

const areCells = (cells: ReadonlyArray<Scalar>): cells is ReadonlyArray<Cell> =>
  cells.every(
    ({ _tag }) =>
      _tag === "Named" || _tag === "Bound" || _tag === "Generated" || _tag === "Constant"
  )

const manyRows = (
  node: Insert,
  sets: ReadonlyArray<ParameterSet>
): ReadonlyArray<Together> | null => {
  const { cells, columns, conflict, rowCount, rows, shape, table } = node
  const isPlain = rows === null && rowCount === 1 && conflict === null && shape === null
  if (!isPlain || columns.length === 0) return null
  if (!areCells(cells)) return withDefaults(node, sets)
  const lists = cells.map((cell): ValueList | Generated => {
    if (cell._tag === "Generated") return cell
    return cell._tag === "Named" ? sets.map((set) => set[cell.name]) : sets.map(() => cell.value)
  })
  const types = cells.map((cell) => cell.type)
  const given: RowLists = { rowCount: sets.length, types, lists }
  return [{ node: insertOfLists(table, columns, given, null), from: 0 }]
}

/** A column may have the server's own default in every row: that is no value. */
const withDefaults = (
  { cells, columns, table }: Insert,
  sets: ReadonlyArray<ParameterSet>
): ReadonlyArray<Together> | null => {
  if (!areCells(cells.filter(({ _tag }) => _tag !== "Default"))) return null
  const all = sets.flatMap((set) =>
    cells.map((cell) => (cell._tag === "Named" ? S.bound(set[cell.name], cell.type) : cell))
  )
  return [{ node: C.insert(table, columns, all, sets.length), from: 0 }]
}

const manyUpdates = (
  node: Update,
  sets: ReadonlyArray<ParameterSet>,
  capabilities: Capabilities
): ReadonlyArray<Together> | null => {
  const { dialect } = capabilities
  const { also, from, limit, row, shape } = node
  if (from !== null || row !== null || also.length > 0 || limit !== null || shape !== null)
    return null
  const key = keyOf(node)
  const types = typesIn(node)
  if (key === null || types === null) return null
  const names = [...key.values()]
  const listed = isListed(Object.values(types), capabilities) ? dialect : null
  const mostOf = listed === null ? setsSaid[dialect] : () => setsListed
  const together: Array<Together> = []
  let seen = new Set<string>()
  let start = 0
  let most = mostOf(sets.length)
  const close = (end: number): void => {
    if (end > start)
      together.push({
        node: fromList(node, types, names, sets.slice(start, end), listed),
        from: start
      })
    start = end
    most = mostOf(sets.length - end)
    seen = new Set()
  }
  const [only] = names
  sets.forEach((set, at) => {
    const own =
      names.length === 1
        ? sent(set[only!.name], only!.type, dialect)
        : JSON.stringify(names.map(({ name, type }) => sent(set[name], type, dialect)))
    if (seen.has(own) || at - start === most) close(at)
    seen.add(own)
  })
  close(sets.length)
  return together
}

const sent = (value: unknown, type: AnyType, dialect: DialectName): string =>
  value === null
    ? "null"
    : `=${String((type.codec.row[dialect].encode as (one: unknown) => unknown)(value))}`

/**
 * A whole key whose columns are compared with parameters for equality. None that is written: a row
 * whose key changes may be another set's from then on.
 */
const keyOf = ({ alias, columns, table, where }: Update): ReadonlyMap<string, Named> | null => {
  const found = new Map<string, Named>()
  for (const part of where._tag === "And" ? where.parts : [where]) {
    if (part._tag !== "Compare" || part.op !== "eq") continue
    const [ref, named] =
      part.left._tag === "Ref" ? [part.left, part.right] : [part.right, part.left]
    const [column, ...deeper] = ref._tag === "Ref" && ref.alias === alias ? ref.path : []
    if (named._tag !== "Named" || column === undefined || deeper.length > 0) continue
    if (table.byKey.get(column)!.type.key === named.type.key) found.set(column, named)
  }
  const keys = [table.primaryKey, ...table.uniques().map((unique) => unique.columns)]
  const isFound = (column: string): boolean => found.has(column) && !columns.includes(column)
  const whole = keys.find((key) => key.length > 0 && key.every(isFound))
  return whole === undefined ? null : new Map(whole.map((column) => [column, found.get(column)!]))
}

/** The parameters by name; null where one of them stands inside a query. */
const typesIn = ({ values: cells, where }: Update): Readonly<Record<string, AnyType>> | null => {
  const types: Record<string, AnyType> = {}
  let isOpen = true
  for (const root of [...cells, where])
    walk(root, (one) => {
      if (one._tag === "Named") types[one.name] = one.type
      if (one._tag === "Subquery" || one._tag === "Exists" || one._tag === "InQuery") isOpen = false
    })
  return isOpen ? types : null
}

type Types = Readonly<Record<string, AnyType>>

const said = (row: ValuesRow, types: Types, sets: ReadonlyArray<ParameterSet>): Relation => {
  const columns = Object.entries(types).map(([name, type]) => ({
    name,
    type,
    key: S.boundKey(type)
  }))
  const cells: Array<Scalar> = []
  for (const set of sets)
    for (const { key, name, type } of columns) cells.push(S.bound(set[name], type, key))
  return R.values(row, cells)
}

const listOf = (
  row: ValuesRow,
  types: Types,
  sets: ReadonlyArray<ParameterSet>,
  dialect: DialectName
): Relation => {
  const names = Object.keys(types)
  const lists = names.map((name) => sets.map((set) => set[name]))
  const given = { rowCount: sets.length, types: Object.values(types), lists }
  const keys = names.map((_, at) => `v${at}`)
  return listedRows(row, keys, given, dialect)
}

const fromList = (
  node: Update,
  types: Types,
  key: ReadonlyArray<Named>,
  sets: ReadonlyArray<ParameterSet>,
  listed: DialectName | null
): Update => {
  const names = Object.keys(types)
  // Every dialect has columns of these names.
  const keys = Object.freeze(names.map((_, at) => `v${at}`))
  const keyOf = new Map(names.map((name, at) => [name, keys[at]!]))
  const parts = Object.freeze(
    keys.map((_, index) => Object.freeze({ _tag: "Cell", index } as const))
  )
  const shape: RowShape = { _tag: "Record", keys, parts, presence: null, prototype: null }
  const fields = Object.freeze(names.map((name) => S.constant(null, types[name]!)))
  const unique = Object.freeze(key.map(({ name }) => keyOf.get(name)!))
  const row = Object.freeze({ fields, shape: Object.freeze(shape), unique })
  const given = listed === null ? said(row, types, sets) : listOf(row, types, sets, listed)
  const { relation, source } = derivedFrom(given, listAlias)
  const told = <N extends Scalar>(root: N): N =>
    rewriteTree(root, (one) =>
      one._tag === "Named" ? S.ref(listAlias, source, [keyOf.get(one.name)!], one.type) : one
    )
  const { alias, columns, table } = node
  return C.update(table, alias, columns, node.values.map(told), told(node.where), null, {
    from: relation
  })
}

const listAlias = "given_sets"
