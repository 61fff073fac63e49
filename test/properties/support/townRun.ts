import { Database, Query, type Session } from "athanor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { loose } from "./looseSession.ts"
import {
  entityOf,
  keyIn,
  keyText,
  type Kind,
  type KindName,
  kindNames,
  kinds,
  kindOf,
  membersOf,
  type Parent,
  relationOf,
  rowsOf,
  seen,
  type Tree,
  wanted
} from "./townKinds.ts"
import {
  type Cell,
  type Cells,
  checked,
  drop,
  keyOf,
  type Model,
  change,
  put,
  tables,
  tuple
} from "./townModel.ts"
import type { How, Step } from "./townSteps.ts"

/** What the maps say of changes: a wrong twin says it in another way. */
export interface Rules {
  readonly drop: typeof drop
  readonly change: typeof change
}
export const upright: Rules = { drop, change }

class Taken {
  readonly _tag = "Taken"
}
export class Differs extends Error {
  readonly _tag = "Differs"
}
const differs = (says: string) => Effect.fail(new Differs(says))

type Work<A> = Effect.Effect<A, unknown, Session | Database>

/** What goes on beside the maps: values at hand, and unique values that changed hands. */
interface Course {
  readonly rules: Rules
  values: Map<string, object>
  past: Map<string, Set<string>>
}

/** Where values that may not be NULL are taken from each other, servers have no order of writes. */
const fixed = [
  ["houses", "code"],
  ["flats", "houseCode", "no"]
] as const

const remember = (course: Course, before: Model, after: Model): void => {
  for (const [table, ...columns] of fixed)
    for (const [key, row] of before[table]) {
      const now = after[table].get(key)
      if (now === undefined || tuple(now, columns) === tuple(row, columns)) continue
      const text = `${table} ${tuple(row, columns)}`
      course.past.set(text, (course.past.get(text) ?? new Set()).add(key))
    }
}

/** Does a row take what another gave up since the last flush? */
const exchanges = ({ past }: Course, after: Model): boolean =>
  fixed.some(([table, ...columns]) =>
    [...after[table]].some(([key, row]) =>
      [...(past.get(`${table} ${tuple(row, columns)}`) ?? [])].some(
        (other) => other !== key && after[table].has(other)
      )
    )
  )

const flush = (course: Course): Work<void> =>
  Effect.map(loose.flush, () => {
    course.past = new Map()
  })

const typed = new Set([
  "UniqueViolation",
  "ForeignKeyViolation",
  "NotNullViolation",
  "StaleRow",
  "NotFound",
  "Unbreakable"
])

/** Does what the maps say: or is refused where they refuse, and nothing is changed. */
const attempt = (
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

const sorted = (rows: ReadonlyArray<Cells>, name: KindName): ReadonlyArray<Cells> =>
  rows.toSorted((a, b) => (keyText(name, a) < keyText(name, b) ? -1 : 1))

const mayLack = (kind: Kind, { columns }: Parent): boolean =>
  !columns.some((column) => tables[kind.table].key.includes(column)) &&
  !["Flat", "Guest"].some((one) => kinds[one as KindName] === kind)

/** The row a parent is drawn to be: null for none, undefined for one that is not there. */
const parentRow = (
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
const heldCells = ({ columns, toColumns }: Parent, row: Cells | null | undefined): Cells =>
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
const given = (
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
    return { [parent.name]: yield* loose.get(entity, keyIn(parent.kind, row)) }
  })

const refCells = ({ columns, toColumns }: Parent, cells: Cells): Cells =>
  Object.fromEntries(toColumns.map((column, at) => [column, cells[columns[at]!]!]))

const parentsOf = (
  model: Model,
  kind: Kind,
  drawn: ReadonlyArray<number>,
  isChosen: (at: number) => boolean = () => true
) =>
  kind.parents.flatMap((parent, at) =>
    isChosen(at) ? [[parent, parentRow(model, kind, parent, drawn[at]!)] as const] : []
  )

const allGiven = (
  parents: ReturnType<typeof parentsOf>,
  how: How
): Work<Readonly<Record<string, unknown>>> =>
  Effect.map(
    Effect.forEach(parents, ([parent, row]) => given(parent, row, how)),
    (all) => Object.assign({}, ...(all as ReadonlyArray<object>)) as Record<string, unknown>
  )

const keyCells = ({ table }: Kind, at: number): Cells =>
  table === "rooms" ? { no: at } : table === "shifts" ? {} : { id: at }

/** The row of a kind that is at a place, if one is. */
const rowAt = (model: Model, name: KindName, at: number): Cells | undefined => {
  const rows = sorted(rowsOf(model, name), name)
  return rows[at % Math.max(rows.length, 1)]
}

const merged = (...all: ReadonlyArray<Cells>): Cells => Object.assign({}, ...all) as Cells

const added = (
  one: Extract<Step, { readonly _tag: "Add" }>,
  model: Model,
  course: Course
): Work<Model> =>
  Effect.gen(function* () {
    const kind = kinds[one.kind]
    const parents = parentsOf(model, kind, one.parents)
    const own = merged(keyCells(kind, one.at), kind.own(one.p))
    const row = merged(
      own,
      kind.tag === undefined ? {} : { kind: kind.tag },
      kind.rest ?? {},
      ...parents.map(([parent, of]) => heldCells(parent, of))
    )
    const next = put(model, kind.table, row)
    const work = Effect.gen(function* () {
      const beside = yield* allGiven(parents, one.how)
      yield* loose.add(kind.entity.make({ ...own, ...beside }))
    })
    return yield* attempt(course, model, next === null ? null : checked(next), work)
  })

/** A row at hand: read, or by its key, or as it was once. */
const atHand = (course: Course, name: KindName, row: Cells, via: string): Work<object> => {
  const { entity } = kinds[name]
  const key = keyIn(name, row)
  if (via === "ref") return Effect.sync(() => entity.ref(key))
  const old = course.values.get(`${name} ${keyText(name, row)}`)
  return via === "old" && old !== undefined ? Effect.succeed(old) : loose.get(entity, key)
}

const changed = (
  one: Extract<Step, { readonly _tag: "Change" }>,
  model: Model,
  course: Course
): Work<Model> =>
  Effect.gen(function* () {
    const kind = kinds[one.kind]
    const row = rowAt(model, one.kind, one.at)
    if (row === undefined) return model
    const { key } = tables[kind.table]
    const isFree = (at: number) =>
      !kind.parents[at]!.columns.some((column) => key.includes(column)) &&
      (one.mask & (16 << at)) !== 0
    const parents = parentsOf(model, kind, one.parents, isFree)
    const own = Object.fromEntries(
      Object.entries(kind.own(one.p)).filter((_, at) => (one.mask & (1 << at)) !== 0)
    )
    const values = merged(own, ...parents.map(([parent, of]) => heldCells(parent, of)))
    const { isGone, model: after } = course.rules.change(
      model,
      kind.table,
      keyText(one.kind, row),
      values
    )
    const next = after === null ? null : checked(after)
    const work = Effect.gen(function* () {
      const beside = yield* allGiven(parents, one.how)
      const value = yield* atHand(course, one.kind, row, one.via)
      const all = { ...own, ...beside }
      yield* one.via === "modify" ? loose.modify(value, () => all) : loose.update(value, all)
      // Until it is flushed, another parent may take it in.
      if (isGone) yield* flush(course)
    })
    return yield* attempt(course, model, next, work)
  })

const dropped = (
  one: Extract<Step, { readonly _tag: "Drop" }>,
  model: Model,
  course: Course
): Work<Model> =>
  Effect.gen(function* () {
    const kind = kinds[one.kind]
    const row = rowAt(model, one.kind, one.at)
    if (row === undefined) return model
    const next = course.rules.drop(model, kind.table, keyText(one.kind, row))
    const work = Effect.flatMap(atHand(course, one.kind, row, one.via), (value) =>
      loose.delete(value)
    )
    return yield* attempt(course, model, next, work)
  })

const same = (what: string, now: unknown, meant: unknown): Work<void> => {
  const [a, b] = [JSON.stringify(now), JSON.stringify(meant)]
  return a === b ? Effect.void : differs(`${what} is\n${a}\nand not\n${b}`)
}

const found = (
  one: Extract<Step, { readonly _tag: "Find" }>,
  model: Model,
  course: Course
): Work<Model> =>
  Effect.gen(function* () {
    const kind = kinds[one.kind]
    const root =
      one.kind === "Manager" || one.kind === "Clerk"
        ? "Person"
        : one.kind === "Book" || one.kind === "Film"
          ? "Work"
          : null
    const of = one.how === "root" && root !== null ? root : one.kind
    const cells: Cells =
      kind.table === "rooms"
        ? { houseId: 1 + (one.at % 2), no: one.at }
        : kind.table === "shifts"
          ? { personId: 1 + (one.at % 2), houseId: 1 }
          : { id: one.at }
    const held = model[kind.table].get(keyOf(kind.table, cells))
    const row =
      held !== undefined &&
      membersOf(of).some(
        (name) => kinds[name].tag === undefined || kinds[name].tag === held["kind"]
      )
        ? held
        : undefined
    const value = yield* loose.find(entityOf(of), keyIn(of, cells))
    const now = Option.isNone(value) ? null : seen(of, value.value, {})
    const meant = row === undefined ? null : wanted(model, kindOf(of, row), row, {})
    yield* same(`${of} ${keyOf(kind.table, cells)}`, now, meant)
    if (Option.isSome(value)) keep(course, kindOf(of, row!), value.value)
    return model
  })

const keep = (course: Course, name: KindName, value: object): void => {
  course.values.set(`${name} ${keyText(name, value as Cells)}`, value)
}

/** The relations of a kind that are chosen, each with one below. */
const planOf = (name: KindName, mask: number, depth = 2): Tree => {
  const { ways } = kinds[name]
  const names = Object.keys(ways)
  const chosen = names.filter((_, at) => (mask & (1 << at)) !== 0)
  return Object.fromEntries(
    chosen.map((relation) => {
      const [first] = membersOf(ways[relation]!.kind)
      return [relation, depth === 1 ? {} : planOf(first!, mask >> 1, depth - 1)]
    })
  )
}

const asPlan = (plan: Tree): object =>
  Object.fromEntries(
    Object.entries(plan).map(([name, below]) => [
      name,
      Object.keys(below).length === 0 ? true : asPlan(below)
    ])
  )

const asked = (
  one: Extract<Step, { readonly _tag: "Ask" }>,
  model: Model,
  course: Course
): Work<Model> =>
  Effect.gen(function* () {
    const { entity } = kinds[one.kind]
    const plan = planOf(one.kind, one.mask, one.way === "load" ? 1 : 2)
    const query = Query.from(entity as never)
    const rows =
      one.way === "load" ? yield* loose.all(query) : yield* loose.all(query, asPlan(plan))
    const values =
      one.way === "load"
        ? yield* Effect.forEach(rows, (row) =>
            Effect.map(
              Effect.forEach(Object.keys(plan), (name) =>
                Effect.map(
                  loose.load(row, relationOf(one.kind, name)),
                  (led) => [name, led] as const
                )
              ),
              (pairs): object => ({ ...row, ...Object.fromEntries(pairs) })
            )
          )
        : rows
    const now = values.map((value) => JSON.stringify(seen(one.kind, value, plan))).toSorted()
    const meant = rowsOf(model, one.kind)
      .map((row) => JSON.stringify(wanted(model, one.kind, row, plan)))
      .toSorted()
    yield* same(`${one.kind} by ${one.way} of ${JSON.stringify(plan)}`, now, meant)
    for (const value of rows) keep(course, one.kind, value)
    return model
  })

const take = (one: Step, model: Model, course: Course): Work<Model> => {
  switch (one._tag) {
    case "Flush":
      return Effect.as(flush(course), model)
    case "Add":
      return added(one, model, course)
    case "Change":
      return changed(one, model, course)
    case "Drop":
      return dropped(one, model, course)
    case "Find":
      return found(one, model, course)
    case "Ask":
      return asked(one, model, course)
    case "Member":
      return Effect.succeed(model)
    case "Nested":
      return nested(one, model, course)
  }
}

const taken = (program: ReadonlyArray<Step>, before: Model, course: Course): Work<Model> =>
  Effect.gen(function* () {
    let model = before
    for (const one of program) model = yield* take(one, model, course)
    return model
  })

const nested = (
  one: Extract<Step, { readonly _tag: "Nested" }>,
  model: Model,
  course: Course
): Work<Model> =>
  Effect.gen(function* () {
    yield* flush(course)
    const values = new Map(course.values)
    let inner = model
    const body = Effect.gen(function* () {
      inner = yield* taken(one.steps, model, course)
      if (one.fails) return yield* Effect.fail(new Taken())
    })
    const failed = yield* Effect.match(loose.nested(body), {
      onSuccess: () => null,
      onFailure: (error) => error
    })
    course.past = new Map()
    if (failed === null) return inner
    if (!(failed instanceof Taken)) return yield* Effect.fail(failed)
    course.values = values
    return model
  })

/** Runs a program in a session; gives the maps it ends as. */
export const run = (program: ReadonlyArray<Step>, before: Model, rules: Rules): Work<Model> =>
  Effect.gen(function* () {
    const course: Course = { rules, values: new Map(), past: new Map() }
    const model = yield* taken(program, before, course)
    yield* flush(course)
    yield* versions(model)
    return model
  })

/** What the session knows of versions is what the database holds. */
const versions = (model: Model): Work<void> =>
  Effect.gen(function* () {
    for (const name of kindNames) {
      const { entity, versioned } = kinds[name]
      if (versioned !== true) continue
      const values = new Map<string, unknown>()
      for (const row of rowsOf(model, name)) {
        const value = yield* loose.get(entity, keyIn(name, row))
        yield* same(
          `${name} ${keyText(name, row)} in memory`,
          seen(name, value, {}),
          wanted(model, name, row, {})
        )
        values.set(keyText(name, row), (value as Cells)["edits"])
      }
      const rows = (yield* Database.all(Query.from(entity as never))) as ReadonlyArray<Cells>
      for (const row of rows)
        yield* same(
          `the version of ${name} ${keyText(name, row)}`,
          values.get(keyText(name, row)),
          row["edits"]
        )
    }
  })
