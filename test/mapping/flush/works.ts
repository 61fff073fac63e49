/**
 * A joined family for the laws: works are books or films. A film may follow a book, a book may name
 * its best film, any work may have one above it: all of them under one key.
 */
import fc from "fast-check"
import type { TableSource } from "../../../src/algebra/Source.ts"
import * as ConstraintModel from "../../../src/mapping/ConstraintModel.ts"
import type { Edit } from "../../../src/mapping/flush/diff.ts"
import {
  known,
  promised,
  promisedCell,
  type Row,
  type RowRef
} from "../../../src/mapping/RowRef.ts"
import type { State } from "./states.ts"
import { id, nullable, table } from "./tables.ts"

const works: TableSource = table("works", {
  columns: { id, kind: {}, seat: nullable, upId: nullable, edits: { version: "counter" } },
  foreignKeys: [{ columns: ["upId"], target: () => works }],
  uniques: [["seat"]]
})
const rest = { columns: ["id"], target: () => works, onDelete: "cascade" } as const
const books: TableSource = table("books", {
  columns: { id: {}, size: {}, mark: nullable, otherId: nullable },
  foreignKeys: [rest, { columns: ["otherId"], target: () => films }],
  uniques: [["mark"]]
})
const films: TableSource = table("films", {
  columns: { id: {}, size: {}, mark: nullable, otherId: nullable },
  foreignKeys: [rest, { columns: ["otherId"], target: () => books }]
})
export const family = { works, books, films }
const tables = [works, books, films]

/** The rest of a book and of a film, as their classes say it. */
export const familyModel = ConstraintModel.make(
  tables,
  [books, films].map((child, at) => ({
    child,
    columns: ["id"],
    children: "database",
    rest: { by: "kind", is: at + 1 }
  }))
)

/** Any child that goes with its parent. */
export const childrenModel = ConstraintModel.make(tables)

/** One value of the family: what it holds in both of its tables. */
interface Work {
  readonly kind: number
  readonly seat: number | null
  readonly upId: number | null
  readonly size: number
  readonly mark: number | null
  readonly otherId: number | null
}
export type Works = ReadonlyMap<number, Work>

const small = fc.nat(3)
const drawn = fc.option(
  fc.record({
    kind: fc.nat(1),
    seat: small,
    upId: small,
    size: fc.nat(1),
    mark: small,
    otherId: small
  }),
  { freq: 3 }
)

const distinct = (taken: Set<number>, value: number): number | null => {
  if (value === 0 || taken.has(value)) return null
  taken.add(value)
  return value
}

/** What refers to nothing there, or takes what is taken, is null. */
export const someWorks = fc.array(drawn, { minLength: 4, maxLength: 4 }).map((all): Works => {
  const [seats, marks] = [new Set<number>(), new Set<number>()]
  const kinds = new Map(all.flatMap((one, at) => (one === null ? [] : [[at + 1, one.kind + 1]])))
  return new Map(
    all.flatMap((one, at) => {
      if (one === null) return []
      const kind = one.kind + 1
      const other = one.otherId + 1
      const work: Work = {
        kind,
        seat: distinct(seats, one.seat),
        upId: kinds.has(one.upId + 1) && one.upId !== at ? one.upId + 1 : null,
        size: one.size,
        mark: kind === 1 ? distinct(marks, one.mark) : one.mark,
        otherId: kinds.get(other) === 3 - kind ? other : null
      }
      return [[at + 1, work] as const]
    })
  )
})

export const restOf = (kind: number): TableSource => (kind === 1 ? books : films)

const partsOf = ({ kind, mark, otherId, seat, size, upId }: Work) => ({
  whole: { kind, seat, upId },
  rest: { size, mark, otherId }
})

/** The rows of all values, each as often changed as is said. */
export const rowsOf = (all: Works, edits: (id: number) => number): State => {
  const state = new Map<TableSource, Array<Row>>(tables.map((one) => [one, []]))
  for (const [key, work] of all) {
    const { rest: own, whole } = partsOf(work)
    state.get(works)!.push({ id: key, ...whole, edits: edits(key) })
    state.get(restOf(work.kind))!.push({ id: key, ...own })
  }
  return state
}

/** What leads from some values to others; `choices` say whose key is promised, who goes unread. */
export const editsBetween = (from: Works, to: Works, choices: number) => {
  const isChosen = (key: number): boolean => ((choices >> key) & 1) === 1
  const promises = new Map(
    [...to.keys()].flatMap((key) =>
      from.has(key) || !isChosen(key) ? [] : [[key, promised(works, key)] as const]
    )
  )
  const cell = (key: number | null): unknown => {
    const ref = key === null ? undefined : promises.get(key)
    return ref === undefined ? key : promisedCell(ref, "id")
  }
  const refs = (key: number, kind: number): readonly [RowRef, RowRef] =>
    promises.has(key)
      ? [promises.get(key)!, promised(restOf(kind), key)]
      : [known(works, [key]), known(restOf(kind), [key])]
  const edits: Array<Edit> = []
  for (const [key, { kind }] of from) {
    const now = to.get(key)
    if (now?.kind === kind) continue
    const [whole, own] = refs(key, kind)
    edits.push({ _tag: "Remove", ref: whole })
    // By its key alone: nobody knows its kind.
    if (now !== undefined || !isChosen(key)) edits.push({ _tag: "Remove", ref: own })
  }
  for (const [key, work] of to) {
    const { rest: own, whole } = partsOf(work)
    const first = { ...whole, upId: cell(whole.upId) }
    const second = { ...own, otherId: cell(own.otherId) }
    const [wholeRef, ownRef] = refs(key, work.kind)
    if (from.get(key)?.kind === work.kind) {
      edits.push({ _tag: "Patch", ref: wholeRef, values: first })
      edits.push({ _tag: "Patch", ref: ownRef, values: second })
      continue
    }
    const given = promises.has(key) ? {} : { id: key }
    edits.push({ _tag: "Put", ref: wholeRef, row: { ...given, ...first } })
    edits.push({ _tag: "Put", ref: ownRef, row: { id: cell(key), ...second } })
  }
  return { edits, promises }
}

/** The same values under the keys they got. */
export const renamed = (all: Works, name: (key: number) => number): Works => {
  const cell = (key: number | null): number | null => (key === null ? null : name(key))
  return new Map(
    [...all].map(([key, work]) => [
      name(key),
      { ...work, upId: cell(work.upId), otherId: cell(work.otherId) }
    ])
  )
}
