import Table from "cli-table3"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

type Cell = string | number | boolean | null

const noFrame = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"].flatMap((side) =>
    [
      side,
      `${side}-mid`,
      `${side}-left`,
      `${side}-right`,
      `left-${side}`,
      `${side}-mid`,
      `right-${side}`
    ].map((part) => [part, ""])
  )
)

const isNumeric = (rows: ReadonlyArray<Readonly<Record<string, Cell>>>, key: string): boolean =>
  rows.every((row) => typeof row[key] === "number")

/** Rows as an aligned table without frames; numbers stand at the right. */
const format = (rows: ReadonlyArray<Readonly<Record<string, Cell>>>): string => {
  if (rows.length === 0) return "  (no rows)"
  const keys = Object.keys(rows[0]!)
  const table = new Table({
    head: keys,
    chars: { ...noFrame, middle: "  " },
    colAligns: keys.map((key) => (isNumeric(rows, key) ? "right" : "left")),
    style: {
      head: process.stdout.isTTY ? ["bold"] : [],
      border: [],
      "padding-left": 0,
      "padding-right": 0,
      compact: true
    }
  })
  for (const row of rows)
    table.push(keys.map((key) => (row[key] === null ? "-" : String(row[key]))))
  return table
    .toString()
    .split("\n")
    .map((text) => `  ${text.trimEnd()}`)
    .join("\n")
}

/** A heading of the report. */
export const heading = (text: string) => Console.log(`\n${text}`)

/** One line of the report. */
export const say = (text: string) => Console.log(`  ${text}`)

/** Rows of the report. */
export const show = (rows: ReadonlyArray<Readonly<Record<string, Cell>>>) =>
  Effect.suspend(() => Console.log(format(rows)))

/** Text broken at spaces into lines of at most `width` columns. */
export const folded = (text: string, width: number): ReadonlyArray<string> =>
  text.match(new RegExp(`.{1,${width}}(?: |$)|\\S+`, "g"))?.map((line) => line.trimEnd()) ?? [text]
