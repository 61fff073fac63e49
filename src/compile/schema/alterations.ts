import type { Alteration } from "../../algebra/schema/Alter.ts"
import { commentOn } from "../../algebra/Ddl.ts"
import type { Capabilities, DialectName, Refusal } from "../../algebra/Dialect.ts"
import type { Snapshot, SnapshotColumn, SnapshotTable } from "../../algebra/schema/Snapshot.ts"
import { refuse } from "../../algebra/StatementError.ts"
import { capabilities as capabilitiesOf } from "../capabilities.ts"
import { dialects } from "../dialects.ts"
import { sayColumn } from "../phases/render/columns.ts"
import { isGuardedOn, sayGuard } from "../phases/render/rules.ts"
import type { Schemas } from "../schemas.ts"
import { altered, type Change, columnIn, isGuard, tableIn } from "./altered.ts"
import { identityChanged, isIdentityChange } from "./alteredIdentity.ts"
import { ruleRemarked } from "./alteredRemarks.ts"
import { indexChanged, isIndexChange, keyNeeded, remarks, ruleChanged } from "./alteredRules.ts"
import { alteredView, isViewChange } from "./alteredView.ts"
import { type AlterWords, alterWords, isMysql, refusedIn, type Said } from "./alterWords.ts"
import { moved } from "./moved.ts"
import { unrounded } from "./narrowed.ts"
import { exactly, isVirtual, madeByModule, rebuiltTable } from "./rebuiltTable.ts"

/**
 * The statements that alter a schema as it is, in the words of one dialect.
 *
 * **Shape** rows are kept. SQLite has few ALTERs: there the table is made anew from all that the
 * snapshot says of it, its rows are copied, and it takes the name of the old one; foreign keys must
 * not be enforced meanwhile, and renaming must be the old one (`legacy_alter_table`). Schemas are
 * as the snapshot has them; `schemas` says otherwise, as the option of that name does.
 * **Errors** a `Refusal` where the dialect cannot; throws `StatementError` for a table, a column or
 * a rule that is not in the snapshot.
 * **Source** SQLite, "Making Other Kinds Of Table Schema Changes"; Alembic `batch_alter_table`.
 *
 * @example
 * ```ts
 * import { Alter, Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { alterStatements } from "athanor/compile"
 * import { Effect } from "effect"
 * const program = Database.script("create table users (id integer)").pipe(
 *   Effect.andThen(Database.reflect()),
 *   Effect.map((schema) => alterStatements(schema, Alter.renameTable("users", "people"))))
 * const said = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * said // => ["ALTER TABLE users RENAME TO people"]
 * ```
 * @category interpreters
 */
export const alterStatements = (
  snapshot: Snapshot,
  alteration: Alteration,
  dialect: DialectName | Capabilities = snapshot.dialect,
  schemas: Schemas = {}
): ReadonlyArray<string> | Refusal => {
  const able = typeof dialect === "string" ? capabilitiesOf(dialect) : dialect
  const words = alterWords(able, schemas)
  if (alteration._tag === "AddValue") return valueAdded(snapshot, alteration, words)
  if (isViewChange(alteration)) return alteredView(snapshot, alteration, words)
  if (alteration._tag === "Move") return moved(snapshot, alteration, words)
  const table = tableIn(snapshot, alteration)
  const start = `ALTER TABLE ${words.placed(table)}`
  switch (alteration._tag) {
    case "RenameTable": {
      const { to } = alteration
      // MySQL and MariaDB move a table whose new name says no schema to the usual one.
      const name = isMysql(able) ? words.placed({ schema: table.schema, name: to }) : words.name(to)
      return [`${start} RENAME TO ${name}`]
    }
    case "RenameColumn": {
      const { column, to } = alteration
      columnIn(table, column)
      return [`${start} RENAME COLUMN ${words.name(column)} TO ${words.name(to)}`]
    }
    case "Comment": {
      const { column, text } = alteration
      if (column !== null) columnIn(table, column)
      const on =
        column === null ? { _tag: "Table" as const } : { _tag: "Column" as const, name: column }
      return words.ddl(commentOn(exactly(snapshot, table.name), on, text))
    }
    case "CommentRule":
      return ruleRemarked(snapshot, table, alteration, words)
    case "ValidateRule":
      return able.dialect === "postgres"
        ? [`${start} VALIDATE CONSTRAINT ${words.name(alteration.rule)}`]
        : refusedIn(able, "notValid", `the validation of ${alteration.rule}`)
    default:
      return changed(snapshot, table, alteration, words)
  }
}

const changed = (
  snapshot: Snapshot,
  table: SnapshotTable,
  change: Change,
  words: AlterWords
): Said => {
  const { able, name, placed, written } = words
  const start = `ALTER TABLE ${placed(table)}`
  const refused = cannot(table, change, able)
  if (refused !== null) return refused
  if (isIdentityChange(change)) return identityChanged(snapshot, table, change, words)
  if (isIndexChange(table, change))
    return indexChanged(table, change, words, (after) =>
      exactly({ ...snapshot, tables: [after] }, after.name)
    )
  if (able.dialect === "sqlite" && change._tag !== "DropColumn")
    return rebuiltTable(snapshot, table, altered(table, change, able), words)
  switch (change._tag) {
    case "AddColumn": {
      const { by, key } = change
      const column = by.byKey.get(key)!
      const said = written((writer, context) => {
        writer.put(" ADD COLUMN ")
        sayColumn(column, by, writer, context)
        if (!isGuardedOn(column, writer.capabilities)) return
        writer.put(", ADD ")
        sayGuard(column, by, writer)
      })
      if (typeof said !== "string") return said
      const comments = remarks(by, "Column", column.name, words)
      return "_tag" in comments ? comments : [start + said, ...comments]
    }
    case "DropColumn":
      columnIn(table, change.column)
      // SQLite looks itself for what needs it, in views and triggers too.
      if (isVirtual(table)) return madeByModule(table)
      return [`${start} DROP COLUMN ${name(change.column)}`]
    case "AlterColumn": {
      const after = altered(table, change, able)
      const column = change.by.byKey.get(change.key)!.name
      const [unguarded, guarded] = guardChanged(table, after, start, change, words)
      if (able.dialect === "postgres")
        return [
          ...unguarded,
          ...changes(columnIn(table, column), columnIn(after, column)).map(
            (one) => `${start} ALTER COLUMN ${name(column)} ${one}`
          ),
          ...guarded
        ]
      const source = exactly({ ...snapshot, tables: [after] }, after.name)
      const said = written((writer, context) => {
        writer.put(" MODIFY COLUMN ")
        sayColumn(source.byKey.get(column)!, source, writer, context)
      })
      return typeof said === "string" ? [...unguarded, start + said, ...guarded] : said
    }
    default:
      return ruleChanged(snapshot, table, change, words)
  }
}

/** What a server has no words for, or cannot keep. */
const cannot = (table: SnapshotTable, change: Change, able: Capabilities): Refusal | null => {
  if (change._tag === "AddRule" && change.notValid && able.dialect !== "postgres")
    return refusedIn(able, "notValid", `the rule ${change.rule}, not valid for what is there`)
  if (change._tag === "DropPrimaryKey") return keyNeeded(table, able)
  if (change._tag !== "AlterColumn") return null
  if (isComputedAnew(table, change, able))
    return refusedIn(able, "alterTable", `another expression of the column ${change.key}`)
  const { identity, name } = change.by.byKey.get(change.key)!
  return identity && columnIn(table, name).identity === null
    ? refusedIn(able, "alterTable", `numbers for the column ${name}, which had none`)
    : null
}

/** A column that is computed stays so: PostgreSQL takes no other expression, and none makes one. */
const isComputedAnew = (
  table: SnapshotTable,
  { by, key }: Extract<Alteration, { readonly _tag: "AlterColumn" }>,
  { dialect }: Capabilities
): boolean => {
  const { computed, name } = by.byKey.get(key)!
  return computed !== null && (dialect === "postgres" || columnIn(table, name).computed === null)
}

/** What takes away the check of the values a column had, and what brings that of those it has. */
const guardChanged = (
  before: SnapshotTable,
  after: SnapshotTable,
  start: string,
  { by, key }: Extract<Alteration, { readonly _tag: "AlterColumn" }>,
  { able, name, written }: AlterWords
): readonly [ReadonlyArray<string>, ReadonlyArray<string>] => {
  const column = by.byKey.get(key)!
  if (!isGuardedOn(column, able)) return [[], []]
  const guard = after.checks.at(-1)!.name!
  const known = before.checks.some((check) => check.name === guard && isGuard(check))
  const said = written((writer) => {
    writer.put(" ADD ")
    sayGuard(column, by, writer)
  })
  return [
    known ? [`${start} DROP CONSTRAINT ${name(guard)}`] : [],
    typeof said === "string" ? [start + said] : []
  ]
}

const valueAdded = (
  { enums }: Snapshot,
  { place, schema, type, value }: Extract<Alteration, { readonly _tag: "AddValue" }>,
  { able, placed }: AlterWords
): Said => {
  if (!able.namedTypes) return refusedIn(able, "namedTypes", `a value of the type ${type}`)
  const known = enums.find((one) => one.name === type && one.schema === schema)
  if (known === undefined) return refuse(`alter: no type "${type}" of values`)
  if (place !== null && !known.values.includes(place.of))
    refuse(`alter: "${place.of}" is no value of "${type}"`)
  const { textLiteral } = dialects[able.dialect]
  const where =
    place === null
      ? ""
      : ` ${place.side === "before" ? "BEFORE" : "AFTER"} ${textLiteral(place.of)}`
  return [`ALTER TYPE ${placed({ schema, name: type })} ADD VALUE ${textLiteral(value)}${where}`]
}

/** PostgreSQL changes a column's parts one by one; a default is cast by nobody. */
const changes = (before: SnapshotColumn, after: SnapshotColumn): ReadonlyArray<string> => {
  const isTyped = before.type !== after.type || before.collation !== after.collation
  const isDefaulted = before.default !== after.default || isTyped
  const collated = after.collation === null ? "" : ` COLLATE ${quote(after.collation)}`
  return [
    ...(isDefaulted && before.default !== null ? ["DROP DEFAULT"] : []),
    ...(isTyped ? [`TYPE ${after.type}${collated}${castTo(before, after)}`] : []),
    ...(isDefaulted && after.default !== null ? [`SET DEFAULT ${after.default}`] : []),
    ...(before.nullable === after.nullable ? [] : [`${after.nullable ? "DROP" : "SET"} NOT NULL`])
  ]
}

/**
 * A cast that is asked for cuts what is too long, and rounds what is too exact. What becomes text,
 * or bits, is cast to those of any length first: the column takes it as it takes what is written.
 */
const castTo = (before: SnapshotColumn, after: SnapshotColumn): string => {
  if (after.computed !== null) return ""
  const exact = unrounded(quote(after.name), before, after)
  if (exact !== null) return ` USING ${exact}`
  const to = after.type.startsWith("character")
    ? "text"
    : /^bit\b/.test(after.type) && /^bit\b/.test(before.type)
      ? "bit varying"
      : after.type
  return ` USING ${quote(after.name)}::${to}`
}

const { quote } = dialects.postgres
