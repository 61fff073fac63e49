import type { CreateView, DropView, RefreshView } from "../../../algebra/Ddl.ts"
import { statementBinds } from "../../../algebra/statementKey.ts"
import type { Definition, TableSource } from "../../../algebra/Source.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { Writer } from "../../Dialect.ts"
import type { Context } from "../../Program.ts"
import { saidWhole } from "../../saidWhole.ts"
import { sayTable } from "./queries.ts"
import { sayTableKind, sayTableStorage } from "./tableStorage.ts"

/** What a view is made from; the definition of a table of its own rows is none. */
const definitionOf = (table: TableSource): Definition =>
  table.definition ?? refuse(`"${table.name}" is not made from a query`)

const words: Readonly<Record<Definition["kind"], string>> = {
  view: "VIEW",
  "temporary view": "TEMPORARY VIEW",
  "materialized view": "MATERIALIZED VIEW",
  table: "TABLE",
  "temporary table": "TEMPORARY TABLE"
}

/** CREATE VIEW and CREATE TABLE AS: the values of the query stand in it as literals. */
export const sayCreateView = (
  { ifNotExists, replaces, table }: CreateView,
  writer: Writer,
  context: Context
): void => {
  const { kind } = definitionOf(table)
  checkKind(kind, table, writer)
  const isTable = kind === "table" || kind === "temporary table"
  if (ifNotExists && takesNoCondition(kind, writer))
    writer.refuse("viewIfNotExists", `CREATE ${words[kind]} IF NOT EXISTS`)
  writer.put(replaces ? "CREATE OR REPLACE " : "CREATE ")
  if (kind === "table") sayTableKind(table, writer)
  writer.put(`${words[kind]} ${ifNotExists ? "IF NOT EXISTS " : ""}`)
  sayTable(writer, table)
  if (!isTable) sayColumns(table, writer)
  if (isTable) sayTableStorage(table, writer)
  writer.put(" AS")
  writer.line()
  if (!isTable) return sayDefinition(table, writer, context)
  // Not every server takes the names of columns before AS.
  writer.put("WITH q")
  sayColumns(table, writer)
  writer.put(" AS (")
  sayDefinition(table, writer, context)
  writer.put(") SELECT * FROM q")
}

/** The query, whose values are literals. */
export const sayDefinition = (table: TableSource, writer: Writer, context: Context): void => {
  const { kind, query } = definitionOf(table)
  const said = saidWhole(query, { ...context, values: statementBinds(query) }, {})
  if (said.slots.length > 0)
    writer.refuse("parameters", `a query kept as ${words[kind]} with parameters`)
  writer.said(said)
}

const sayColumns = (table: TableSource, writer: Writer): void => {
  writer.put(" (")
  writer.commas(table.columns, ({ name }) => writer.name(name))
  writer.put(")")
}

/** PostgreSQL and MySQL have IF NOT EXISTS for some kinds only. */
const takesNoCondition = (kind: Definition["kind"], { dialect }: Writer): boolean =>
  dialect.name === "postgres"
    ? kind === "view" || kind === "temporary view"
    : dialect.name === "mysql" && kind === "view"

const checkKind = (kind: Definition["kind"], { name }: TableSource, writer: Writer): void => {
  if (kind === "temporary view" && !writer.capabilities.temporaryViews)
    writer.refuse("temporaryViews", `the temporary view ${name}`)
  if (kind === "materialized view" && !writer.capabilities.materializedViews)
    writer.refuse("materializedViews", `the materialized view ${name}`)
}

export const sayDropView = ({ ifExists, table }: DropView, writer: Writer): void => {
  const { kind } = definitionOf(table)
  checkKind(kind, table, writer)
  // Only MySQL knows DROP TEMPORARY, and only of tables: a drop by name finds the temporary first.
  const what =
    kind === "materialized view" ? "MATERIALIZED VIEW" : kind.endsWith("view") ? "VIEW" : "TABLE"
  writer.put(`DROP ${what} ${ifExists ? "IF EXISTS " : ""}`)
  sayTable(writer, table)
}

export const sayRefreshView = ({ concurrently, table }: RefreshView, writer: Writer): void => {
  checkKind(definitionOf(table).kind, table, writer)
  writer.put(`REFRESH MATERIALIZED VIEW ${concurrently ? "CONCURRENTLY " : ""}`)
  sayTable(writer, table)
}
