import type { ColumnNode, TableSource } from "../../../algebra/Source.ts"
import type { Writer } from "../../Dialect.ts"
import { rowTime } from "../../schema/rowTime.ts"

/** Which end of a row's time in the system a column is, where the server has such columns. */
export const rowTimeOf = (
  { computed }: Pick<ColumnNode, "computed">,
  { dialect }: Writer
): "start" | "end" | null => {
  const said = computed?.expression
  return dialect.name === "mariadb" && said?._tag === "Raw" && said.holes.length === 0
    ? rowTime(said.parts.join(""))
    : null
}

/** The columns of a row's time in the system; null for a table that does not keep it in columns. */
const timesIn = (
  { columns }: TableSource,
  writer: Writer
): readonly [start: ColumnNode, end: ColumnNode] | null => {
  const at = (end: "start" | "end") => columns.find((one) => rowTimeOf(one, writer) === end)
  const [start, end] = [at("start"), at("end")]
  return start === undefined || end === undefined ? null : [start, end]
}

/** The period that MariaDB wants of such columns; nothing else is it made of. */
export const systemPeriod = (table: TableSource, writer: Writer): ReadonlyArray<() => void> => {
  const times = timesIn(table, writer)
  if (times === null) return []
  return [
    () => {
      writer.put("PERIOD FOR SYSTEM_TIME (")
      writer.commas(times, ({ name }) => writer.name(name))
      writer.put(")")
    }
  ]
}

/** A table with such columns keeps the rows there were. */
export const saySystemVersioning = (table: TableSource, writer: Writer): void => {
  if (timesIn(table, writer) !== null) writer.put(" WITH SYSTEM VERSIONING")
}
