import type { Notes } from "../../algebra/schema/notes.ts"
import { snakeCase } from "../../algebra/schema/naming.ts"
import type { DialectName } from "../../algebra/Dialect.ts"
import type { SnapshotColumn, SnapshotTable } from "../../algebra/schema/Snapshot.ts"
import { reflectedStorage } from "../../algebra/schema/reflectedStorage.ts"
import { rowTime } from "../schema/rowTime.ts"
import { storedOptions } from "../schema/storedOptions.ts"
import { defaultSource } from "./defaultSource.ts"
import { keyIn } from "./identifiers.ts"
import { countedUnlike, identityIn, type Printed, type Surroundings } from "./Printed.ts"
import { jsonSource, rulesSource } from "./printRules.ts"
import { optionsSource, quoted, remark } from "./texts.ts"
import { typeSource } from "./typeSource.ts"

const identitySource = (column: SnapshotColumn): string => {
  const said = [...(column.identity === "always" ? ["always: true"] : []), ...countedUnlike(column)]
  return said.length === 0 ? "" : `{ ${said.join(", ")} }`
}

/** A column of a table, and a remark where the source is not all of it. */
const columnSource = (
  { keys, relations, table }: Printed,
  column: SnapshotColumn,
  { capabilities: { dialect }, counters, named, notesOf, say }: Surroundings
): string => {
  const { attributes, comment, computed, identity, name, nullable } = column
  const { text: type, unlike } = typeSource(dialect, column, named)
  const remarks: Array<string> = []
  const warn = (message: string): void => {
    remarks.push(message)
    say(name, message)
  }
  if (unlike !== null) warn(unlike)
  if (attributes !== undefined) warn(`its ${quoted(attributes)} is not declared`)
  const counter = counterIn(column.default)
  if (counter !== null && !counters.has(counter))
    warn(`its default counts by the sequence ${quoted(counter)}, which is not declared`)
  if (identity === "auto" && dialect === "postgres")
    warn("it counts by a sequence of its own (serial): declared as an identity column")
  if (becomesCounted(table, column, dialect))
    warn("a key that does not count by itself: declared as one that does")
  const isId = identityIn(table, column, dialect)
  const counts = identity !== null && !isId
  const said = remarks.join("\n")
  const key = keys.get(name)!
  const beside = [
    comment === null ? "" : `.comment(${quoted(comment)})`,
    notesSource(notesOf(name), (notes) => `.notes(${notes})`)
  ].join("")
  const own = relations === null ? key : snakeCase(key)
  const called = own === name ? "" : `.named(${quoted(name)})`
  const isKey = relations !== null && table.primaryKey?.columns.includes(name) === true
  const made = isId
    ? `Column.id()${beside}${called}`
    : [
        `Column.make(${type})`,
        // SQLite calls a key nullable that is the row's own number.
        nullable && !counts ? ".nullable()" : "",
        defaultSource(dialect, column, type),
        computed === null ? "" : ".computed()",
        counts ? `.identity(${identitySource(column)})` : "",
        beside,
        isKey ? ".primaryKey()" : "",
        called
      ].join("")
  return `${said === "" ? "" : remark(said, "    ")}    ${keyIn(key, quoted)}: ${made}`
}

/** The sequence that a default counts by, without its schema; null where there is none. */
const counterIn = (value: string | null): string | null => {
  const [, text, name] = /\bnextval\((?:'((?:[^']|'')*)'|([^)]*)\))/i.exec(value ?? "") ?? []
  const said = text?.replaceAll("''", "'") ?? name
  const last = /(?:"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|([^."`]+))$/.exec(said ?? "")
  return last === null
    ? null
    : (last[1]?.replaceAll('""', '"') ?? last[2]?.replaceAll("``", "`") ?? last[3]!)
}

/** Whether SQLite numbers the rows by a key as it is declared, and did not as it was. */
const becomesCounted = (
  { options, primaryKey }: SnapshotTable,
  { identity, name, sql }: SnapshotColumn,
  dialect: DialectName
): boolean =>
  dialect === "sqlite" &&
  identity === null &&
  primaryKey?.columns.join("\u0000") === name &&
  options["rowid"] !== "no" &&
  (sql?._tag === "Bigint" || sql?._tag === "Boolean")

const notesSource = (notes: Notes, around: (text: string) => string): string =>
  Object.keys(notes).length === 0 ? "" : around(jsonSource(notes))

/** What its dialect alone takes, where it is not as usual; what is not told is said. */
const storageSource = (
  { keys, table }: Printed,
  { capabilities: { dialect }, say }: Surroundings
): Readonly<Record<string, string>> => {
  const isTimed = table.columns.some((one) => rowTime(one.computed?.expression ?? "") !== null)
  for (const word of [
    "partition",
    "partitionOf",
    "inherits",
    "versioned",
    "foreign",
    "period",
    "hidden"
  ])
    // Columns of a row's time in the system say that its table keeps it.
    if (table.options[word] !== undefined && !(word === "versioned" && isTimed))
      say(null, `${word}: ${table.options[word]} is not declared`)
  const usual = storedOptions({ storage: {} }, dialect)
  const options = Object.fromEntries(
    Object.entries(table.options).filter(([name, text]) => usual[name] !== text)
  )
  const columns = table.columns.map((one) => ({ ...one, name: keys.get(one.name)! }))
  const said = Object.entries(reflectedStorage(dialect, { columns, options }))
  return Object.fromEntries(said.map(([own, one]) => [own, jsonSource(one)]))
}

/** A table's declaration. */
export const printTable = (printed: Printed, around: Surroundings): string => {
  const { identifier, relations, table } = printed
  const columns = table.columns.map((column) => columnSource(printed, column, around))
  const rules = rulesSource(printed, around)
  const said = optionsSource({
    schema: table.schema === null ? null : quoted(table.schema),
    comment: table.comment === null ? null : quoted(table.comment),
    notes: notesSource(around.notesOf(null), (notes) => notes) || null,
    ...storageSource(printed, around)
  })
  const options = said === "" ? "" : `,\n  ${said}`
  const items = rules !== "" ? `,\n  ${rules}` : options === "" ? "" : ",\n  undefined"
  const record = `{\n${columns.join(",\n")}\n  }`
  const declared = `(\n  ${quoted(table.name)},\n  ${record}${items}${options}\n)`
  if (relations === null) return `export const ${identifier} = Table.exact${declared}\n`
  const body = relations.length === 0 ? "{}" : `{\n${relations.join("\n")}\n}`
  return `export class ${identifier} extends Entity<${identifier}>()${declared} ${body}\n`
}
