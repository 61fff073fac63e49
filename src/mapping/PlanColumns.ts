import { aggregates, windows } from "../algebra/block.ts"
import { isExpr } from "../algebra/Expression.ts"
import { walk } from "../algebra/fold.ts"
import { type From, FromId, type FromNode } from "../algebra/From.ts"
import type { Command } from "../algebra/Command.ts"
import type * as R from "../algebra/Relation.ts"
import type { RowShape } from "../algebra/RowShape.ts"
import * as S from "../algebra/Scalar.ts"
import { isServerMade } from "../algebra/serverMade.ts"
import { sides } from "../algebra/sides.ts"
import { shownKeys, tableFrom, tableRefs } from "../algebra/schema/tableSource.ts"
import { type ColumnNode, saidFor, type TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { readsApart } from "./Apart.ts"
import { type Chosen, chosenIn } from "./Chosen.ts"
import { ClassId, EntityId, isOfEntity, type Mapped } from "./EntityClass.ts"
import type { Linking } from "./familyRelations.ts"

/**
 * Which columns of an entity's rows a plan reads, where they are not those of a whole row.
 *
 * **Shape** `shown` is what values have of the table, in its order; `read` is that and what the
 * plan's relations are found by. `given` are expressions beside them.
 */
export interface PlanColumns {
  readonly shown: ReadonlyArray<string>
  readonly read: ReadonlyArray<string>
  readonly given: ReadonlyArray<Given>
  /** Values have all columns of their class, whatever the statement reads. */
  readonly isWhole: boolean
}

/** An expression by its name, over the rows of any alias of the table. */
export interface Given {
  readonly name: string
  readonly under: (alias: string) => S.Scalar
}

const keysIn = (columns: ReadonlyArray<ColumnNode>): ReadonlyArray<string> =>
  columns.map(({ key }) => key)

/** Every insert must give it and no update changes it: the types take it for a part of a key. */
const isNatural = (one: ColumnNode): boolean =>
  one.writeOnce &&
  !one.nullable &&
  one.default === null &&
  one.serverDefault === null &&
  !isServerMade(one)

/** The columns that every value has: its key, by which it is known, and its version. */
const alwaysIn = ({ byKey, columns, primaryKey }: TableSource): ReadonlySet<string> =>
  new Set([
    ...primaryKey,
    ...(byKey.has("id") ? ["id"] : keysIn(columns.filter(isNatural))),
    ...keysIn(columns.filter(({ version }) => version !== false))
  ])

/** The deferred columns that have this name, or whose group has it. */
const askedBy = ({ label, source }: Mapped, name: string): ReadonlyArray<string> => {
  const found = source.columns.filter(
    ({ deferred, key }) => deferred !== null && (key === name || deferred.group === name)
  )
  return found.length > 0
    ? keysIn(found)
    : refuse(`also: ${label} has no deferred column or group "${name}"`)
}

/** The columns of a row by which a relation finds its rows. */
const linkingIn = ({ member, relation }: Linking): ReadonlyArray<string> => {
  const { columns, on, owner } = relation
  const found = new Set(columns)
  if (on !== null)
    walk(on, (node) => {
      if (node._tag === "Ref" && node.alias === sides.own && node.source === saidFor(owner.source))
        found.add(node.path[0]!)
    })
  return member === null ? [...found] : [member.by, ...[...found].map(member.keyIn)]
}

/** What is read with a whole row beside its columns. */
const queriedIn = ({ queried }: TableSource): ReadonlyArray<Given> =>
  queried.map(({ key, of }) => ({ name: key, under: of }))

type Own = From<string, unknown> & { readonly c: ReturnType<typeof tableRefs> }
type Get = (c: Own["c"], self: Own) => unknown

const givenOf = (entity: Mapped, said: unknown): ReadonlyArray<Given> =>
  Object.entries((said ?? {}) as Readonly<Record<string, Get>>).map(([name, get]) => {
    const place = `with: "${name}" of ${entity.label}`
    if (entity.source.byKey.has(name) || entity.relations().has(name) || name in entity.prototype)
      refuse(`${place} is the name of something else`)
    const under = (alias: string): S.Scalar => {
      const self = { [FromId]: tableFrom(entity.source, alias), c: tableRefs(entity.source, alias) }
      const made = get(self.c, self)
      const node = isExpr(made) ? made.node : refuse(`${place} is no expression`)
      if (aggregates(node) || windows(node))
        refuse(`${place} looks at other rows: say it as a subquery`)
      return node
    }
    return Object.freeze({ name, under })
  })

/** The columns that rows of a family have whatever their class. */
const sharedIn = ({ label, members, source }: Mapped): ReadonlyArray<string> =>
  members === null
    ? refuse(`apart: ${label} is no family, whose members have columns of their own`)
    : keysIn(source.whole.filter(({ key }) => members.shared.has(key)))

const checkedFor = (entity: Mapped, plan: object): Partial<Chosen> => {
  const chosen = chosenIn(plan)
  if (chosen === undefined) return {}
  const { class: found, label } = chosen.entity[ClassId]
  if (found !== entity.class) refuse(`plan: these are columns of ${label}, not of ${entity.label}`)
  for (const key of chosen.only ?? [])
    if (!entity.source.byKey.has(key)) refuse(`columns: ${entity.label} has no column "${key}"`)
  return chosen
}

/**
 * The columns a plan reads of an entity's rows; null for those of a whole row.
 *
 * **Shape** `links` are relations the plan loads, `near` columns by which rows above know theirs.
 */
export const planColumnsOf = (
  entity: Mapped,
  plan: object,
  links: ReadonlyArray<Linking>,
  near: ReadonlyArray<string> = []
): PlanColumns | null => {
  const { columns, whole } = entity.source
  const { also = [], given: said, only } = checkedFor(entity, plan)
  const asked = also.flatMap((name) => askedBy(entity, name))
  const others = givenOf(entity, said)
  // What is queried is part of a whole row, whatever is read beside it.
  const given = only === undefined ? [...queriedIn(entity.source), ...others] : others
  const named = only === undefined ? keysIn(whole) : [...only, ...alwaysIn(entity.source)]
  const isAlone = readsApart(plan)
  if (isAlone && only !== undefined)
    refuse(`apart: the columns of ${entity.label} are named: what is not is not read`)
  const shown = new Set([...named, ...asked])
  const first = isAlone ? [...sharedIn(entity), ...asked] : shown
  const read = new Set([...first, ...near, ...links.flatMap(linkingIn)])
  if (only === undefined && others.length === 0 && read.size === whole.length) return null
  const inOrder = (keys: ReadonlySet<string>): ReadonlyArray<string> =>
    Object.freeze(keysIn(columns).filter((key) => keys.has(key)))
  return Object.freeze({
    shown: inOrder(shown),
    read: inOrder(read),
    given: Object.freeze(given),
    isWhole: only === undefined
  })
}

/** A whole row's columns, and those that relations are found by. */
export const wholeColumns = ({ source }: Mapped, links: ReadonlyArray<Linking>): PlanColumns => {
  const shown = keysIn(source.whole)
  const read = [...new Set([...shown, ...links.flatMap(linkingIn)])]
  return { shown, read, given: queriedIn(source), isWhole: true }
}

/** The names of what is read of a row, in the order of its cells. */
export const namesOf = (table: TableSource, columns: PlanColumns | null): ReadonlyArray<string> =>
  columns === null ? shownKeys(table) : [...columns.read, ...columns.given.map(({ name }) => name)]

/** The expressions among columns, over the table's own name. */
export const givenIn = (
  { name }: TableSource,
  columns: PlanColumns | null
): ReadonlyArray<S.Scalar> => columns?.given.map(({ under }) => under(name)) ?? []

/** The names by which those speak of tables, the table's own among them. */
export const givenAliases = (
  table: TableSource,
  columns: PlanColumns | null
): ReadonlyArray<string> => [...aliasesIn(givenIn(table, columns))]

/** The names of tables in these nodes. */
export const aliasesIn = (nodes: ReadonlyArray<Command | R.Relation | S.Scalar>): Set<string> => {
  const names = new Set<string>()
  for (const node of nodes) {
    walk(node, (one) => {
      if ("alias" in one && typeof one.alias === "string") names.add(one.alias)
      if (one._tag === "Cte") names.add(one.source.name)
    })
  }
  return names
}

/** Rows of a table under an alias, of these columns. */
export const rowsUnder = (
  table: TableSource,
  alias: string,
  columns: PlanColumns | null
): FromNode<string, object> => {
  const rows = tableFrom<string, object>(table, alias)
  if (columns === null) return rows
  const fields = [
    ...columns.read.map((key) => S.ref(alias, table, [key], table.byKey.get(key)!.type)),
    ...columns.given.map(({ under }) => under(alias))
  ]
  const shape: RowShape = {
    _tag: "Record",
    keys: namesOf(table, columns),
    parts: fields.map((_, index) => ({ _tag: "Cell", index })),
    presence: null,
    prototype: table.prototype
  }
  return { alias, source: table, relation: rows.relation, fields, shape }
}

type Cells = Readonly<Record<string, unknown>>

/** Under which key a row has what is read; null for what rows of its class do not have. */
const keyFor = (entity: Mapped): ((row: object, name: string) => string | null) => {
  const { members } = entity
  if (members === null) return (_, name) => name
  const keys = new Map<Mapped, ReadonlyMap<string, string>>()
  for (const [tag, member] of members.classes) {
    const { columns } = member.source
    keys.set(member, new Map(columns.map(({ key }) => [members.keyIn(String(tag), key), key])))
  }
  return (row, name) => {
    const own = isOfEntity(row) ? keys.get(row[EntityId]) : undefined
    return own === undefined || !entity.source.byKey.has(name) ? name : (own.get(name) ?? null)
  }
}

/** What is missing of rows: columns and expressions not all of them have; null for nothing. */
export const missingIn = (
  entity: Mapped,
  { given, read }: PlanColumns,
  rows: ReadonlyArray<object>
): PlanColumns | null => {
  const { source } = entity
  const keyOf = keyFor(entity)
  const lacks = (name: string): boolean =>
    (rows as ReadonlyArray<Cells>).some((row) => {
      const key = keyOf(row, name)
      return key !== null && row[key] === undefined
    })
  const absent = read.filter(lacks)
  const others = given.filter(({ name }) => lacks(name))
  if (absent.length + others.length === 0) return null
  const keys = new Set([...alwaysIn(source), ...absent])
  const all = keysIn(source.columns).filter((key) => keys.has(key))
  return { shown: all, read: all, given: others, isWhole: false }
}

/** A row with what was missing of it: what it has stays. */
export const filledIn = ({ source }: Mapped, row: object, found: object): Cells => {
  const cells: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  const both: Cells = { ...found, ...row }
  for (const { key } of source.columns) if (both[key] !== undefined) cells[key] = both[key]
  for (const key of Object.keys(both)) if (!(key in cells)) cells[key] = both[key]
  return cells
}

/** Is this part of a row one its values do not show? */
export const isHidden = ({ source }: Mapped, columns: PlanColumns | null, key: string): boolean =>
  columns !== null && source.byKey.has(key) && !columns.shown.includes(key)
