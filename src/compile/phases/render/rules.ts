import type { Capabilities } from "../../../algebra/Dialect.ts"
import { guardName, isGuarded } from "../../../algebra/schema/ruleNames.ts"
import type {
  CheckNode,
  ColumnNode,
  Deferral,
  ExclusionNode,
  ForeignKey,
  TableSource,
  UniqueNode
} from "../../../algebra/Source.ts"
import type { OnConflict } from "../../../algebra/schema/tableStorage.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { Writer } from "../../Dialect.ts"
import { fitName } from "../../identifiers.ts"
import type { Context } from "../../Program.ts"
import { checkKey } from "./keys.ts"
import { sayConstant } from "./literals.ts"
import { sayTable } from "./queries.ts"
import { checkComment, sayInlineComment } from "./remark.ts"

const constraint = (name: string, writer: Writer): void => {
  writer.put("CONSTRAINT ")
  writer.name(fitName(name, writer.capabilities))
  writer.put(" ")
}

/** A column a rule speaks of. */
export const columnOf = (table: TableSource, key: string): ColumnNode =>
  table.byKey.get(key) ?? refuse(`the table "${table.name}" has no column "${key}"`)

/** Columns in parentheses. */
export const sayKeys = (table: TableSource, keys: ReadonlyArray<string>, writer: Writer): void => {
  writer.put("(")
  writer.commas(keys, (key) => writer.name(columnOf(table, key).name))
  writer.put(")")
}

/** FOREIGN KEY with its name. */
export const sayForeignKey = (table: TableSource, key: ForeignKey, writer: Writer): void => {
  constraint(key.name, writer)
  writer.put("FOREIGN KEY ")
  sayKeys(table, key.columns, writer)
  writer.put(" REFERENCES ")
  if (writer.dialect.name === "sqlite") sayNeighbour(table, key, writer)
  else sayTable(writer, key.target)
  writer.put(" ")
  sayKeys(key.target, key.targetColumns, writer)
  checkKey(table, key.columns, writer)
  if (key.match === "full" && writer.dialect.name === "postgres") writer.put(" MATCH FULL")
  else if (key.match === "full" && key.columns.length > 1)
    writer.refuse("matchFull", `the foreign key ${key.name} with MATCH FULL`)
  for (const [word, action] of [
    ["DELETE", key.onDelete],
    ["UPDATE", key.onUpdate]
  ] as const) {
    if (action === "no action") continue
    if (
      action === "set default" &&
      (writer.dialect.name === "mysql" || writer.dialect.name === "mariadb")
    ) {
      writer.refuse("setDefaultAction", `ON ${word} SET DEFAULT of ${key.name}`)
    }
    writer.put(` ON ${word} ${action.toUpperCase()}`)
    if (word === "DELETE" && key.setsOnDelete !== undefined && writer.dialect.name === "postgres") {
      writer.put(" ")
      sayKeys(table, key.setsOnDelete, writer)
    }
  }
  const { name } = writer.dialect
  sayDeferral(key.deferrable, key.name, name === "postgres" || name === "sqlite", writer)
  checkComment(key.comment, key.name, writer)
}

const sayDeferral = (deferrable: Deferral, name: string, isAble: boolean, writer: Writer): void => {
  if (deferrable === "no") return
  if (!isAble) writer.refuse("deferrableConstraints", `the constraint ${name}, checked later`)
  writer.put(` DEFERRABLE INITIALLY ${deferrable.toUpperCase()}`)
}

/** A table of the same database file, which SQLite wants said without its schema. */
const sayNeighbour = (table: TableSource, key: ForeignKey, writer: Writer): void => {
  if (key.target.schema !== table.schema)
    writer.refuse("crossSchemaForeignKeys", `the foreign key ${key.name} to another schema`)
  writer.name(key.target.name)
}

/** Whether a check holds a column to the values of its type on a server. */
export const isGuardedOn = (column: ColumnNode, { booleans }: Capabilities): boolean =>
  isGuarded(column) && !(booleans && column.type.sql._tag === "Boolean")

/** The check of an enum or a boolean, with its name. */
export const sayGuard = (column: ColumnNode, table: TableSource, writer: Writer): void => {
  constraint(guardName(table, column), writer)
  writer.put("CHECK (")
  sayGuardCheck(column, writer)
  writer.put(")")
}

/** Its condition. */
export const sayGuardCheck = (column: ColumnNode, writer: Writer): void => {
  const { sql } = column.type
  writer.name(column.name)
  if (sql._tag !== "Enum") return writer.put(" IN (0, 1)")
  writer.put(" IN (")
  writer.commas(sql.values, (value) => writer.put(writer.dialect.textLiteral(value)))
  writer.put(")")
}

/** PRIMARY KEY with its name. */
export const sayPrimaryKey = (table: TableSource, writer: Writer): void => {
  constraint(table.primaryKeyName, writer)
  writer.put("PRIMARY KEY ")
  if (isCountedUp(table, writer)) {
    writer.put("(")
    writer.name(columnOf(table, table.primaryKey[0]!).name)
    writer.put(" AUTOINCREMENT)")
  } else sayKeys(table, table.primaryKey, writer)
  sayConflict(table.primaryKeyConflict, writer)
  checkKey(table, table.primaryKey, writer)
  sayInlineComment(table.primaryKeyComment, writer)
}

/** Whether SQLite is to give no number of a row twice. */
const isCountedUp = (table: TableSource, writer: Writer): boolean => {
  const { autoincrement = false, withoutRowid = false } = table.storage.sqlite ?? {}
  if (!autoincrement || writer.dialect.name !== "sqlite") return false
  const [key, ...others] = table.primaryKey
  const isNumber =
    others.length === 0 &&
    writer.dialect.columnType(columnOf(table, key!).type.sql) === "INTEGER" &&
    columnOf(table, key!).type.sql._tag !== "Numeric" &&
    !withoutRowid
  return isNumber || refuse(`the table "${table.name}": its key is not the number of a row`)
}

/** ON CONFLICT of a constraint. */
export const sayConflict = (conflict: OnConflict | null, writer: Writer): void => {
  if (conflict !== null && writer.dialect.name === "sqlite")
    writer.put(` ON CONFLICT ${conflict.toUpperCase()}`)
}

/** NULLS NOT DISTINCT, where two rows with a NULL in the same place clash. */
export const sayNulls = (
  { name, nullsEqual }: { readonly name: string; readonly nullsEqual: boolean },
  writer: Writer
): void => {
  if (!nullsEqual) return
  if (!writer.capabilities.nullsNotDistinct)
    writer.refuse("nullsNotDistinct", `the rule ${name}, for which NULLs are equal`)
  writer.put(" NULLS NOT DISTINCT")
}

/** Columns kept beside a key, where an index can. */
export const sayInclude = (
  table: TableSource,
  include: ReadonlyArray<string>,
  writer: Writer
): void => {
  if (include.length === 0 || writer.dialect.name !== "postgres") return
  writer.put(" INCLUDE ")
  sayKeys(table, include, writer)
}

/** UNIQUE with its name. */
export const sayUnique = (unique: UniqueNode, table: TableSource, writer: Writer): void => {
  constraint(unique.name, writer)
  writer.put("UNIQUE")
  sayNulls(unique, writer)
  writer.put(" ")
  sayKeys(table, unique.columns, writer)
  sayConflict(unique.conflict, writer)
  checkKey(table, unique.columns, writer)
  sayInclude(table, unique.include, writer)
  sayDeferral(unique.deferrable, unique.name, writer.dialect.name === "postgres", writer)
  sayInlineComment(unique.comment, writer)
}

/** CHECK with its name. */
export const sayCheck = (
  check: CheckNode,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  constraint(check.name, writer)
  writer.put("CHECK (")
  sayConstant(check.predicate, table, writer, context)
  writer.put(")")
  if (check.noInherit === true && writer.dialect.name === "postgres") writer.put(" NO INHERIT")
  checkComment(check.comment, check.name, writer)
}

/** EXCLUDE with its name. */
export const sayExclusion = (
  exclusion: ExclusionNode,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  const { comment, deferrable, name, parts, using, where } = exclusion
  if (writer.dialect.name !== "postgres")
    writer.refuse("exclusionConstraints", `the exclusion constraint ${name}`)
  constraint(name, writer)
  writer.put("EXCLUDE USING ")
  writer.name(using)
  writer.put(" (")
  writer.commas(parts, ({ operator, scalar }) => {
    const isColumn = scalar._tag === "Ref" && scalar.path.length === 1
    if (!isColumn) writer.put("(")
    sayConstant(scalar, table, writer, context)
    writer.put(`${isColumn ? "" : ")"} WITH ${operator}`)
  })
  writer.put(")")
  if (where !== null) {
    writer.put(" WHERE (")
    sayConstant(where, table, writer, context)
    writer.put(")")
  }
  sayDeferral(deferrable, name, true, writer)
  checkComment(comment, name, writer)
}
