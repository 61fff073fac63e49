import type { Capabilities } from "../../algebra/Dialect.ts"
import { type Counter, heldCounter, type SnapshotCounter } from "../../algebra/schema/counter.ts"
import type { Notes } from "../../algebra/schema/notes.ts"
import type {
  SnapshotColumn,
  SnapshotForeignKey,
  SnapshotTable
} from "../../algebra/schema/Snapshot.ts"

/** What of a table is not said by the source, in words, and of which column. */
export type Say = (column: string | null, message: string) => void

/** A table that is printed: what it is called in TypeScript, and how its columns are. */
export interface Printed {
  readonly table: SnapshotTable
  readonly identifier: string
  readonly keys: ReadonlyMap<string, string>
  /** Its relations as source where it is an entity; null for a table. */
  readonly relations: ReadonlyArray<string> | null
}

/** What a table's text is made of. */
export interface Surroundings {
  readonly capabilities: Capabilities
  /** What is noted of a column; of the table for null. */
  readonly notesOf: (column: string | null) => Notes
  readonly targetOf: (key: SnapshotForeignKey) => Printed | null
  /** Types that are kept by name: what each is called in TypeScript, by its spelling. */
  readonly named: ReadonlyMap<string, string>
  /** Sequences that are printed, by their names. */
  readonly counters: ReadonlySet<string>
  readonly say: Say
}

/** Whether a column is the key that `Column.id` is. */
export const identityIn = (
  table: SnapshotTable,
  column: SnapshotColumn,
  dialect: string
): boolean =>
  (column.identity === "auto" || (dialect === "postgres" && column.identity === "by default")) &&
  column.sql?._tag === "Integer" &&
  (column.counter === null || countedUnlike(column).length === 0) &&
  table.primaryKey?.columns.join("\u0000") === column.name

/** What of an identity column's counter is not as it would be by itself, as options. */
export const countedUnlike = ({ counter, sql }: SnapshotColumn): ReadonlyArray<string> =>
  counter === null
    ? []
    : countedBeside(counter, (said) => heldCounter(said, sql ?? { _tag: "Bigint" }, 1n)).map(
        ([name, value]) => `${name}: ${value}`
      )

/** What of a counter is not as it would be where only the step is said, by its option. */
export const countedBeside = (
  counter: SnapshotCounter,
  held: (said: Counter) => SnapshotCounter
): ReadonlyArray<readonly [option: string, value: string]> => {
  const { increment } = counter
  const step = { start: null, increment, minimum: null, maximum: null, cycle: false, cache: null }
  const usual = held(step)
  const names = ["start", "minimum", "maximum", "cycle", "cache"] as const
  return [
    ...(increment === 1n ? [] : [["increment", `${increment}n`] as const]),
    ...names.flatMap((name) => {
      const value = counter[name]
      if (value === usual[name]) return []
      return [[name, typeof value === "bigint" ? `${value}n` : String(value)] as const]
    })
  ]
}
