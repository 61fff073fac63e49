import { addForeignKey, type Commented, commentsOn, createIndex } from "../../algebra/Ddl.ts"
import type { Capabilities, Refusal } from "../../algebra/Dialect.ts"
import type { Alteration } from "../../algebra/schema/Alter.ts"
import type { Snapshot, SnapshotForeignKey, SnapshotTable } from "../../algebra/schema/Snapshot.ts"
import type { TableSource } from "../../algebra/Source.ts"
import {
  sayCheck,
  sayExclusion,
  sayForeignKey,
  sayPrimaryKey,
  sayUnique
} from "../phases/render/rules.ts"
import { altered, type Change, keyIn, kindOfRule } from "./altered.ts"
import { type AlterWords, isMysql, refusedIn, type Said } from "./alterWords.ts"
import { exactly } from "./rebuiltTable.ts"

/** A change of the rules of a table. */
export type RuleChange = Extract<
  Change,
  { readonly _tag: "AddRule" | "DropRule" | "RenameRule" | "AddPrimaryKey" | "DropPrimaryKey" }
>

type Named<T extends Alteration["_tag"]> = Extract<Alteration, { readonly _tag: T }>

/** COMMENT ON what has come, where that is a statement of its own. */
export const remarks = (
  by: TableSource,
  of: Commented["_tag"],
  name: string,
  { able, ddl }: AlterWords
): Said =>
  able.comments === "statements"
    ? ddl(...commentsOn(by).filter(({ on }) => on._tag === of && "name" in on && on.name === name))
    : []

/** The statements of a rule, and of what is said of it. */
const withRemarks = (
  said: Said,
  by: TableSource,
  of: Commented["_tag"],
  name: string,
  words: AlterWords
): Said => {
  if ("_tag" in said) return said
  const comments = remarks(by, of, name, words)
  return "_tag" in comments ? comments : [...said, ...comments]
}

/** An index is changed by statements of its own on every server. */
export const isIndexChange = (
  table: SnapshotTable,
  change: Change
): change is Named<"AddRule" | "DropRule" | "RenameRule"> => {
  switch (change._tag) {
    case "AddRule":
      return change.by.indexes().some(({ name }) => name === change.rule)
    case "DropRule":
    case "RenameRule":
      return table.primaryKey?.name !== change.rule && kindOfRule(table, change.rule) === "indexes"
    default:
      return false
  }
}

/** What changes an index; SQLite has no other name for one, and makes it again. */
export const indexChanged = (
  table: SnapshotTable,
  change: Named<"AddRule" | "DropRule" | "RenameRule">,
  words: AlterWords,
  whole: (table: SnapshotTable) => TableSource
): Said => {
  const { able, ddl, name, placed } = words
  if (change._tag === "AddRule") {
    const index = change.by.indexes().find((one) => one.name === change.rule)!
    return withRemarks(ddl(createIndex(change.by, index)), change.by, "Index", change.rule, words)
  }
  const { schema } = table
  const dropped = isMysql(able)
    ? `DROP INDEX ${name(change.rule)} ON ${placed(table)}`
    : `DROP INDEX ${placed({ schema, name: change.rule })}`
  if (change._tag === "DropRule") return [dropped]
  const to = name(change.to)
  if (isMysql(able))
    return [`ALTER TABLE ${placed(table)} RENAME INDEX ${name(change.rule)} TO ${to}`]
  if (able.dialect === "postgres")
    return [`ALTER INDEX ${placed({ schema, name: change.rule })} RENAME TO ${to}`]
  const source = whole(altered(table, change, able))
  const made = ddl(
    ...source.indexes().flatMap((one) => (one.name === change.to ? [createIndex(source, one)] : []))
  )
  return "_tag" in made ? made : [dropped, ...made]
}

/** What changes a constraint, where ALTER TABLE does. */
export const ruleChanged = (
  snapshot: Snapshot,
  table: SnapshotTable,
  change: RuleChange,
  words: AlterWords
): Said => {
  const { able, name, placed } = words
  const start = `ALTER TABLE ${placed(table)}`
  switch (change._tag) {
    case "AddRule":
      return withRemarks(
        ruleAdded(start, change.by, change, words),
        change.by,
        "Constraint",
        change.rule,
        words
      )
    case "DropRule":
      return [`${start} DROP ${kindOf(table, change.rule, able)} ${name(change.rule)}`]
    case "RenameRule": {
      const { rule, to } = change
      if (able.dialect === "postgres")
        return [`${start} RENAME CONSTRAINT ${name(rule)} TO ${name(to)}`]
      const kind = kindOfRule(table, rule)
      if (kind === "uniques") return [`${start} RENAME INDEX ${name(rule)} TO ${name(to)}`]
      const after = altered(table, change, able)
      const tables = snapshot.tables.map((one) => (one === table ? after : one))
      const by = exactly({ ...snapshot, tables }, table.name)
      const made = said(by, { rule: to, notValid: false }, words)
      return typeof made === "string"
        ? [`${start} DROP ${kindOf(table, rule, able)} ${name(rule)}, ADD ${made}`]
        : made
    }
    case "AddPrimaryKey": {
      const { by } = change
      altered(table, change, able)
      const key = words.written((writer) => sayPrimaryKey(by, writer))
      return typeof key === "string"
        ? withRemarks([`${start} ADD ${key}`], by, "Constraint", by.primaryKeyName, words)
        : key
    }
    case "DropPrimaryKey": {
      const key = keyIn(table)
      return [
        isMysql(able) ? `${start} DROP PRIMARY KEY` : `${start} DROP CONSTRAINT ${name(key.name!)}`
      ]
    }
  }
}

/** What DROP calls a constraint of a name. */
const kindOf = (table: SnapshotTable, rule: string, able: Capabilities): string => {
  const kind = kindOfRule(table, rule)
  if (!isMysql(able)) return "CONSTRAINT"
  return kind === "foreignKeys" ? "FOREIGN KEY" : kind === "uniques" ? "INDEX" : "CONSTRAINT"
}

const ruleAdded = (
  start: string,
  by: TableSource,
  { notValid, rule }: Named<"AddRule">,
  words: AlterWords
): Said => {
  const key = by.foreignKeys().find(({ name }) => name === rule)
  if (key !== undefined && !notValid) return words.ddl(addForeignKey(by, key))
  if (notValid && [...by.uniques(), ...by.exclusions()].some(({ name }) => name === rule))
    return refusedIn(words.able, "notValid", `the rule ${rule}, which is an index, not valid`)
  const made = said(by, { rule, notValid }, words)
  return typeof made === "string" ? [`${start} ADD ${made}`] : made
}

/** A constraint of a table, as it is declared. */
const said = (
  by: TableSource,
  { notValid, rule }: { readonly rule: string; readonly notValid: boolean },
  words: AlterWords
): string | Refusal =>
  words.written((writer, context) => {
    const isIt = ({ name }: { readonly name: string }): boolean => name === rule
    for (const one of by.foreignKeys().filter(isIt)) sayForeignKey(by, one, writer)
    for (const one of by.uniques().filter(isIt)) sayUnique(one, by, writer)
    for (const one of by.checks().filter(isIt)) sayCheck(one, by, writer, context)
    for (const one of by.exclusions().filter(isIt)) sayExclusion(one, by, writer, context)
    if (notValid) writer.put(" NOT VALID")
  })

/** Why a table cannot be without its primary key. */
export const keyNeeded = (table: SnapshotTable, able: Capabilities): Refusal | null => {
  const { columns, indexes, options, uniques } = table
  const key = keyIn(table)
  const why = (words: string): Refusal =>
    refusedIn(able, "alterTable", `${table.name} without its primary key, ${words}`)
  if (able.dialect === "sqlite") {
    if (options["rowid"] === "no") return why("which a table without rowid has")
    return options["autoincrement"] === undefined ? null : why("by which it counts")
  }
  if (!isMysql(able)) return null
  const counted = columns.find(({ identity }) => identity !== null)?.name
  const leads = (names: ReadonlyArray<string | null>): boolean => names[0] === counted
  const isOther =
    uniques.some((one) => leads(one.columns)) ||
    indexes.some(({ parts }) => leads(parts.map(({ column }) => column)))
  return counted !== undefined && leads(key.columns) && !isOther
    ? why(`by which its column ${counted} counts`)
    : null
}

/** What a key is unique by, where a change takes it away. */
const uniqueLost = (table: SnapshotTable, change: Change): ReadonlyArray<string> | null => {
  if (change._tag === "DropPrimaryKey") return keyIn(table).columns
  if (change._tag !== "DropRule") return null
  const { rule } = change
  const index = table.indexes.find(({ name }) => name === rule)
  if (index !== undefined)
    return index.unique ? index.parts.map(({ column }) => column ?? "") : null
  return table.uniques.find(({ name }) => name === rule)?.columns ?? null
}

/**
 * The foreign keys that would lead to what is no key any more: SQLite takes the change and fails
 * the writes after it, MariaDB takes that of a primary key.
 */
export const leftBare = (
  { tables }: Snapshot,
  table: SnapshotTable,
  change: Change,
  able: Capabilities
): ReadonlyArray<string> => {
  const lost = able.dialect === "postgres" ? null : uniqueLost(table, change)
  if (lost === null) return []
  const { indexes, primaryKey, uniques } = altered(table, change, able)
  const kept = [
    ...(primaryKey === null ? [] : [primaryKey.columns]),
    ...uniques.map(({ columns }) => columns),
    // On MySQL and MariaDB whatever begins with the columns serves, unique or not.
    ...indexes.flatMap(({ parts, unique, where }) =>
      (unique || isMysql(able)) && where === null ? [parts.map(({ column }) => column)] : []
    )
  ]
  const isLed = (names: ReadonlyArray<string>): boolean => {
    const same = (columns: ReadonlyArray<string | null>): boolean =>
      columns.length === names.length && names.every((name) => columns.includes(name))
    return kept.some((columns) => same(isMysql(able) ? columns.slice(0, names.length) : columns))
  }
  const leads = ({ target, targetColumns }: SnapshotForeignKey): boolean =>
    target.table === table.name &&
    target.schema === table.schema &&
    targetColumns.every((name) => lost.includes(name)) &&
    !isLed(targetColumns)
  return tables.flatMap((one) =>
    one.foreignKeys
      .filter(leads)
      .map(({ name }) =>
        name === null
          ? `a foreign key of table ${one.name}`
          : `constraint ${name} on table ${one.name}`
      )
  )
}
