import { type From, FromId } from "../From.ts"
import { checkName } from "./naming.ts"
import { asTable, type TableSource } from "../Source.ts"
import { refuse } from "../StatementError.ts"

/**
 * A change of one table that is there, as data. What goes or changes is told by its name in the
 * database; what comes is told by a table that declares it.
 *
 * @category models
 */
export type Alteration =
  | { readonly _tag: "RenameTable"; readonly table: string; readonly to: string }
  | {
      readonly _tag: "AddColumn"
      readonly table: string
      readonly by: TableSource
      readonly key: string
    }
  | { readonly _tag: "DropColumn"; readonly table: string; readonly column: string }
  | {
      readonly _tag: "RenameColumn"
      readonly table: string
      readonly column: string
      readonly to: string
    }
  | {
      readonly _tag: "AlterColumn"
      readonly table: string
      readonly by: TableSource
      readonly key: string
    }
  | {
      readonly _tag: "AddRule"
      readonly table: string
      readonly by: TableSource
      readonly rule: string
    }
  | { readonly _tag: "DropRule"; readonly table: string; readonly rule: string }

/** The base table behind, which declares the column. */
const declaring = (table: From<string, unknown>, key: string, asked: string): TableSource => {
  const by = asTable(table[FromId].source, asked)
  return by.byKey.has(key) ? by : refuse(`${asked}: "${by.name}" has no column "${key}"`)
}

const said = (name: string): string => checkName(name, "alter")

/**
 * ALTER TABLE … RENAME TO.
 *
 * **Source** SQLAlchemy's Alembic, `op.rename_table`.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.renameTable("users", "people")._tag // => "RenameTable"
 * ```
 * @category constructors
 */
export const renameTable = (table: string, to: string): Alteration =>
  Object.freeze({ _tag: "RenameTable", table: said(table), to: said(to) })

/**
 * ALTER TABLE … ADD COLUMN: a column of a table as it is to be.
 *
 * **Shape** `table` needs to declare no more than the column. On rows that are there the column has
 * its server default, or NULL. What else the table says of it comes by `addRule`.
 * **Errors** `StatementError` for a key the table does not have.
 * **Source** SQL:2016 part 2, 11.11 add column definition; Alembic `op.add_column`.
 *
 * @example
 * ```ts
 * import { Alter, Column, Table } from "athanor"
 * const users = Table.make("users", { nickname: Column.varchar(50).nullable() })
 * Alter.addColumn(users, "nickname")._tag // => "AddColumn"
 * ```
 * @category constructors
 */
export const addColumn = <C extends object>(
  table: From<string, unknown> & { readonly c: C },
  key: keyof C & string
): Alteration => {
  const by = declaring(table, key, "Alter.addColumn")
  return Object.freeze({ _tag: "AddColumn", table: by.name, by, key })
}

/**
 * ALTER TABLE … DROP COLUMN.
 *
 * **Errors** when run, what the server gives where a key or an index still needs it.
 * **Source** SQL:2016 part 2, 11.20 drop column definition; Alembic `op.drop_column`.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.dropColumn("users", "nickname")._tag // => "DropColumn"
 * ```
 * @category constructors
 */
export const dropColumn = (table: string, column: string): Alteration =>
  Object.freeze({ _tag: "DropColumn", table: said(table), column: said(column) })

/**
 * ALTER TABLE … RENAME COLUMN.
 *
 * **Source** Alembic `op.alter_column(new_column_name=…)`.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.renameColumn("users", "nick", "nickname")._tag // => "RenameColumn"
 * ```
 * @category constructors
 */
export const renameColumn = (table: string, column: string, to: string): Alteration =>
  Object.freeze({ _tag: "RenameColumn", table: said(table), column: said(column), to: said(to) })

/**
 * ALTER TABLE … ALTER COLUMN: its type, whether it may be NULL and its server default become those
 * a table declares.
 *
 * **Shape** rows are kept: their values are cast where the type changes.
 * **Errors** `StatementError` for a key the table does not have; when run, what the server gives
 * for a value that does not fit, or NULL where none may be.
 * **Source** SQL:2016 part 2, 11.12 alter column definition; Alembic `op.alter_column`.
 *
 * @example
 * ```ts
 * import { Alter, Column, Table } from "athanor"
 * const users = Table.make("users", { age: Column.bigint().nullable() })
 * Alter.alterColumn(users, "age")._tag // => "AlterColumn"
 * ```
 * @category constructors
 */
export const alterColumn = <C extends object>(
  table: From<string, unknown> & { readonly c: C },
  key: keyof C & string
): Alteration => {
  const by = declaring(table, key, "Alter.alterColumn")
  return Object.freeze({ _tag: "AlterColumn", table: by.name, by, key })
}

/**
 * A unique constraint, a check, a foreign key or an index of a table as it is to be.
 *
 * **Shape** told by its name in the database; `table` needs to declare no more than the rule and
 * its columns.
 * **Errors** `StatementError` where the table has no rule of that name.
 * **Source** SQL:2016 part 2, 11.24 add table constraint; Alembic `op.create_index`,
 * `op.create_unique_constraint`, `op.create_check_constraint`, `op.create_foreign_key`.
 *
 * @example
 * ```ts
 * import { Alter, Column, Index, Table } from "athanor"
 * const users = Table.make("users", { age: Column.integer() }, (c) => [
 *   Index.named("by_age", c.age)])
 * Alter.addRule(users, "by_age")._tag // => "AddRule"
 * ```
 * @category constructors
 */
export const addRule = (table: From<string, unknown>, rule: string): Alteration => {
  const by = asTable(table[FromId].source, "Alter.addRule")
  const rules = [...by.uniques(), ...by.checks(), ...by.foreignKeys(), ...by.indexes()]
  if (!rules.some(({ name }) => name === rule))
    refuse(`Alter.addRule: "${by.name}" has no unique, check, foreign key or index "${rule}"`)
  return Object.freeze({ _tag: "AddRule", table: by.name, by, rule })
}

/**
 * Takes a unique constraint, a check, a foreign key or an index away, by its name.
 *
 * **Source** SQL:2016 part 2, 11.26 drop table constraint; Alembic `op.drop_constraint`,
 * `op.drop_index`.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.dropRule("users", "by_age")._tag // => "DropRule"
 * ```
 * @category constructors
 */
export const dropRule = (table: string, rule: string): Alteration =>
  Object.freeze({ _tag: "DropRule", table: said(table), rule: said(rule) })
