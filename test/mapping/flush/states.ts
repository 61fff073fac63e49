/** Random consistent states of the library, read from a tape of small numbers: they shrink. */
import fc from "fast-check"
import type { TableSource } from "../../../src/algebra/Source.ts"
import type { ChangeSet } from "../../../src/mapping/ChangeSet.ts"
import { between, diff, type Edit } from "../../../src/mapping/flush/diff.ts"
import { promised, promisedCell, type PromisedRef, type Row } from "../../../src/mapping/RowRef.ts"
import * as KnownRows from "../../../src/mapping/KnownRows.ts"
import { library } from "./library.ts"
import type { World } from "./simulator.ts"

const { authors, books, links, rooms, shelves } = library

export type State = ReadonlyMap<TableSource, ReadonlyArray<Row>>

/** 0 for ever once the tape has run out: less tape, less state. */
const reader = (tape: ReadonlyArray<number>): ((below: number) => number) => {
  let at = 0
  return (below) => (tape[at++] ?? 0) % below
}

type Read = (below: number) => number

const keysIn = (read: Read, max: number): ReadonlyArray<number> => {
  const bits = read(2 ** max)
  return Array.from({ length: max }, (_, i) => i + 1).filter((key) => (bits >> (key - 1)) & 1)
}

/** A value of a small domain that is not taken yet; null where it was. */
const freeValue = (read: Read, taken: Set<number>, below: number): number | null => {
  const value = read(below)
  if (taken.has(value)) return null
  taken.add(value)
  return value
}

const required = (read: Read, taken: Set<number>, below: number): number => {
  let value = read(below)
  while (taken.has(value)) value = (value + 1) % below
  taken.add(value)
  return value
}

const oneOf = (read: Read, keys: ReadonlyArray<number>): number | null => {
  const choice = read(keys.length + 1)
  return choice === 0 ? null : keys[choice - 1]!
}

/** A consistent state: every foreign key finds its row, every unique value is there once. */
export const stateOf = (tape: ReadonlyArray<number>): State => {
  const read = reader(tape)
  const authorIds = keysIn(read, 4)
  const bookIds = keysIn(read, 3)
  const [codes, nicks, places] = [new Set<number>(), new Set<number>(), new Set<number>()]
  const authorRows = authorIds.map((id) => ({
    id,
    code: required(read, codes, 5),
    nick: freeValue(read, nicks, 3),
    age: read(2),
    bossId: oneOf(read, authorIds),
    bestId: oneOf(read, bookIds)
  }))
  const bookRows = bookIds.map((id) => {
    const authorId = oneOf(read, authorIds)
    const place = read(3)
    const isFree = authorId === null || !places.has(authorId * 10 + place)
    if (authorId !== null) places.add(authorId * 10 + place)
    return { id, title: read(2), place: isFree && place > 0 ? place : null, authorId }
  })
  const roomKeys = authorIds.length === 0 ? [] : keysIn(read, 3)
  const roomRows = roomKeys.map((key) => ({
    house: 1 + (key >> 1),
    floor: key & 1,
    size: read(2),
    ownerId: authorIds[read(authorIds.length)]!
  }))
  const labels = new Set<number>()
  const shelfRows = keysIn(read, 2).map((id) => {
    const room = read(roomRows.length + 1)
    const at = room === 0 ? { house: null, floor: null } : roomRows[room - 1]!
    return { id, house: at.house, floor: at.floor, label: required(read, labels, 3) }
  })
  const linkRows = authorIds.flatMap((authorId) =>
    bookIds.filter(() => read(3) === 1).map((bookId) => ({ authorId, bookId }))
  )
  return new Map<TableSource, ReadonlyArray<Row>>([
    [authors, authorRows],
    [books, bookRows],
    [rooms, roomRows],
    [shelves, shelfRows],
    [links, linkRows]
  ])
}

/** Columns that hold the key of an author or a book, by table. */
const keyColumns: ReadonlyArray<readonly [TableSource, string, TableSource]> = [
  [authors, "id", authors],
  [authors, "bossId", authors],
  [authors, "bestId", books],
  [books, "id", books],
  [books, "authorId", authors],
  [rooms, "ownerId", authors],
  [links, "authorId", authors],
  [links, "bookId", books]
]

/** Rewrites every author's and book's key, wherever it stands. */
export const rekey = (state: State, to: (table: TableSource, key: number) => unknown): State =>
  new Map(
    [...state].map(([table, rows]) => {
      const columns = keyColumns.filter(([one]) => one === table)
      return [
        table,
        rows.map((row) => {
          const now: Record<string, unknown> = { ...row }
          for (const [, column, target] of columns) {
            const key = row[column]
            if (key !== null) now[column] = to(target, key as number)
          }
          return now
        })
      ]
    })
  )

export const knownOf = (state: State): KnownRows.KnownRows =>
  KnownRows.make([...state].flatMap(([table, rows]) => rows.map((row) => ({ table, row }))))

export interface Pair {
  readonly from: State
  readonly to: State
  readonly before: KnownRows.KnownRows
  readonly edits: ReadonlyArray<Edit>
  readonly changes: ChangeSet
  /** Which new rows get their key from the server. */
  readonly promises: ReadonlyMap<string, PromisedRef>
}

const idOf = (table: TableSource, key: unknown): string => `${table.id}:${String(key)}`

/** Edits that make a new author or book under a promised key, and everything that refers to it. */
const promiseEdits = (
  edits: ReadonlyArray<Edit>,
  promises: ReadonlyMap<string, PromisedRef>
): ReadonlyArray<Edit> => {
  const promise = (table: TableSource, row: Row): Row => {
    const now: Record<string, unknown> = { ...row }
    for (const [owner, column, target] of keyColumns) {
      const ref = owner === table ? promises.get(idOf(target, row[column])) : undefined
      if (ref !== undefined) now[column] = promisedCell(ref, "id")
    }
    return now
  }
  return edits.map((edit): Edit => {
    if (edit._tag === "Remove") return edit
    const { table } = edit.ref
    if (edit._tag === "Patch") return { ...edit, values: promise(table, edit.values) }
    const ref = promises.get(edit.ref.id)
    const row = promise(table, edit.row)
    if (ref !== undefined) return { _tag: "Put", ref, row: withoutId(row) }
    // A link to a promised row has a promised key itself: its ref is a promise, too.
    const isOpen = table.primaryKey.some((key) => typeof row[key] === "object")
    const own = promised(table, 100 + edits.indexOf(edit))
    return isOpen ? { _tag: "Put", ref: own, row } : { ...edit, row }
  })
}

const withoutId = ({ id: _, ...rest }: Row): Row => rest

/** The changes between two states; `choices` says which new rows wait for their key. */
export const pairBetween = (from: State, to: State, choices: number): Pair => {
  const before = knownOf(from)
  const now = knownOf(to)
  const promises = new Map<string, PromisedRef>()
  let choice = choices
  for (const [id, { ref }] of now) {
    const isServers = ref.table === authors || ref.table === books
    if (!isServers || before.has(id)) continue
    if (choice & 1) promises.set(id, promised(ref.table, promises.size + 1))
    choice >>= 1
  }
  const edits = promiseEdits(between(before, now), promises)
  return { from, to, before, edits, changes: diff(before, edits), promises }
}

const tape = fc.array(fc.nat(255), { minLength: 0, maxLength: 60, size: "max" })

/** Pairs of consistent states that have nothing to do with each other. */
export const pairs: fc.Arbitrary<Pair> = fc
  .tuple(tape, tape, fc.nat(127))
  .map(([from, to, choices]) => pairBetween(stateOf(from), stateOf(to), choices))

/** A random consistent state. */
export const states: fc.Arbitrary<State> = tape.map(stateOf)

export const worldOf = (state: State): World => ({ rows: state, nextKey: 1_000 })

/** A state as text, rows in any order. */
export const textOf = (state: State): string =>
  [...state]
    .map(([table, rows]) => {
      const keys = table.columns.map(({ key }) => key)
      const texts = rows.map((row) => keys.map((key) => String(row[key])).join()).toSorted()
      return `${table.name}: ${texts.join(" | ")}`
    })
    .join("\n")

const columnsOf = (table: TableSource) => table.columns.map(({ key }) => key)

/** A state written out by hand, a list of rows a table, cells in the order of its columns. */
export const state = (
  rows: Partial<Record<keyof typeof library, ReadonlyArray<ReadonlyArray<number | null>>>>
): State =>
  new Map(
    Object.entries(library).map(([name, table]) => [
      table,
      (rows[name as keyof typeof library] ?? []).map((cells) =>
        Object.fromEntries(columnsOf(table).map((key, index) => [key, cells[index] ?? null]))
      )
    ])
  )

/** The changed state with the keys the server made, as text. */
export const expectedText = (pair: Pair, resolved: ReadonlyMap<string, Row>): string =>
  textOf(
    rekey(pair.to, (table, key) => {
      const ref = pair.promises.get(idOf(table, key))
      return ref === undefined ? key : resolved.get(ref.id)?.["id"]
    })
  )

/** What is believed of the database, as text. */
export const knownText = (known: KnownRows.KnownRows): string =>
  textOf(
    new Map(
      Object.values(library).map((table) => [
        table,
        [...known.values()].flatMap(({ ref, row }) => (ref.table === table ? [row] : []))
      ])
    )
  )
