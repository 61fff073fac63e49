import type { Capabilities } from "../../algebra/Dialect.ts"
import { constraintName } from "../../algebra/schema/naming.ts"
import type {
  SnapshotCheck,
  SnapshotExclusion,
  SnapshotForeignKey,
  SnapshotIndex,
  SnapshotTable,
  SnapshotUnique
} from "../../algebra/schema/Snapshot.ts"
import { indexStorage } from "../../algebra/schema/reflectedIndex.ts"
import type { OnConflict } from "../../algebra/schema/tableStorage.ts"
import { fitName } from "../identifiers.ts"
import { rawSource } from "./defaultSource.ts"
import { memberOf } from "./identifiers.ts"
import { identityIn, type Printed, type Surroundings } from "./Printed.ts"
import { optionsSource, quoted } from "./texts.ts"
import { typeSource } from "./typeSource.ts"

type ColumnOf = (name: string) => string

const list = (texts: ReadonlyArray<string>): string => texts.join(", ")
const texted = (text: string | null): string | null => (text === null ? null : quoted(text))
const flagged = (flag: boolean): string | null => (flag ? "true" : null)
const listed = (names: ReadonlyArray<string>, columnOf: ColumnOf): string | null =>
  names.length === 0 ? null : `[${list(names.map(columnOf))}]`
const later = (deferrable: SnapshotUnique["deferrable"]): string | null =>
  deferrable === "no" ? null : quoted(deferrable)
const conditioned = (where: string | null): string | null =>
  where === null ? null : rawSource("Type.boolean", where)

/** The name of a rule, where the server's is not the one it would have by itself. */
const nameUnlike = (
  name: string | null,
  usual: string,
  capabilities: Capabilities
): string | null => (name === null || name === fitName(usual, capabilities) ? null : quoted(name))

const partSource = (
  { column, expression }: { readonly column: string | null; readonly expression: string | null },
  columnOf: ColumnOf
): string => (column === null ? rawSource("Type.text", expression ?? "") : columnOf(column))

const indexSource = (
  index: SnapshotIndex,
  columnOf: ColumnOf,
  { capabilities: { dialect }, say }: Surroundings
): string => {
  const { comment, include, name, nullsEqual, parts, unique, where } = index
  for (const { nulls } of parts)
    if (nulls !== undefined)
      say(null, `NULLS ${nulls.toUpperCase()} of the index ${quoted(name)} is not declared`)
  const storage = Object.entries(indexStorage(dialect, index))
    .filter(([, own]) => Object.keys(own).length > 0)
    .map(([own, said]) => [own, jsonSource(said)])
  const options = optionsSource({
    name: quoted(name),
    unique: flagged(unique),
    where: conditioned(where),
    include: listed(include, columnOf),
    nullsEqual: flagged(nullsEqual),
    comment: texted(comment),
    ...Object.fromEntries(storage)
  })
  const of = parts.map((part) => {
    const said = partSource(part, columnOf)
    return part.descending ? `${said}.desc()` : said
  })
  return `Index.with(${options}, ${list(of)})`
}

const conflicted = (conflict: OnConflict | undefined): string | null =>
  conflict === undefined ? null : `{ onConflict: ${quoted(conflict)} }`

/** Plain data as source; a key of the database is a text in brackets. */
export const jsonSource = (value: unknown): string => {
  if (typeof value === "string") return quoted(value)
  if (Array.isArray(value)) return `[${list(value.map(jsonSource))}]`
  if (typeof value !== "object" || value === null) return String(value)
  return `{ ${list(
    Object.entries(value).map(([key, one]) => `[${quoted(key)}]: ${jsonSource(one)}`)
  )} }`
}

/** What stands beside a rule and has no words in its declaration. */
const sayBeside = (
  rule: Partial<SnapshotForeignKey & SnapshotCheck>,
  say: Surroundings["say"]
): void => {
  const { columns, name, noInherit, notEnforced, notValid, onDelete, period, setsOnDelete } = rule
  const called = name == null ? `of ${list((columns ?? []).map(quoted))}` : quoted(name)
  const tell = (message: string): void => say(null, `the rule ${called} is declared ${message}`)
  if (notValid === true) tell("as one that binds old rows too (it is NOT VALID)")
  if (notEnforced === true) tell("as one that binds (it is NOT ENFORCED)")
  if (noInherit === true) tell("as one that is inherited (it is NO INHERIT)")
  if (period !== undefined)
    tell(`as one of each value (rows of ${quoted(period)} do not overlap in it: a period)`)
  if (setsOnDelete !== undefined)
    tell(`as one that sets all its columns (${onDelete} is of ${list(setsOnDelete.map(quoted))})`)
}

const foreignKeySource = (
  key: SnapshotForeignKey,
  table: SnapshotTable,
  columnOf: ColumnOf,
  { capabilities, say, targetOf }: Surroundings
): ReadonlyArray<string> => {
  const { columns, comment, deferrable, match, name, onDelete, onUpdate } = key
  const { target, targetColumns } = key
  const to = targetOf(key)
  sayBeside(key, say)
  if (to === null) {
    const what = `the foreign key of ${list(columns.map(quoted))}`
    say(null, `${what} to ${quoted(target.table)}, which is not here, is not declared`)
    return []
  }
  const others = targetColumns.map((column) =>
    memberOf(`${to.identifier}.c`, to.keys.get(column) ?? column, quoted)
  )
  const options = optionsSource({
    name: nameUnlike(name, constraintName(table.name, columns, "fkey"), capabilities),
    onDelete: onDelete === "no action" ? null : quoted(onDelete),
    onUpdate: onUpdate === "no action" ? null : quoted(onUpdate),
    deferrable: later(deferrable),
    match: match === "simple" ? null : quoted(match),
    comment: texted(comment)
  })
  const last = options === "" ? "" : `, ${options}`
  return [
    `ForeignKey.on([${list(columns.map(columnOf))}], (): Columns => [${list(others)}]${last})`
  ]
}

const uniqueSource = (
  unique: SnapshotUnique,
  table: SnapshotTable,
  columnOf: ColumnOf,
  { capabilities, say }: Surroundings
): string => {
  const { columns, comment, conflict, deferrable, include, name, nullsEqual } = unique
  sayBeside(unique, say)
  const options = optionsSource({
    name: nameUnlike(name, constraintName(table.name, columns, "key"), capabilities),
    include: listed(include, columnOf),
    nullsEqual: flagged(nullsEqual),
    deferrable: later(deferrable),
    sqlite: conflicted(conflict),
    comment: texted(comment)
  })
  const of = list(columns.map(columnOf))
  return options === "" ? `Unique.on(${of})` : `Unique.with(${options}, ${of})`
}

const exclusionSource = (
  { comment, deferrable, name, parts, using, where }: SnapshotExclusion,
  columnOf: ColumnOf
): string => {
  const options = optionsSource({
    name: texted(name),
    using: quoted(using),
    where: conditioned(where),
    deferrable: later(deferrable),
    comment: texted(comment)
  })
  const of = parts.map((part) => `[${partSource(part, columnOf)}, ${quoted(part.operator)}]`)
  return `Exclude.on(${options}, ${list(of)})`
}

/** The rules of a table beside its columns, as the function that gives them; "" where none are. */
export const rulesSource = (printed: Printed, around: Surroundings): string => {
  const { keys, relations, table } = printed
  const { capabilities } = around
  const { checks, columns, exclusions, foreignKeys, indexes, primaryKey, uniques } = table
  // What asks no column names none: an unused parameter is an error in many projects.
  let parameter = ""
  const columnOf = (name: string): string => {
    parameter = "c"
    return memberOf(parameter, keys.get(name) ?? name, quoted)
  }
  const [first] = columns.filter(({ name }) => primaryKey?.columns.includes(name))
  const isId = first !== undefined && identityIn(table, first, capabilities.dialect)
  // An entity's columns say so themselves, unless their order is another.
  const inOrder = columns.filter(({ name }) => primaryKey?.columns.includes(name))
  const isUsual =
    relations !== null && inOrder.every(({ name }, at) => name === primaryKey?.columns[at])
  const usual = constraintName(table.name, [], "pkey")
  const keyOptions = optionsSource({
    name: nameUnlike(primaryKey?.name ?? null, usual, capabilities),
    sqlite: conflicted(primaryKey?.conflict),
    comment: texted(primaryKey?.comment ?? null)
  })
  if (primaryKey !== null) sayBeside(primaryKey, around.say)
  const rules = [
    ...(primaryKey === null || ((isId || isUsual) && keyOptions === "")
      ? []
      : [
          keyOptions === ""
            ? `PrimaryKey.on(${list(primaryKey.columns.map(columnOf))})`
            : `PrimaryKey.with(${keyOptions}, ${list(primaryKey.columns.map(columnOf))})`
        ]),
    ...columns.flatMap((column) => {
      if (column.computed === null) return []
      const { expression, stored } = column.computed
      const { text: type } = typeSource(capabilities.dialect, column, around.named)
      const how = stored ? "stored" : "virtual"
      return [`Computed.${how}(${columnOf(column.name)}, ${rawSource(type, expression)})`]
    }),
    ...uniques.map((unique) => uniqueSource(unique, table, columnOf, around)),
    ...checks.map((check) => {
      const { comment, name, predicate } = check
      sayBeside(check, around.say)
      const said = rawSource("Type.boolean", predicate)
      if (comment === null) return `Check.that(${said}${name === null ? "" : `, ${quoted(name)}`})`
      const options = optionsSource({ name: texted(name), comment: texted(comment) })
      return `Check.with(${options}, ${said})`
    }),
    ...exclusions.map((one) => exclusionSource(one, columnOf)),
    ...indexes.map((index) => indexSource(index, columnOf, around)),
    ...foreignKeys.flatMap((key) => foreignKeySource(key, table, columnOf, around))
  ]
  return rules.length === 0
    ? ""
    : `(${parameter}) => [\n${rules.map((rule) => `    ${rule}`).join(",\n")}\n  ]`
}
