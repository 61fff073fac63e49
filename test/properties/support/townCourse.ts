import * as Effect from "effect/Effect"
import { loose } from "./looseSession.ts"
import { Differs, type Work } from "./sessionPrograms.ts"
import {
  entityOf,
  keyIn,
  keyText,
  type Kind,
  type KindName,
  kinds,
  kindOf,
  type Parent,
  rowsOf
} from "./townKinds.ts"
import { type Cell, type Cells, drop, type Model, change, tables, tuple } from "./townModel.ts"
import type { How } from "./townSteps.ts"

/** What the maps say of changes: a wrong twin says it in another way. */
export interface Rules {
  readonly drop: typeof drop
  readonly change: typeof change
}
export const upright: Rules = { drop, change }

export const differs = (says: string) => Effect.fail(new Differs(says))

/** What goes on beside the maps: values at hand, and unique values that changed hands. */
export interface Course {
  readonly rules: Rules
  values: Map<string, object>
  past: Map<string, Set<string>>
}

/** Where values that may not be NULL are taken from each other, servers have no order of writes. */
const fixed = [
  ["houses", "code"],
  ["flats", "houseCode", "no"]
] as const

export const remember = (course: Course, before: Model, after: Model): void => {
  for (const [table, ...columns] of fixed)
    for (const [key, row] of before[table]) {
      const now = after[table].get(key)
      if (now === undefined || tuple(now, columns) === tuple(row, columns)) continue
      const text = `${table} ${tuple(row, columns)}`
      course.past.set(text, (course.past.get(text) ?? new Set()).add(key))
    }
}

/** Does a row take what another gave up since the last flush? */
export const exchanges = ({ past }: Course, after: Model): boolean =>
  fixed.some(([table, ...columns]) =>
    [...after[table]].some(([key, row]) =>
      [...(past.get(`${table} ${tuple(row, columns)}`) ?? [])].some(
        (other) => other !== key && after[table].has(other)
      )
    )
  )

export const flush = (course: Course): Work<void> =>
  Effect.map(loose.flush, () => {
    course.past = new Map()
  })

export const typed = new Set([
  "UniqueViolation",
  "ForeignKeyViolation",
  "NotNullViolation",
  "StaleRow",
  "NotFound",
  "Unbreakable"
])

/** Does what the maps say: or is refused where they refuse, and nothing is changed. */
export const attempt = (
  course: Course,
  before: Model,
  after: Model | null,
  effect: Work<unknown>
): Work<Model> =>
  Effect.gen(function* () {
    if (after !== null) {
      if (exchanges(course, after)) yield* flush(course)
      yield* effect
      remember(course, before, after)
      return after
    }
    const found = yield* Effect.result(loose.nested(effect))
    course.past = new Map()
    if (found._tag === "Success") return yield* differs("what breaks a rule was written")
    const { _tag: tag } = found.failure as { readonly _tag: string }
    return typed.has(tag) ? before : yield* Effect.fail(found.failure)
  })

export const sorted = (rows: ReadonlyArray<Cells>, name: KindName): ReadonlyArray<Cells> =>
  rows.toSorted((a, b) => (keyText(name, a) < keyText(name, b) ? -1 : 1))

export const mayLack = (kind: Kind, { columns }: Parent): boolean =>
  !columns.some((column) => tables[kind.table].key.includes(column)) &&
  !["Flat", "Guest"].some((one) => kinds[one as KindName] === kind)

/** The row a parent is drawn to be: null for none, undefined for one that is not there. */
export const parentRow = (
  model: Model,
  kind: Kind,
  parent: Parent,
  n: number
): Cells | null | undefined => {
  if (n === 0 && mayLack(kind, parent)) return null
  const rows = rowsOf(model, parent.kind).toSorted((a, b) =>
    JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
  )
  return rows.length === 0 ? undefined : rows[n % rows.length]
}

/** The columns of a parent that is drawn. */
export const heldCells = ({ columns, toColumns }: Parent, row: Cells | null | undefined): Cells =>
  Object.fromEntries(
    columns.map((column, at): [string, Cell] => [
      column,
      row === null
        ? null
        : row === undefined
          ? /code/i.test(column)
            ? "z"
            : 9
          : row[toColumns[at]!]!
    ])
  )

/** The same as `make` and patches take it. */
export const given = (
  course: Course,
  parent: Parent,
  row: Cells | null | undefined,
  how: How
): Work<Readonly<Record<string, unknown>>> =>
  Effect.gen(function* () {
    const cells = heldCells(parent, row)
    const isByKey = !parent.toColumns.some((column) => /code/i.test(column))
    if (how === "columns" || (row === undefined && !isByKey)) return cells
    if (row === null) return { [parent.name]: null }
    const entity = entityOf(parent.kind)
    if (how === "ref" && isByKey) {
      const key =
        row === undefined ? keyIn(parent.kind, refCells(parent, cells)) : keyIn(parent.kind, row)
      return { [parent.name]: entity.ref(key) }
    }
    if (row === undefined) return cells
    const name = kindOf(parent.kind, row)
    const old = how === "old" ? course.values.get(`${name} ${keyText(name, row)}`) : undefined
    return { [parent.name]: old ?? (yield* loose.get(entity, keyIn(parent.kind, row))) }
  })

export const refCells = ({ columns, toColumns }: Parent, cells: Cells): Cells =>
  Object.fromEntries(toColumns.map((column, at) => [column, cells[columns[at]!]!]))

export const parentsOf = (
  model: Model,
  kind: Kind,
  drawn: ReadonlyArray<number>,
  isChosen: (at: number) => boolean = () => true
) =>
  kind.parents.flatMap((parent, at) =>
    isChosen(at) ? [[parent, parentRow(model, kind, parent, drawn[at]!)] as const] : []
  )

export const allGiven = (
  course: Course,
  parents: ReturnType<typeof parentsOf>,
  how: How
): Work<Readonly<Record<string, unknown>>> =>
  Effect.map(
    Effect.forEach(parents, ([parent, row]) => given(course, parent, row, how)),
    (all) => Object.assign({}, ...(all as ReadonlyArray<object>)) as Record<string, unknown>
  )

export const keyCells = ({ table }: Kind, at: number): Cells =>
  table === "rooms" ? { no: at } : table === "shifts" ? {} : { id: at }

/** The row of a kind that is at a place, if one is. */
export const rowAt = (model: Model, name: KindName, at: number): Cells | undefined => {
  const rows = sorted(rowsOf(model, name), name)
  return rows[at % Math.max(rows.length, 1)]
}

export const merged = (...all: ReadonlyArray<Cells>): Cells => Object.assign({}, ...all) as Cells

/** A row at hand: read, or by its key, or as it was once. */
export const atHand = (course: Course, name: KindName, row: Cells, via: string): Work<object> => {
  const { entity } = kinds[name]
  const key = keyIn(name, row)
  if (via === "ref") return Effect.sync(() => entity.ref(key))
  const old = course.values.get(`${name} ${keyText(name, row)}`)
  return via === "old" && old !== undefined ? Effect.succeed(old) : loose.get(entity, key)
}

export const same = (what: string, now: unknown, meant: unknown): Work<void> => {
  const [a, b] = [JSON.stringify(now), JSON.stringify(meant)]
  return a === b ? Effect.void : differs(`${what} is\n${a}\nand not\n${b}`)
}

export const keep = (course: Course, name: KindName, value: object): void => {
  course.values.set(`${name} ${keyText(name, value as Cells)}`, value)
}
