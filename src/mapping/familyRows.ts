import * as R from "../algebra/Relation.ts"
import * as S from "../algebra/Scalar.ts"
import { columnLike } from "../algebra/schema/overSource.ts"
import type { ColumnNode, DerivedSource, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import * as T from "../algebra/types.ts"
import type { Spec } from "./familySpec.ts"

/** The columns of a member: the shared ones, then its own. */
export const keysOf = ({ members, shared }: Spec, tag: string): ReadonlyArray<string> => [
  ...shared,
  ...Object.keys(members[tag] ?? refuse(`there is no member "${tag}"`))
]

/** The table that keeps a column of a member. */
export const tableOf = ({ own, shared, table }: Spec, tag: string, key: string): TableSource =>
  shared.includes(key) ? table : (own.get(tag) ?? table)

const refTo = (table: TableSource, key: string, alias = table.name): S.Scalar =>
  S.ref(alias, table, [key], table.byKey.get(key)!.type)

/** Its row in another table of the family: that of its key. */
const sameKey = ({ table }: Spec, other: TableSource, alias = table.name): S.Scalar => {
  const parts = table.primaryKey.map((key) =>
    S.compare("eq", refTo(other, key), refTo(table, key, alias), T.boolean)
  )
  return parts.length === 1 ? parts[0]! : S.and(parts, T.boolean)
}

/** A query's columns under these keys. */
const asSource = (
  rows: R.Relation,
  fields: ReadonlyArray<S.Scalar>,
  keys: ReadonlyArray<string>
): DerivedSource => {
  const query = R.project(rows, fields, {
    _tag: "Record",
    keys,
    parts: keys.map((_, index) => ({ _tag: "Cell", index }) as const),
    presence: null,
    prototype: null
  })
  return Object.freeze({ _tag: "DerivedSource", query } satisfies DerivedSource)
}

/** The rows of one member: those with its tag, each with what its own table has. */
export const memberRows = (spec: Spec, tag: string): DerivedSource => {
  const { on, table } = spec
  const keys = keysOf(spec, tag)
  const own = spec.own.get(tag)
  // A query of the family has the table's name, and may ask for the rows of a member within.
  const alias = `${tag}_rows`
  const all = R.table(table, alias)
  const rows =
    own === undefined
      ? all
      : R.join("inner", all, R.table(own, own.name), sameKey(spec, own, alias))
  const by = refTo(table, on, alias)
  const mine = S.compare("eq", by, S.bound(tag, by.type), T.boolean)
  const fields = keys.map((key) => {
    const from = tableOf(spec, tag, key)
    return refTo(from, key, from === table ? alias : from.name)
  })
  return asSource(R.filter(rows, mine), fields, keys)
}

/** A member's own columns among those of all rows. */
export interface OwnPlace {
  /** Under which keys they stand, by their own. */
  readonly keys: ReadonlyMap<string, string>
  /** The key of a column that is NULL where the row of its own table is missing. */
  readonly presence: string | null
}

/** All rows of a family: what statements say, the columns, and whose they are. */
export interface FamilyRows {
  readonly said: () => TableSource | DerivedSource
  readonly columns: ReadonlyArray<ColumnNode>
  readonly own: ReadonlyMap<string, OwnPlace>
}

const singleRows = ({ members, table }: Spec): FamilyRows => ({
  said: () => table,
  columns: table.columns,
  own: new Map(
    Object.entries(members).map(([tag, columns]) => {
      const keys = new Map(Object.keys(columns).map((key) => [key, key] as const))
      return [tag, { keys, presence: null }] as const
    })
  )
})

interface Placed {
  readonly key: string
  readonly table: TableSource
  readonly stored: ColumnNode
}

/** Of a joined family: the shared columns beside those of every member, NULL in others' rows. */
const joinedRows = (spec: Spec): FamilyRows => {
  const { members, name, shared, table } = spec
  const all = Object.values(members).flatMap((columns) => Object.keys(columns))
  const isAlone = (key: string): boolean => all.indexOf(key) === all.lastIndexOf(key)
  const placed: Array<Placed> = shared.map((key) => ({ key, table, stored: table.byKey.get(key)! }))
  const own = new Map<string, OwnPlace>()
  for (const [tag, from] of spec.own) {
    const keys = new Map<string, string>()
    const place = (own: string, key: string): string => {
      placed.push({ key, table: from, stored: from.byKey.get(own)! })
      return key
    }
    for (const key of Object.keys(members[tag]!))
      keys.set(key, place(key, isAlone(key) ? key : `${tag}.${key}`))
    const [first] = table.primaryKey
    own.set(tag, { keys, presence: place(first!, `${tag}.${first!}`) })
  }
  const said = (): DerivedSource => {
    let rows: R.Relation = R.table(table, name)
    for (const from of spec.own.values())
      rows = R.join("left", rows, R.table(from, from.name), sameKey(spec, from))
    const fields = placed.map(({ stored, table: from }) => refTo(from, stored.key))
    return asSource(
      rows,
      fields,
      placed.map(({ key }) => key)
    )
  }
  const columns = placed.map(({ key, stored, table: from }) =>
    from === table ? stored : columnLike(stored, { key, nullable: true, default: null })
  )
  let source: DerivedSource | undefined
  return { said: () => (source ??= said()), columns, own }
}

/** The rows of all members, as what statements say of them. */
export const familyRows = (spec: Spec): FamilyRows =>
  spec.own.size === 0 ? singleRows(spec) : joinedRows(spec)
