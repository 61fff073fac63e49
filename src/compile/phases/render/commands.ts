import type { Writer } from "../../Dialect.ts"
import type { TableSource } from "../../../algebra/Source.ts"
import type { AnyType } from "../../../algebra/Type.ts"
import { levels } from "../../levels.ts"
import type { Context } from "../../Program.ts"
import type {
  Assignment,
  From,
  Item,
  PlacedCommand,
  PlacedConflict,
  PlacedWhen,
  Term
} from "../../Placed.ts"
import { sayConstant } from "./literals.ts"
import {
  clause,
  type Into,
  sayAlias,
  sayFrom,
  sayItem,
  sayQuery,
  sayTable,
  sayTail
} from "./queries.ts"

type Placed<T extends PlacedCommand["_tag"]> = Extract<PlacedCommand, { readonly _tag: T }>

/** INSERT, UPDATE, DELETE or MERGE. */
export const sayCommand = (command: PlacedCommand, writer: Writer, context: Context): void => {
  switch (command._tag) {
    case "Insert":
      sayInsert(command, writer, context)
      break
    case "Update":
      sayUpdate(command, writer, context)
      break
    case "Delete":
      sayDelete(command, writer)
      break
    case "Merge":
      sayMerge(command, writer, context)
  }
  sayReturning(command.returned, writer)
}

/** `name AS (command)`. */
export const sayWritten = (
  writer: Writer,
  name: string,
  command: PlacedCommand,
  context: Context
): void => {
  writer.name(name)
  writer.put(" AS (")
  sayCommand(command, writer, context)
  writer.put(")")
}

/** A value on its way into a column, or what DEFAULT stands for where the keyword is not known. */
const sayCell = (
  term: Term,
  type: AnyType,
  path: string,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  if (term._tag !== "Default" || writer.capabilities.defaultKeyword)
    return writer.term(term, levels.open, { type, path, as: "assigned" })
  // NULL in the key of a table asks SQLite for the next one.
  const made = table.byKey.get(path)?.serverDefault ?? null
  if (made === null) writer.put("NULL")
  else sayConstant(made, table, writer, context)
}

const sayUpdate = (command: Placed<"Update">, writer: Writer, context: Context): void => {
  const { alias, from, row, sets, table } = command
  const joins = writer.capabilities.updateFrom === "join"
  writer.put("UPDATE ")
  sayTable(writer, table)
  sayAlias(writer, alias, table.name)
  if (from !== null && joins) {
    writer.line()
    sayCompany(from, writer)
  }
  writer.line()
  writer.put("SET ")
  saySets(sets, table, writer, context)
  if (row !== null) {
    writer.put(sets.length > 0 ? ", (" : "(")
    writer.commas(row.columns, (name) => writer.name(name))
    writer.put(") = (")
    const keys = row.columns.map((name) => table.columns.find((one) => one.name === name)!.key)
    writer.deeper(() => {
      writer.edge()
      sayQuery(writer, row.query, intoOf(writer, table, keys))
    })
    writer.edge()
    writer.put(")")
  }
  if (from !== null && !joins) {
    writer.line()
    writer.put("FROM ")
    sayFrom(writer, from)
  }
  clause(writer, "WHERE", command.where)
  sayTail(writer, command.order, command.limit, null)
}

/** Tables that are said by their own names. */
const unaliased = (from: From): Map<string, TableSource> => {
  if (from._tag === "JoinFrom") return new Map([...unaliased(from.left), ...unaliased(from.right)])
  return new Map(
    from._tag === "TableFrom" && from.alias === from.source.name ? [[from.alias, from.source]] : []
  )
}

/** Each row of the table with each of what stands beside it. */
const sayCompany = (from: From, writer: Writer): void => {
  writer.put("CROSS JOIN ")
  sayWhole(from, writer)
}

/** A source, or several in parentheses. */
const sayWhole = (from: From, writer: Writer): void => {
  if (from._tag !== "JoinFrom") return sayFrom(writer, from)
  writer.put("(")
  sayFrom(writer, from)
  writer.put(")")
}

const saySets = (
  sets: ReadonlyArray<Assignment>,
  table: TableSource,
  writer: Writer,
  context: Context
): void =>
  writer.commas(sets, (set) => {
    if (set.table !== null) {
      writer.name(set.table)
      writer.put(".")
    }
    writer.name(set.column)
    writer.put(" = ")
    sayCell(set.term, set.type, set.path, table, writer, context)
  })

const sayDelete = (command: Placed<"Delete">, writer: Writer): void => {
  const { alias, also, table, using } = command
  const joins = using !== null && writer.capabilities.deleteUsing === "join"
  writer.put("DELETE ")
  if (joins) {
    const tables = unaliased(using)
    if (alias === null || alias === table.name) tables.set(table.name, table)
    writer.commas([alias ?? table.name, ...also], (name) => {
      // What is not said by another name is looked for in the connection's own schema.
      const source = tables.get(name)
      if (source === undefined) writer.name(name)
      else sayTable(writer, source)
    })
    writer.put(" ")
  }
  writer.put("FROM ")
  sayTable(writer, table)
  sayAlias(writer, alias, table.name)
  if (using !== null) {
    writer.line()
    if (joins) sayCompany(using, writer)
    else {
      writer.put("USING ")
      sayFrom(writer, using)
    }
  }
  clause(writer, "WHERE", command.where)
  sayTail(writer, command.order, command.limit, null)
}

const sayMerge = (command: Placed<"Merge">, writer: Writer, context: Context): void => {
  const { alias, on, table, using, whens } = command
  writer.put("MERGE INTO ")
  sayTable(writer, table)
  sayAlias(writer, alias, table.name)
  writer.line()
  writer.put("USING ")
  sayWhole(using, writer)
  writer.line()
  writer.put("ON ")
  writer.term(on)
  for (const when of whens) {
    writer.line()
    writer.put(`WHEN ${when.match.toUpperCase()}`)
    if (!isTrue(when.where)) {
      writer.put(" AND ")
      writer.term(when.where, levels.and)
    }
    writer.put(" THEN ")
    sayAction(when, table, writer, context)
  }
}

const isTrue = (term: Term): boolean => term._tag === "Constant" && term.node.value === true

const sayAction = (
  { does, sets }: PlacedWhen,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  switch (does) {
    case "nothing":
      return writer.put("DO NOTHING")
    case "delete":
      return writer.put("DELETE")
    case "update":
      writer.put("UPDATE SET ")
      return saySets(sets, table, writer, context)
    case "insert":
      writer.put("INSERT ")
      if (sets.length === 0) return writer.put("DEFAULT VALUES")
      sayNames(
        sets.map(({ column }) => column),
        writer
      )
      writer.put(" VALUES (")
      writer.commas(sets, ({ path, term, type }) =>
        sayCell(term, type, path, table, writer, context)
      )
      writer.put(")")
  }
}

const sayInsert = (command: Placed<"Insert">, writer: Writer, context: Context): void => {
  const { columns, conflict, rows, table } = command
  writer.put("INSERT INTO ")
  sayTable(writer, table)
  if (columns.length > 0) {
    writer.put(" ")
    sayNames(
      columns.map((key) => table.byKey.get(key)!.name),
      writer
    )
    writer.line()
  }
  if (rows !== null) {
    sayQuery(writer, rows, intoOf(writer, table, columns))
    // What follows is no condition of a join.
    if (conflict !== null && writer.dialect.name === "sqlite") writer.put(" WHERE TRUE")
  } else if (columns.length === 0) sayDefaults(command, writer, context)
  else sayRows(command, writer, context)
  if (conflict !== null) sayConflict(conflict, table, writer, context)
}

/** SQLite's columns take integers of any width: what a query gives them is asked for there. */
const intoOf = (writer: Writer, table: TableSource, columns: ReadonlyArray<string>): Into =>
  writer.dialect.name !== "sqlite"
    ? []
    : columns.map((path) => ({ type: table.byKey.get(path)!.type, path, as: "assigned" }))

const sayRows = (command: Placed<"Insert">, writer: Writer, context: Context): void => {
  const { cells, columns, rowCount, table } = command
  const types = columns.map((key) => table.byKey.get(key)!.type)
  const lists = cells.flatMap((list, i) =>
    list._tag === "ListParameter" ? [{ list, path: columns[i]! }] : []
  )
  if (lists.length > 0)
    return writer.dialect.listedRows!(lists, command.returned.length > 0, writer)
  const row = (start: number): void =>
    writer.commas(types, (type, i) =>
      sayCell(cells[start + i]!, type, columns[i]!, table, writer, context)
    )
  writer.put("VALUES ")
  writer.commas(
    Array.from({ length: rowCount }, (_, at) => at * columns.length),
    (start) => {
      writer.put("(")
      row(start)
      writer.put(")")
    }
  )
}

/** Rows of defaults only. */
const sayDefaults = (
  { conflict, rowCount, table }: Placed<"Insert">,
  writer: Writer,
  context: Context
): void => {
  if (writer.capabilities.defaultRow === "empty tuple") {
    return writer.put(` () VALUES ${Array.from({ length: rowCount }, () => "()").join(", ")}`)
  }
  // After DEFAULT VALUES SQLite knows no ON CONFLICT.
  if (rowCount === 1 && (conflict === null || writer.dialect.name !== "sqlite"))
    return writer.put(" DEFAULT VALUES")
  const { key, name, type } = table.columns[0]!
  writer.put(" (")
  writer.name(name)
  writer.put(") VALUES ")
  writer.commas(Array.from({ length: rowCount }), () => {
    writer.put("(")
    sayCell(defaultTerm(type), type, key, table, writer, context)
    writer.put(")")
  })
}

const defaultTerm = (type: AnyType): Term => ({
  _tag: "Default",
  node: { _tag: "Default", column: null, type, key: "default", binds: [], ctes: [] },
  kids: {}
})

const sayConflict = (
  { partial, sets, target, where }: PlacedConflict,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  writer.line()
  if (writer.capabilities.upsert === "duplicate") {
    writer.put("ON DUPLICATE KEY UPDATE ")
    return saySets(sets, table, writer, context)
  }
  writer.put("ON CONFLICT ")
  if (target.length > 0) {
    sayNames(target, writer)
    writer.put(" ")
  }
  if (partial !== null) {
    writer.put("WHERE ")
    sayConstant(partial, table, writer, context)
    writer.put(" ")
  }
  if (sets.length === 0) return writer.put("DO NOTHING")
  writer.put("DO UPDATE SET ")
  saySets(sets, table, writer, context)
  clause(writer, "WHERE", where)
}

const sayNames = (names: ReadonlyArray<string>, writer: Writer): void => {
  writer.put("(")
  writer.commas(names, (name) => writer.name(name))
  writer.put(")")
}

const sayReturning = (returned: ReadonlyArray<Item>, writer: Writer): void => {
  if (returned.length === 0) return
  writer.line()
  writer.put("RETURNING ")
  writer.commas(returned, (item) => sayItem(writer, item))
}
