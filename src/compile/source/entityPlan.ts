import type { DialectName } from "../../algebra/Dialect.ts"
import type {
  SnapshotColumn,
  SnapshotForeignKey,
  SnapshotTable
} from "../../algebra/schema/Snapshot.ts"
import {
  camel,
  columnKey,
  type EntityNaming,
  type NamedRelation,
  pascal,
  roleOf,
  singular
} from "./entityNames.ts"
import { asMember, classNamed, columnKeysOf, distinct } from "./identifiers.ts"
import { identityIn, type Say } from "./Printed.ts"
import { optionsSource, quoted } from "./texts.ts"
import { typeSource } from "./typeSource.ts"

/** An entity that is printed: its class, its columns' keys, its relations as source. */
export interface EntityPlan {
  readonly identifier: string
  readonly keys: ReadonlyMap<string, string>
  readonly relations: ReadonlyArray<RelationSource>
}

/** A relation as source, once tables have the names of their constants. */
export type RelationSource = (called: (table: SnapshotTable) => string) => string

/** What a plan is made of. */
export interface Planning {
  readonly dialect: DialectName
  readonly naming: EntityNaming
  readonly named: ReadonlyMap<string, string>
  readonly reserved: ReadonlySet<string>
  readonly targetOf: (key: SnapshotForeignKey) => SnapshotTable | null
  readonly sayOf: (table: SnapshotTable) => Say
}

/** Statics of every entity class, and what functions have: no relation is called so. */
const statics = new Set(
  (
    "apply arguments bind call caller length name prototype toString constructor toJSON c make " +
    "makeResult of fromJson ref belongsTo hasMany hasOne manyToMany relatesToMany relatesToOne " +
    "hybrid expr reads composite rule onRead"
  ).split(" ")
)

/** Whether no relation can be called so: the class has it, or every object. */
export const isKeptStatic = (name: string): boolean => statics.has(name) || name in Object.prototype

const isSame = <A>(a: ReadonlyArray<A>, b: ReadonlyArray<A>): boolean =>
  a.length === b.length && a.every((one) => b.includes(one))

/** Whether a table holds pairs of two others' keys and nothing else. */
const isLink = (table: SnapshotTable): boolean => {
  const { columns, foreignKeys, primaryKey } = table
  const [one, other, ...more] = foreignKeys
  if (one === undefined || other === undefined || more.length > 0) return false
  const both = [...one.columns, ...other.columns]
  const isOnce = new Set(both).size === both.length
  const names = columns.map(({ name }) => name)
  return isOnce && isSame(names, both) && primaryKey !== null && isSame(primaryKey.columns, both)
}

const isMade = (column: SnapshotColumn): boolean =>
  column.identity !== null || column.default !== null || column.computed !== null

/** Why a table is not mapped; null where it is. */
const entityFault = (table: SnapshotTable, keys: ReadonlyMap<string, string>): string | null => {
  if (table.primaryKey === null) return "it has no primary key"
  const own = table.columns.filter(({ name }) => table.primaryKey!.columns.includes(name))
  if (own.some(({ identity, nullable }) => nullable && identity === null))
    return "its key may be NULL"
  const [first, ...more] = own
  const isAlone = more.length === 0 && keys.get(first!.name) === "id"
  if (isAlone) return null
  if ([...keys.values()].includes("id")) return "its column `id` is not its key"
  return own.some((column) => isMade(column))
    ? "its key is made by the server and has several columns"
    : null
}

const forbidden = new Set(["constructor", "toJSON"])

/** Keys of columns; a key the server makes is called `id`, which is how it is known for one. */
const keysOf = (table: SnapshotTable, { naming, sayOf }: Planning): ReadonlyMap<string, string> => {
  const used = new Set<string>()
  const [sole, ...more] = table.primaryKey?.columns ?? []
  const names = table.columns.map((column) => {
    const usual = columnKey(column.name)
    const asked = naming.column?.(column, table, usual) ?? usual
    const isKey = more.length === 0 && column.name === sole && isMade(column)
    const wanted = isKey ? "id" : asked
    const [kept] = [...columnKeysOf([wanted]).values()]
    const key = distinct(kept!, (one) => used.has(one) || forbidden.has(one))
    if (key !== wanted)
      sayOf(table)(column.name, `its key is ${quoted(key)}: ${quoted(wanted)} is taken`)
    used.add(key)
    return [column.name, key] as const
  })
  return new Map(names)
}

const numbers = new Set(["Type.smallint", "Type.integer", "Type.double"])

interface Side {
  readonly table: SnapshotTable
  readonly plan: { readonly identifier: string; readonly keys: ReadonlyMap<string, string> }
}

interface Mapped {
  readonly sides: ReadonlyMap<SnapshotTable, Side>
  /** Tables of pairs. */
  readonly links: ReadonlyArray<SnapshotTable>
}

/** Which tables are entities, and what those are called. */
const mapped = (tables: ReadonlyArray<SnapshotTable>, planning: Planning): Mapped => {
  const { naming, reserved, sayOf, targetOf } = planning
  const identifiers = new Set<string>()
  const sides = new Map<SnapshotTable, Side>()
  const links: Array<SnapshotTable> = []
  for (const table of tables) {
    const targets = table.foreignKeys.map((key) => targetOf(key))
    if (isLink(table) && !targets.includes(null)) {
      links.push(table)
      continue
    }
    const keys = keysOf(table, planning)
    const fault = entityFault(table, keys)
    if (fault !== null) {
      sayOf(table)(null, `it is a table and no entity: ${fault}`)
      continue
    }
    const usual = pascal(table.name.replace(/\p{L}+$/u, singular))
    const wanted = naming.entity?.(table, usual) ?? usual
    const identifier = classNamed(wanted, identifiers, reserved)
    if (identifier !== wanted)
      sayOf(table)(null, `its entity is ${quoted(identifier)}: ${quoted(wanted)} is taken`)
    identifiers.add(identifier)
    sides.set(table, { table, plan: { identifier, keys } })
  }
  return { sides, links }
}

interface Joined {
  /** Its columns in the order of the key it leads to. */
  readonly key: SnapshotForeignKey
  readonly from: Side
  readonly to: Side
  /** A key of one column is known to the types by that of the primary key: others are found. */
  readonly isNamed: boolean
}

/** The foreign keys that are relations, with both sides. */
const joinedOf = (sides: Mapped["sides"], planning: Planning): ReadonlyArray<Joined> => {
  const { dialect, named, sayOf, targetOf } = planning
  const typeIn = (table: SnapshotTable, name: string): string | null => {
    const column = table.columns.find((one) => one.name === name)!
    if (identityIn(table, column, dialect)) return "number"
    const { text, unlike } = typeSource(dialect, column, named)
    if (unlike !== null && column.sql === null) return null
    return numbers.has(text) ? "number" : text
  }
  return [...sides.values()].flatMap((from) =>
    from.table.foreignKeys.flatMap((key): ReadonlyArray<Joined> => {
      const { table } = from
      const other = targetOf(key)
      const to = other === null ? undefined : sides.get(other)
      if (to === undefined) return []
      const unsaid = (why: string): ReadonlyArray<Joined> => {
        const columns = key.columns.map(quoted).join(", ")
        sayOf(table)(null, `the foreign key of ${columns} is no relation: ${why}`)
        return []
      }
      const led = arranged(key, to.table)
      if (led === null) return unsaid("it leads to no key")
      const types = led.columns.map((name) => typeIn(table, name))
      const theirs = led.targetColumns.map((name) => typeIn(to.table, name))
      if (types.includes(null) || types.some((type, at) => type !== theirs[at]))
        return unsaid("its columns are of other types than the key")
      const [primary, ...more] = to.table.primaryKey!.columns
      const isTyped = more.length === 0 && typeIn(to.table, primary!) === types[0]
      const isNamed = types.length > 1 || isTyped
      const others = table.foreignKeys.filter((one) => one !== key && targetOf(one) === to.table)
      if (!isNamed && others.length > 0)
        return unsaid(
          "it is one of several, and its columns are of other types than the primary key"
        )
      return [{ key: { ...key, ...led }, from, to, isNamed }]
    })
  )
}

const keySource = ({ columns }: SnapshotForeignKey, keysBy: ReadonlyMap<string, string>) => {
  const keys = columns.map((name) => quoted(keysBy.get(name)!))
  return keys.length === 1 ? keys[0]! : `[${keys.join(", ")}]`
}

type Add = (
  relation: NamedRelation,
  usual: string,
  options: Readonly<Record<string, string | null>>
) => void

/** Both directions of each table of pairs. */
const addLinks = ({ links, sides }: Mapped, { sayOf, targetOf }: Planning, add: Add): void => {
  for (const through of links) {
    const [one, other] = through.foreignKeys
    for (const [near, far] of [
      [one!, other!],
      [other!, one!]
    ] as const) {
      const [of, target] = [targetOf(near)!, targetOf(far)!]
      if (!sides.has(of) || !sides.has(target)) {
        if (near === one) sayOf(through)(null, "its links are no relation: not all are entities")
        continue
      }
      const isSelf = of === target
      const isOther = (link: SnapshotTable): boolean =>
        link !== through &&
        isSame(
          link.foreignKeys.map((key) => targetOf(key)),
          [of, target]
        )
      const role = pascal(roleOf(far.columns) ?? far.columns.join("_"))
      const usual = camel(target.name)
      const keys = columnKeysOf(through.columns.map(({ name }) => name))
      const name = links.some(isOther) ? `${usual}By${pascal(through.name)}` : usual
      add(
        { kind: "manyToMany", of, target, columns: far.columns, through },
        isSelf ? `${usual}By${role}` : name,
        isSelf ? { near: keySource(near, keys), far: keySource(far, keys) } : {}
      )
    }
  }
}

/** The entities of some tables, by table. */
export const entityPlans = (
  tables: ReadonlyArray<SnapshotTable>,
  planning: Planning
): ReadonlyMap<SnapshotTable, EntityPlan> => {
  const { naming, sayOf } = planning
  const all = mapped(tables, planning)
  const { sides } = all
  const lines = new Map(
    [...sides.keys()].map((table): [SnapshotTable, Array<RelationSource>] => [table, []])
  )
  const used = new Map(
    [...sides.values()].map(({ plan, table }) => [table, new Set(plan.keys.values())])
  )
  /** The column that a relation of this name finds, where it is given none. */
  const foundFor = (of: SnapshotTable, target: SnapshotTable, name: string): string | null => {
    const keys = [...sides.get(of)!.plan.keys.values()]
    const primary = target.primaryKey!.columns.map((one) => sides.get(target)!.plan.keys.get(one)!)
    const found = ["id", ...primary].map((key) => `${name}${key[0]!.toUpperCase()}${key.slice(1)}`)
    return found.find((key) => keys.includes(key)) ?? null
  }
  const add: Add = (relation, usual, options) => {
    const { kind, of, target, through } = relation
    const wanted = naming.relation?.(relation, usual) ?? usual
    const taken = used.get(of)!
    const name = distinct(asMember(wanted), (one) => taken.has(one) || isKeptStatic(one))
    if (name !== wanted)
      sayOf(of)(null, `the relation ${quoted(name)} is ${quoted(wanted)}, which is taken`)
    taken.add(name)
    const to = sides.get(target)!.plan.identifier
    const mistaken =
      kind === "belongsTo" && options["key"] === null ? foundFor(of, target, name) : null
    if (mistaken !== null)
      return sayOf(of)(null, `${quoted(name)} is no relation: its key would be ${quoted(mistaken)}`)
    lines.get(of)!.push((called) => {
      const link = through === null ? {} : { through: `() => ${called(through)}` }
      const said = optionsSource({ ...link, ...options })
      return `  static readonly ${name} = this.${kind}(() => ${to}, ${said})`
    })
  }
  const joined = joinedOf(sides, planning)
  const keyOf = ({ from, isNamed, key }: Joined): string | null =>
    isNamed ? keySource(key, from.plan.keys) : null
  for (const one of joined) {
    const { from, key, to } = one
    const usual = camel(roleOf(key.columns) ?? singular(to.table.name))
    const relation = { of: from.table, target: to.table, columns: key.columns, through: null }
    const free = used.get(from.table)!.has(usual) ? `${usual}${to.plan.identifier}` : usual
    add({ kind: "belongsTo", ...relation }, free, { key: keyOf(one) })
  }
  for (const joint of joined) {
    const { from, key, to } = joint
    const isOnly = joined.every(
      (one) => one.key === key || one.from.table !== from.table || one.to.table !== to.table
    )
    const role = pascal(roleOf(key.columns) ?? key.columns.join("_"))
    const isSelf = from.table === to.table
    const usual = camel(from.table.name)
    const relation = { of: to.table, target: from.table, columns: key.columns, through: null }
    add({ kind: "hasMany", ...relation }, isOnly && !isSelf ? usual : `${usual}By${role}`, {
      key: keyOf(joint),
      children: key.onDelete === "cascade" ? quoted("database") : null
    })
  }
  addLinks(all, planning, add)
  return new Map(
    [...sides.values()].map(({ plan, table }) => [table, { ...plan, relations: lines.get(table)! }])
  )
}

/** A foreign key in the order of the key it leads to; null where that is none of the table's. */
const arranged = (
  { columns, targetColumns }: SnapshotForeignKey,
  { primaryKey, uniques }: SnapshotTable
): Pick<SnapshotForeignKey, "columns" | "targetColumns"> | null => {
  const primary = primaryKey!.columns
  if (isSame(targetColumns, primary)) {
    const own = primary.map((name) => columns[targetColumns.indexOf(name)]!)
    return { columns: own, targetColumns: primary }
  }
  const isUnique = uniques.some((one) => isSame(one.columns, targetColumns))
  return isUnique ? { columns, targetColumns } : null
}
