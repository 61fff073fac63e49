import type { Expect, Writer } from "../../Dialect.ts"
import { levels } from "../../levels.ts"
import type { Item, PlacedCommand } from "../../Placed.ts"
import { clause, sayAlias, sayItem, sayTable } from "./queries.ts"

/** INSERT, UPDATE or DELETE. */
export const sayCommand = (command: PlacedCommand, writer: Writer): void => {
  switch (command._tag) {
    case "Insert":
      return sayInsert(command, writer)
    case "Update":
      writer.put("UPDATE ")
      sayTable(writer, command.table)
      sayAlias(writer, command.alias, command.table.name)
      writer.line()
      writer.put("SET ")
      writer.commas(command.sets, ({ column, path, term, type }) => {
        writer.name(column)
        writer.put(" = ")
        writer.term(term, levels.open, { type, path, assigned: true })
      })
      break
    case "Delete":
      writer.put("DELETE FROM ")
      sayTable(writer, command.table)
      sayAlias(writer, command.alias, command.table.name)
  }
  clause(writer, "WHERE", command.where)
  sayReturning(command.returned, writer)
}

type Insert = Extract<PlacedCommand, { readonly _tag: "Insert" }>

const sayInsert = ({ cells, node, returned }: Insert, writer: Writer): void => {
  const { columns, rowCount, table } = node
  writer.put("INSERT INTO ")
  sayTable(writer, table)
  if (columns.length === 0) sayDefaults(node, writer)
  else {
    const expects = columns.map((key): Expect => ({
      type: table.byKey.get(key)!.type,
      path: key,
      assigned: true
    }))
    writer.put(" (")
    writer.commas(columns, (key) => writer.name(table.byKey.get(key)!.name))
    writer.put(")")
    writer.line()
    writer.put("VALUES ")
    writer.commas(
      Array.from({ length: rowCount }, (_, row) => row * columns.length),
      (start) => {
        writer.put("(")
        writer.commas(expects, (expect, i) => writer.term(cells[start + i]!, levels.open, expect))
        writer.put(")")
      }
    )
  }
  sayReturning(returned, writer)
}

/** Rows of defaults only. */
const sayDefaults = ({ rowCount, table }: Insert["node"], writer: Writer): void => {
  if (writer.capabilities.defaultRow === "empty tuple") {
    writer.put(` () VALUES ${Array.from({ length: rowCount }, () => "()").join(", ")}`)
  } else if (rowCount === 1) writer.put(" DEFAULT VALUES")
  else {
    writer.put(" (")
    writer.name(table.columns[0]!.name)
    writer.put(`) VALUES ${Array.from({ length: rowCount }, () => "(DEFAULT)").join(", ")}`)
  }
}

const sayReturning = (returned: ReadonlyArray<Item>, writer: Writer): void => {
  if (returned.length === 0) return
  writer.line()
  writer.put("RETURNING ")
  writer.commas(returned, (item) => sayItem(writer, item))
}
