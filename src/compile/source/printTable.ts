import type { Capabilities } from "../../algebra/Dialect.ts"
import { constraintName } from "../../algebra/naming.ts"
import type {
  SnapshotColumn,
  SnapshotForeignKey,
  SnapshotIndex,
  SnapshotTable
} from "../../algebra/Snapshot.ts"
import { fitName } from "../identifiers.ts"
import { defaultSource, rawSource } from "./defaultSource.ts"
import { keyIn, memberOf } from "./identifiers.ts"
import { quoted, remark } from "./texts.ts"
import { typeSource } from "./typeSource.ts"

/** What of a table is not said by the source, in words, and of which column. */
export type Say = (column: string | null, message: string) => void

/** A table that is printed: what it is called in TypeScript, and how its columns are. */
export interface Printed {
  readonly table: SnapshotTable
  readonly identifier: string
  readonly keys: ReadonlyMap<string, string>
}

/** What a table's text is made of. */
interface Surroundings {
  readonly capabilities: Capabilities
  readonly targetOf: (key: SnapshotForeignKey) => Printed | null
  readonly say: Say
}

const identityIn = (table: SnapshotTable, column: SnapshotColumn, dialect: string): boolean =>
  column.identity === (dialect === "postgres" ? "by default" : "auto") &&
  column.sql?._tag === "Integer" &&
  table.primaryKey?.columns.join("\u0000") === column.name

/** A column of a table, and a remark where the source is not all of it. */
const columnSource = (
  { keys, table }: Printed,
  column: SnapshotColumn,
  { capabilities: { dialect }, say }: Surroundings
): string => {
  const { comment, computed, identity, name, nullable } = column
  const { text: type, unlike } = typeSource(dialect, column)
  const notes: Array<string> = []
  const note = (message: string): void => {
    notes.push(message)
    say(name, message)
  }
  if (unlike !== null) note(unlike)
  const isId = identityIn(table, column, dialect)
  // SQLite's only key of whole numbers is the row's own number, asked for or not.
  if (identity !== null && !isId && dialect !== "sqlite")
    note(`its value is made by the server (${identity}), which is not declared`)
  const said = [...(comment === null ? [] : [comment]), ...notes].join("\n")
  const key = keys.get(name)!
  const made = isId
    ? "Column.id()"
    : [
        `Column.make(${type})`,
        nullable ? ".nullable()" : "",
        defaultSource(dialect, column, type),
        computed === null ? "" : ".computed()",
        key === name ? "" : `.named(${quoted(name)})`
      ].join("")
  return `${said === "" ? "" : remark(said, "    ")}    ${keyIn(key, quoted)}: ${made}`
}

const list = (texts: ReadonlyArray<string>): string => texts.join(", ")

/** The name of a rule, where the server's is not the one it would have by itself. */
const nameUnlike = (
  name: string | null,
  usual: string,
  capabilities: Capabilities
): string | null => (name === null || name === fitName(usual, capabilities) ? null : name)

const indexSource = (
  index: SnapshotIndex,
  columnOf: (name: string) => string,
  say: Say
): string => {
  const { method, name, parts, unique, where } = index
  if (method !== null && method !== "btree")
    say(null, `the index ${quoted(name)} is of the kind ${quoted(method)}, which is not declared`)
  const options = [
    `name: ${quoted(name)}`,
    ...(unique ? ["unique: true"] : []),
    ...(where === null ? [] : [`where: ${rawSource("Type.boolean", where)}`])
  ]
  const of = parts.map(({ column, descending, expression }) => {
    const part = column === null ? rawSource("Type.text", expression ?? "") : columnOf(column)
    return descending ? `${part}.desc()` : part
  })
  return `Index.with({ ${list(options)} }, ${list(of)})`
}

const foreignKeySource = (
  key: SnapshotForeignKey,
  table: SnapshotTable,
  columnOf: (name: string) => string,
  { capabilities, say, targetOf }: Surroundings
): ReadonlyArray<string> => {
  const { columns, deferrable, name, onDelete, onUpdate, target, targetColumns } = key
  const what = `the foreign key of ${list(columns.map(quoted))}`
  const to = targetOf(key)
  if (to === null) {
    say(null, `${what} to ${quoted(target.table)}, which is not here, is not declared`)
    return []
  }
  const usual = constraintName(table.name, columns, "fkey")
  const unlike = nameUnlike(name, usual, capabilities)
  if (unlike !== null) say(null, `${what} is called ${quoted(unlike)}, which is not declared`)
  if (deferrable !== "no") say(null, `${what} is checked ${deferrable}, which is not declared`)
  const others = targetColumns.map((column) =>
    memberOf(`${to.identifier}.c`, to.keys.get(column) ?? column, quoted)
  )
  const actions = [
    ...(onDelete === "no action" ? [] : [`onDelete: ${quoted(onDelete)}`]),
    ...(onUpdate === "no action" ? [] : [`onUpdate: ${quoted(onUpdate)}`])
  ]
  const last = actions.length === 0 ? "" : `, { ${list(actions)} }`
  return [
    `ForeignKey.on([${list(columns.map(columnOf))}], (): Columns => [${list(others)}]${last})`
  ]
}

/** The rules of a table beside its columns. */
const rulesSource = (printed: Printed, around: Surroundings): ReadonlyArray<string> => {
  const { keys, table } = printed
  const { capabilities, say } = around
  const { checks, columns, foreignKeys, indexes, primaryKey, uniques } = table
  const columnOf = (name: string): string => memberOf("c", keys.get(name) ?? name, quoted)
  const [first] = columns.filter(({ name }) => primaryKey?.columns.includes(name))
  const isId = first !== undefined && identityIn(table, first, capabilities.dialect)
  const usual = constraintName(table.name, [], "pkey")
  const keyName = nameUnlike(primaryKey?.name ?? null, usual, capabilities)
  if (keyName !== null)
    say(null, `the primary key is called ${quoted(keyName)}, which is not declared`)
  return [
    ...(primaryKey === null || isId
      ? []
      : [`PrimaryKey.on(${list(primaryKey.columns.map(columnOf))})`]),
    ...columns.flatMap((column) => {
      if (column.computed === null) return []
      const { expression, stored } = column.computed
      const { text: type } = typeSource(capabilities.dialect, column)
      const how = stored ? "stored" : "virtual"
      return [`Computed.${how}(${columnOf(column.name)}, ${rawSource(type, expression)})`]
    }),
    ...uniques.map(({ columns: of, name }) => {
      const unlike = nameUnlike(name, constraintName(table.name, of, "key"), capabilities)
      return unlike === null
        ? `Unique.on(${list(of.map(columnOf))})`
        : `Unique.named(${quoted(unlike)}, ${list(of.map(columnOf))})`
    }),
    ...checks.map(({ name, predicate }) => {
      const said = name === null ? "" : `, ${quoted(name)}`
      return `Check.that(${rawSource("Type.boolean", predicate)}${said})`
    }),
    ...indexes.map((index) => indexSource(index, columnOf, say)),
    ...foreignKeys.flatMap((key) => foreignKeySource(key, table, columnOf, around))
  ]
}

/** A table's declaration. */
export const printTable = (printed: Printed, around: Surroundings): string => {
  const { identifier, table } = printed
  const columns = table.columns.map((column) => columnSource(printed, column, around))
  const rules = rulesSource(printed, around)
  const options = table.schema === null ? "" : `,\n  { schema: ${quoted(table.schema)} }`
  const items =
    rules.length > 0
      ? `,\n  (c) => [\n${rules.map((rule) => `    ${rule}`).join(",\n")}\n  ]`
      : options === ""
        ? ""
        : ",\n  undefined"
  const said = table.comment === null ? "" : remark(table.comment, "")
  return (
    `${said}export const ${identifier} = Table.exact(\n  ${quoted(table.name)},\n` +
    `  {\n${columns.join(",\n")}\n  }${items}${options}\n)\n`
  )
}
