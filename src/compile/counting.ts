import type { Command } from "../algebra/Command.ts"
import type { Capabilities } from "../algebra/Dialect.ts"
import type { Relation } from "../algebra/Relation.ts"
import type { Counting } from "./Compiled.ts"

/** What a server of these capabilities counts of a statement. */
export const countingOf = (root: Relation | Command, capabilities: Capabilities): Counting => {
  if (root._tag !== "Insert") return "matched"
  if (root.ordered && root.shape !== null) return "ordered"
  if (capabilities.upsert !== "duplicate") return "matched"
  if (root.conflict === null) return "matched"
  const leaves = root.conflict.columns.length === 0 || root.condition !== null
  if (leaves && capabilities.insertReturning) return "written"
  return root.shape === null ? "proposed" : "matched"
}

/** An answer as a driver gives it. */
export interface Answer {
  readonly rows: ReadonlyArray<ReadonlyArray<unknown>>
  readonly affected: number
  /** What the server says beside the number. */
  readonly tag: string
}

const records = /Records: (\d+)/

/**
 * The rows a statement gives and the number of rows it matched, from a server's answer.
 *
 * **Source** MySQL 8.4 manual, INSERT … ON DUPLICATE KEY UPDATE, and 5.4.54 mysql_info(): of one
 * row of VALUES it says nothing.
 */
export const settled = <A extends Answer>(counting: Counting, answer: A): A => {
  switch (counting) {
    case "matched":
      return answer
    case "proposed": {
      const [, proposed] = records.exec(answer.tag) ?? [answer.tag, "1"]
      return { ...answer, affected: Number(proposed) }
    }
    case "ordered": {
      const places = answer.rows.map((row) => ({ row: row.slice(1), at: Number(row[0]) }))
      return { ...answer, rows: places.sort((a, b) => a.at - b.at).map(({ row }) => row) }
    }
    case "written": {
      const rows = answer.rows.filter(([flag]) => Number(flag) === 1).map((row) => row.slice(1))
      return { ...answer, rows, affected: rows.length }
    }
  }
}
