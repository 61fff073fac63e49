import { type From, FromId } from "../From.ts"
import { checkName } from "./naming.ts"
import { asTable, type TableSource } from "../Source.ts"
import { refuse } from "../StatementError.ts"
import type { View } from "./View.ts"

/**
 * A table that is there: its name, with its schema where that is not the usual one.
 *
 * @category models
 */
export type TableName = string | { readonly schema: string; readonly name: string }

interface OfTable {
  readonly schema: string | null
  readonly table: string
}
/** What comes or changes, as a table declares it. */
interface Declared extends OfTable {
  readonly by: TableSource
}

/**
 * A change of a schema that is there, as data. What goes or changes is told by its name in the
 * database; what comes is told by a table that declares it.
 *
 * @category models
 */
export type Alteration =
  | (OfTable & { readonly _tag: "RenameTable"; readonly to: string })
  /** A table, a view, a sequence or a named type: whichever has the name. */
  | (OfTable & { readonly _tag: "Move"; readonly to: string })
  | (Declared & { readonly _tag: "AddColumn"; readonly key: string })
  | (OfTable & { readonly _tag: "DropColumn"; readonly column: string })
  | (OfTable & { readonly _tag: "RenameColumn"; readonly column: string; readonly to: string })
  | (Declared & { readonly _tag: "AlterColumn"; readonly key: string })
  | (Declared & { readonly _tag: "AddIdentity"; readonly key: string })
  | (OfTable & { readonly _tag: "DropIdentity"; readonly column: string })
  | (Declared & { readonly _tag: "AddRule"; readonly rule: string; readonly notValid: boolean })
  | (OfTable & { readonly _tag: "DropRule"; readonly rule: string })
  | (OfTable & { readonly _tag: "RenameRule"; readonly rule: string; readonly to: string })
  | (OfTable & { readonly _tag: "ValidateRule"; readonly rule: string })
  | (Declared & { readonly _tag: "AddPrimaryKey" })
  | (OfTable & { readonly _tag: "DropPrimaryKey" })
  | (OfTable & {
      readonly _tag: "Comment"
      /** Of the table itself where null. */
      readonly column: string | null
      readonly text: string | null
    })
  | (OfTable & {
      readonly _tag: "CommentRule"
      readonly rule: string
      readonly text: string | null
    })
  | (Declared & { readonly _tag: "AddView" })
  | (Declared & { readonly _tag: "AlterView" })
  | (OfTable & { readonly _tag: "DropView" })
  | {
      readonly _tag: "AddValue"
      readonly schema: string | null
      readonly type: string
      readonly value: string
      readonly place: { readonly side: "before" | "after"; readonly of: string } | null
    }

/** The base table behind, which declares the column. */
const declaring = (table: From<string, unknown>, key: string, asked: string): TableSource => {
  const by = asTable(table[FromId].source, asked)
  return by.byKey.has(key) ? by : refuse(`${asked}: "${by.name}" has no column "${key}"`)
}

const said = (name: string): string => checkName(name, "alter")

const placed = (table: TableName): OfTable =>
  typeof table === "string"
    ? { schema: null, table: said(table) }
    : { schema: said(table.schema), table: said(table.name) }

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
export const renameTable = (table: TableName, to: string): Alteration =>
  Object.freeze({ _tag: "RenameTable", ...placed(table), to: said(to) })

/**
 * SET SCHEMA: a table, a view, a sequence or a named type goes to another schema, under its name.
 *
 * **Shape** rows, rules, indexes and foreign keys from and to it stay. `to` is there by then: see
 * `NamedSchema`. On PostgreSQL what reads it finds it in its new place, on MySQL and MariaDB, where
 * a schema is a database, views over it are to be made again.
 * **Errors** when run, `SyntaxOrUndefined` for what the schema does not have, and where there is no
 * schema `to` or one that has such a name; on mysql and mariadb `StillNeeded` for a table with
 * triggers. `Unsupported` (`moveToSchema`) on SQLite, and for views of MySQL and MariaDB.
 * **Source** PostgreSQL's ALTER … SET SCHEMA, MariaDB's RENAME TABLE.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.move("bills", "archive")._tag // => "Move"
 * ```
 * @category constructors
 */
export const move = (what: TableName, to: string): Alteration =>
  Object.freeze({ _tag: "Move", ...placed(what), to: said(to) })

/**
 * ALTER TABLE … ADD COLUMN: a column of a table as it is to be.
 *
 * **Shape** `table` needs to declare no more than the column. On rows that are there the column has
 * its server default, or NULL. What else the table says of it comes by `addRule`.
 * **Errors** `StatementError` for a key the table does not have. When run: `SyntaxOrUndefined` for
 * a name that is taken, `NotNullViolation` where rows must have a value that nothing says.
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
  return Object.freeze({ _tag: "AddColumn", schema: by.schema, table: by.name, by, key })
}

/**
 * ALTER TABLE … DROP COLUMN.
 *
 * **Shape** on postgres the column's own indexes, constraints and foreign keys go with it, on
 * mariadb its indexes.
 * **Errors** when run, `StillNeeded` where something else needs it, on sqlite also where an index,
 * a key or a check of its own table does.
 * **Source** SQL:2016 part 2, 11.20 drop column definition; Alembic `op.drop_column`.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.dropColumn("users", "nickname")._tag // => "DropColumn"
 * ```
 * @category constructors
 */
export const dropColumn = (table: TableName, column: string): Alteration =>
  Object.freeze({ _tag: "DropColumn", ...placed(table), column: said(column) })

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
export const renameColumn = (table: TableName, column: string, to: string): Alteration =>
  Object.freeze({ _tag: "RenameColumn", ...placed(table), column: said(column), to: said(to) })

/**
 * ALTER TABLE … ALTER COLUMN: its type, whether it may be NULL and its server default become those
 * a table declares.
 *
 * **Shape** rows are kept: their values are cast where the type changes, none is cut or rounded to
 * fit. Its comment stays: see `comment`; a column that is computed stays so. The check that guards
 * its values becomes that of the values it has now.
 * **Errors** `StatementError` for a key the table does not have. When run: `InvalidText` or
 * `ValueOutOfRange` for a value that does not fit, `NotNullViolation` for NULL where none may be,
 * `StillNeeded` where a view needs the old type; `Unsupported` (`alterTable`) for an expression of
 * a column that had none, on postgres for another one, and for a column that is to count and did
 * not: see `addIdentity`; on sqlite for whole numbers or texts that are to be decimals, and for
 * other places of decimals that a check, an index or a view speaks of.
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
  return Object.freeze({ _tag: "AlterColumn", schema: by.schema, table: by.name, by, key })
}

/**
 * GENERATED AS IDENTITY, or AUTO_INCREMENT: a column of whole numbers is counted by the server from
 * now on, as a table declares it.
 *
 * **Shape** its values stay; it counts on after the last of them, unless the declaration says where
 * it starts. A server default goes, and the column is never NULL from then on. But on PostgreSQL it
 * is the primary key. On sqlite such a key counts already, and nothing is done.
 * **Errors** `StatementError` for a key the table does not have, or a column that does not count;
 * when run, `NotNullViolation`; `SyntaxOrUndefined` for a column that counts already but on sqlite;
 * `Unsupported` (`identity`) but on PostgreSQL for one that is not the primary key, and
 * (`identityColumns`) for options.
 * **Source** SQL:2016 part 2, 11.12 alter column definition; Alembic
 * `op.alter_column(server_default=Identity())`, `op.alter_column(autoincrement=True)`.
 *
 * @example
 * ```ts
 * import { Alter, Column, Table } from "athanor"
 * const users = Table.make("users", { id: Column.id() })
 * Alter.addIdentity(users, "id")._tag // => "AddIdentity"
 * ```
 * @category constructors
 */
export const addIdentity = <C extends object>(
  table: From<string, unknown> & { readonly c: C },
  key: keyof C & string
): Alteration => {
  const by = declaring(table, key, "Alter.addIdentity")
  if (!by.byKey.get(key)!.identity)
    refuse(`Alter.addIdentity: the column "${key}" of "${by.name}" does not count`)
  return Object.freeze({ _tag: "AddIdentity", schema: by.schema, table: by.name, by, key })
}

/**
 * DROP IDENTITY: a column that was counted by the server is given from now on.
 *
 * **Shape** its values stay, and it stays without NULL: an insert that leaves it out fails.
 * **Errors** when run, `SyntaxOrUndefined` for a column that does not count; `Unsupported`
 * (`alterTable`) on SQLite, where a key of whole numbers always does.
 * **Source** PostgreSQL's ALTER TABLE; Alembic `op.alter_column(server_default=None)`.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.dropIdentity("users", "id")._tag // => "DropIdentity"
 * ```
 * @category constructors
 */
export const dropIdentity = (table: TableName, column: string): Alteration =>
  Object.freeze({ _tag: "DropIdentity", ...placed(table), column: said(column) })

/**
 * How a rule comes to a table that has rows.
 *
 * @category models
 */
export interface AddRuleOptions {
  /**
   * It binds rows from now on, whatever those are that are there: of a check or a foreign key of
   * PostgreSQL. `validateRule` asks the old rows.
   */
  readonly notValid?: boolean
}

/**
 * A unique constraint, a check, a foreign key, an exclusion constraint or an index of a table as it
 * is to be.
 *
 * **Shape** told by its name in the database; `table` needs to declare no more than the rule and
 * its columns. A primary key comes by `addPrimaryKey`.
 * **Errors** `StatementError` where the table has no rule of that name; when run, the violation of
 * rows that are there; `Unsupported` (`notValid`) for that option but on PostgreSQL, and
 * (`exclusionConstraints`) for an exclusion elsewhere.
 * **Source** SQL:2016 part 2, 11.24 add table constraint; Alembic `op.create_index`,
 * `op.create_unique_constraint`, `op.create_check_constraint`, `op.create_foreign_key`,
 * `op.create_exclude_constraint`.
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
export const addRule = (
  table: From<string, unknown>,
  rule: string,
  { notValid = false }: AddRuleOptions = {}
): Alteration => {
  const by = asTable(table[FromId].source, "Alter.addRule")
  const keys = [...by.uniques(), ...by.foreignKeys()]
  const rules = [...keys, ...by.checks(), ...by.exclusions(), ...by.indexes()]
  if (!rules.some(({ name }) => name === rule))
    refuse(
      `Alter.addRule: "${by.name}" has no unique, check, foreign key, exclusion or index "${rule}"`
    )
  return Object.freeze({ _tag: "AddRule", schema: by.schema, table: by.name, by, rule, notValid })
}

/**
 * Takes a unique constraint, a check, a foreign key, an exclusion constraint or an index away, by
 * its name.
 *
 * **Errors** when run, `SyntaxOrUndefined` where the table has no such rule, `StillNeeded` where a
 * foreign key leads to what it keeps unique.
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
export const dropRule = (table: TableName, rule: string): Alteration =>
  Object.freeze({ _tag: "DropRule", ...placed(table), rule: said(rule) })

/**
 * Another name for a rule: a constraint, or an index; the primary key too where it has one.
 *
 * **Shape** MySQL and MariaDB have no such statement for checks and foreign keys, which are made
 * again under the new name, and SQLite for none: there the table is made anew.
 * **Errors** when run, `SyntaxOrUndefined` where the table has no such rule.
 * **Source** PostgreSQL's ALTER TABLE … RENAME CONSTRAINT, ALTER INDEX.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.renameRule("users", "by_age", "users_by_age")._tag // => "RenameRule"
 * ```
 * @category constructors
 */
export const renameRule = (table: TableName, rule: string, to: string): Alteration =>
  Object.freeze({ _tag: "RenameRule", ...placed(table), rule: said(rule), to: said(to) })

/**
 * ALTER TABLE … ADD PRIMARY KEY: the key of a table as it is to be, with its name.
 *
 * **Shape** `table` needs to declare no more than the key and its columns, which are never NULL
 * from then on. On sqlite the only column of it is the number of a row where it is INTEGER.
 * **Errors** `StatementError` where the table declares none; when run, `NotNullViolation` and
 * `UniqueViolation` of rows that are there, `SyntaxOrUndefined` where the table has one.
 * **Source** SQL:2016 part 2, 11.24 add table constraint; Alembic `op.create_primary_key`.
 *
 * @example
 * ```ts
 * import { Alter, Column, PrimaryKey, Table } from "athanor"
 * const seats = Table.make("seats", { row: Column.integer(), place: Column.integer() }, (c) => [
 *   PrimaryKey.with({ name: "one_seat" }, c.row, c.place)])
 * Alter.addPrimaryKey(seats)._tag // => "AddPrimaryKey"
 * ```
 * @category constructors
 */
export const addPrimaryKey = (table: From<string, unknown>): Alteration => {
  const by = asTable(table[FromId].source, "Alter.addPrimaryKey")
  if (by.primaryKey.length === 0) refuse(`Alter.addPrimaryKey: "${by.name}" has no primary key`)
  return Object.freeze({ _tag: "AddPrimaryKey", schema: by.schema, table: by.name, by })
}

/**
 * ALTER TABLE … DROP PRIMARY KEY, whatever its name.
 *
 * **Shape** its columns stay, and stay without NULL. A column that SQLite numbered because it was
 * the key is given from then on.
 * **Errors** when run, `StillNeeded` where a foreign key leads to it; `SyntaxOrUndefined` where the
 * table has none; `Unsupported` (`alterTable`) where the table cannot be without: on mysql and
 * mariadb one that counts by it, on sqlite one with AUTOINCREMENT or WITHOUT ROWID.
 * **Source** SQL:2016 part 2, 11.26 drop table constraint; Alembic `op.drop_constraint`.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.dropPrimaryKey("seats")._tag // => "DropPrimaryKey"
 * ```
 * @category constructors
 */
export const dropPrimaryKey = (table: TableName): Alteration =>
  Object.freeze({ _tag: "DropPrimaryKey", ...placed(table) })

/**
 * VALIDATE CONSTRAINT: a rule that came as not valid binds the rows that were there before it.
 *
 * **Errors** when run, the violation of a row; `Unsupported` (`notValid`) but on PostgreSQL.
 * **Source** PostgreSQL's ALTER TABLE.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.validateRule("users", "grown")._tag // => "ValidateRule"
 * ```
 * @category constructors
 */
export const validateRule = (table: TableName, rule: string): Alteration =>
  Object.freeze({ _tag: "ValidateRule", ...placed(table), rule: said(rule) })

/**
 * COMMENT ON a table, or on a column of it: another text, or none with null.
 *
 * **Shape** all else of the column stays as it is, on servers too that say a comment with the whole
 * column.
 * **Errors** `SyntaxOrUndefined` for a column that is not there; `Unsupported` on SQLite
 * (`comments`).
 * **Source** PostgreSQL's COMMENT; Alembic `op.create_table_comment`,
 * `op.alter_column(comment=…)`.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.comment("users", "Who may sign in.")._tag // => "Comment"
 * ```
 * @category constructors
 */
export const comment = (table: TableName, text: string | null, column?: string): Alteration =>
  Object.freeze({
    _tag: "Comment",
    ...placed(table),
    column: column === undefined ? null : said(column),
    text
  })

/**
 * COMMENT ON a rule of a table: a constraint, an index or the primary key; none with null.
 *
 * **Shape** MySQL and MariaDB have comments on what is an index, which is made again with it in one
 * statement; their primary key goes by `PRIMARY`.
 * **Errors** when run, `SyntaxOrUndefined` where the table has no such rule; `Unsupported` on
 * SQLite (`comments`), and on mysql and mariadb for a check or foreign key (`constraintComments`).
 * **Source** PostgreSQL's COMMENT ON CONSTRAINT, COMMENT ON INDEX.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.commentRule("users", "by_age", "For the birthday letters.")._tag // => "CommentRule"
 * ```
 * @category constructors
 */
export const commentRule = (table: TableName, rule: string, text: string | null): Alteration =>
  Object.freeze({ _tag: "CommentRule", ...placed(table), rule: said(rule), text })

/** What declares a view that outlives its connection. */
const viewOf = (view: View<string, unknown>, asked: string): TableSource => {
  const { source } = view[FromId]
  const kind = source._tag === "TableSource" ? source.definition?.kind : undefined
  return kind === "view" || kind === "materialized view"
    ? (source as TableSource)
    : refuse(`${asked}: "${view[FromId].alias}" is no view that stays`)
}

/**
 * CREATE VIEW, or CREATE MATERIALIZED VIEW.
 *
 * **Shape** what its query reads is there by then: alterations come in the order they are given.
 * **Errors** `StatementError` for a temporary view and for a table made from a query; `Unsupported`
 * (`materializedViews`) but on PostgreSQL.
 * **Source** SQL:2016 part 2, 11.32 view definition; SQLAlchemy 2.1 `CreateView`.
 *
 * @example
 * ```ts
 * import { Alter, Column, Query, Table, View } from "athanor"
 * const users = Table.make("users", { id: Column.id(), age: Column.integer() })
 * const adults = View.make("adults", Query.from(users).where(users.c.age.gte(18)))
 * Alter.addView(adults)._tag // => "AddView"
 * ```
 * @category constructors
 */
export const addView = (view: View<string, unknown>): Alteration => {
  const by = viewOf(view, "Alter.addView")
  return Object.freeze({ _tag: "AddView", schema: by.schema, table: by.name, by })
}

/**
 * A view that is there becomes the one that is declared: its query is replaced.
 *
 * **Shape** CREATE OR REPLACE VIEW where the server has it and the columns allow it, which keeps
 * what was granted on the view; else it is dropped and made again, with its triggers on SQLite.
 * On PostgreSQL columns may only come behind those there are: others make it anew, which the server
 * refuses while another view reads it.
 * **Errors** `SyntaxOrUndefined` for a view the schema does not have; `StatementError` for a
 * materialized one: its indexes would go with it, so `dropView` and `addView` say so.
 * **Source** PostgreSQL's and MariaDB's CREATE VIEW; SQLAlchemy 2.1 `CreateView(or_replace=True)`.
 *
 * @example
 * ```ts
 * import { Alter, Column, Query, Table, View } from "athanor"
 * const users = Table.make("users", { id: Column.id(), age: Column.integer() })
 * const adults = View.make("adults", Query.from(users).where(users.c.age.gte(21)))
 * Alter.alterView(adults)._tag // => "AlterView"
 * ```
 * @category constructors
 */
export const alterView = (view: View<string, unknown>): Alteration => {
  const by = viewOf(view, "Alter.alterView")
  return by.definition?.kind === "materialized view"
    ? refuse(`Alter.alterView: "${by.name}" is materialized: drop it and add it`)
    : Object.freeze({ _tag: "AlterView", schema: by.schema, table: by.name, by })
}

/**
 * DROP VIEW, or DROP MATERIALIZED VIEW, as it is one or the other.
 *
 * **Errors** when run, `SyntaxOrUndefined` for a view the schema does not have, `StillNeeded` where
 * another view reads it.
 * **Source** SQL:2016 part 2, 11.33 drop view statement; SQLAlchemy 2.1 `DropView`.
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.dropView("adults")._tag // => "DropView"
 * ```
 * @category constructors
 */
export const dropView = (view: TableName): Alteration =>
  Object.freeze({ _tag: "DropView", ...placed(view) })

/**
 * Where a value comes among those of an enum; after them all where nothing is said.
 *
 * @category models
 */
export interface AddValueOptions {
  readonly before?: string
  readonly after?: string
}

/**
 * ALTER TYPE … ADD VALUE: one value more of a named enum.
 *
 * **Shape** it is there for statements once the transaction is committed.
 * **Errors** `StatementError` for both places at once; `SyntaxOrUndefined` for a type the schema
 * does not have; `Unsupported` (`namedTypes`) but on PostgreSQL.
 * **Source** PostgreSQL's ALTER TYPE; SQLAlchemy's Alembic, "ALTER TYPE ADD VALUE".
 *
 * @example
 * ```ts
 * import { Alter } from "athanor"
 * Alter.addValue("mood", "content", { before: "happy" })._tag // => "AddValue"
 * ```
 * @category constructors
 */
export const addValue = (
  type: TableName,
  value: string,
  { after, before }: AddValueOptions = {}
): Alteration => {
  if (after !== undefined && before !== undefined)
    refuse("Alter.addValue: before one value or after another, not both")
  const { schema, table } = placed(type)
  const of = before ?? after
  const side = before === undefined ? "after" : "before"
  return Object.freeze({
    _tag: "AddValue",
    schema,
    type: table,
    value: said(value),
    place: of === undefined ? null : Object.freeze({ side, of })
  })
}
