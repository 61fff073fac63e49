import type { Person, Reading } from "../rows.ts"
import type { Script } from "./Hand.ts"

export type PersonWithDate = Omit<Person, "createdAt"> & { readonly createdAt: Date }

/** What is written in one call. */
export interface Note {
  readonly authorId: number
  readonly title: string
  readonly body: string
  readonly views: number
}

/** Written on every server alike. */
const columns = "id, sensor, place, remark, level, amount, active, taken_at"
export const selectPeople =
  "select id, account, name, email, active, created_at from people order by id"
export const selectPairs = "select a.id, b.place from readings a cross join readings b"
export const selectReadings = `select ${columns} from readings order by id`

type Now<A> = A | Promise<A>

/**
 * A raw driver used by hand as its makers advise: prepared once, exact values, no layer between.
 *
 * **Shape** each method does `count` calls one after another, as our side's fiber does, and gives
 * back what the last call gave.
 */
export interface Raw {
  readonly version: string
  readonly people: (next: () => number, count: number) => Now<Person>
  readonly peopleWithDate: (next: () => number, count: number) => Now<PersonWithDate>
  /** The whole table. */
  readonly readings: () => Now<ReadonlyArray<Reading>>
  /** Each in its own transaction; gives the last key. */
  readonly insert: (note: (at: number) => Note, count: number) => Now<number>
  /** All in one transaction. */
  readonly update: (note: (at: number) => Note, count: number) => Now<void>
  /** All in one transaction, in the way its makers or its server's advise for many. */
  readonly insertMany: (notes: ReadonlyArray<Note>) => Now<void>
  /** Every pair of readings through the driver's own cursor: the sum of the left ones' keys. */
  readonly pairs: () => Now<number>
  /** All people, in the order of their keys. */
  readonly everybody: () => Now<ReadonlyArray<Person>>
  /** A program by hand on one connection. */
  readonly hand: <A>(script: Script<A>) => Now<A>
  readonly script: (text: string) => Now<void>
  readonly close: () => Now<void>
}
