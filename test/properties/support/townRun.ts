import { Database, Load, Query } from "athanor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { loose } from "./looseSession.ts"
import { inSavepoint, inTurn, type Work } from "./sessionPrograms.ts"
import {
  allGiven,
  atHand,
  attempt,
  type Course,
  flush,
  keep,
  keyCells,
  merged,
  parentsOf,
  heldCells,
  rowAt,
  type Rules,
  same
} from "./townCourse.ts"
import type { Bed } from "./town.ts"
import { joined } from "./townMembers.ts"
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
  patch,
  put,
  tables
} from "./townModel.ts"
import type { Step } from "./townSteps.ts"

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
      const beside = yield* allGiven(course, parents, one.how)
      yield* loose.add(kind.entity.make({ ...own, ...beside }))
    })
    return yield* attempt(course, model, next === null ? null : checked(next), work)
  })

const keyColumns = ({ table }: Kind, row: Cells): Cells =>
  Object.fromEntries(tables[table].key.map((column) => [column, row[column]!]))

/** One statement past the session's edits: an update by key, or an insert that becomes one. */
const sent = (
  one: Extract<Step, { readonly _tag: "Send" }>,
  model: Model,
  course: Course
): Work<Model> =>
  Effect.gen(function* () {
    const kind = kinds[one.kind]
    const row = rowAt(model, one.kind, one.at)
    if (row === undefined) return model
    const key = keyColumns(kind, row)
    const own = kind.own(one.p)
    const entity = kind.entity as unknown as typeof Bed
    const byKey = (command: unknown): Whered =>
      Object.entries(key).reduce(
        (query, [column, cell]) =>
          query.where(
            (kind.entity.c as Readonly<Record<string, { eq: (cell: Cell) => never }>>)[column]!.eq(
              cell
            )
          ),
        command as Whered
      )
    if (one.via === "delete") {
      const gone = drop(model, kind.table, keyText(one.kind, row))
      return yield* attempt(course, model, gone, past(byKey(Query.deleteFrom(entity))))
    }
    const next = checked(patch(model, kind.table, keyText(one.kind, row), own))
    if (one.via === "update")
      return yield* attempt(
        course,
        model,
        next,
        past(byKey(Query.update(entity).set(own as never)))
      )
    const held = kind.parents.flatMap(({ columns }) =>
      columns.map((column) => [column, row[column]!])
    )
    const whole = { ...key, ...(Object.fromEntries(held) as Cells), ...own }
    return yield* attempt(course, model, next, loose.upsert(kind.entity, [whole]))
  })

const past = Database.run as unknown as (query: Whered) => Work<number>

interface Whered {
  readonly where: (is: never) => Whered
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
      if (one.via === "merge")
        return yield* loose.merge(kind.entity, { ...keyColumns(kind, row), ...values })
      const beside = yield* allGiven(course, parents, one.how)
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
    if (one.how === "forget" && row !== undefined) {
      yield* flush(course)
      const met = yield* loose.get(entityOf(of), keyIn(of, cells))
      // What is pending of it is let go, and the row is as it was.
      if (kind.table === "beds") yield* loose.update(met, { wide: 77 })
      yield* loose.forget(met)
    }
    if (one.how === "refresh" && row !== undefined)
      yield* loose.refresh(yield* loose.get(entityOf(of), keyIn(of, cells)))
    const value = yield* loose.find(entityOf(of), keyIn(of, cells))
    const now = Option.isNone(value) ? null : seen(of, value.value, {})
    const meant = row === undefined ? null : wanted(model, kindOf(of, row), row, {})
    yield* same(`${of} ${keyOf(kind.table, cells)}`, now, meant)
    if (Option.isSome(value)) keep(course, kindOf(of, row!), value.value)
    return model
  })

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

type Way = Extract<Step, { readonly _tag: "Ask" }>["way"]

/** A plan by which its first relations are loaded in one way: to many never by a join. */
const asPlan = (name: KindName, plan: Tree, way: Way): object =>
  Object.fromEntries(
    Object.entries(plan).map(([relation, below]) => {
      const { isOne, kind } = kinds[name].ways[relation]!
      const inner = asPlan(membersOf(kind)[0]!, below, "plan")
      const isPlain = Object.keys(below).length === 0
      if (way === "json") return [relation, isPlain ? Load.json() : Load.json(inner as never)]
      if (way === "joined" && isOne)
        return [relation, isPlain ? Load.joined() : Load.joined(inner as never)]
      return [relation, isPlain ? true : inner]
    })
  )

/** Each value with what its relations lead to, asked one by one. */
const loaded = (name: KindName, rows: ReadonlyArray<object>, plan: Tree) =>
  Effect.forEach(rows, (row) =>
    Effect.map(
      Effect.forEach(Object.keys(plan), (relation) =>
        Effect.map(loose.load(row, relationOf(name, relation)), (led) => [relation, led] as const)
      ),
      (pairs): object => ({ ...row, ...Object.fromEntries(pairs) })
    )
  )

const asked = (
  one: Extract<Step, { readonly _tag: "Ask" }>,
  model: Model,
  course: Course
): Work<Model> =>
  Effect.gen(function* () {
    const { kind: name, way } = one
    const { entity } = kinds[name]
    const plan = planOf(name, one.mask, way === "load" ? 1 : 2)
    const query = Query.from(entity as never)
    const isLater = way === "load" || way === "populate"
    const rows = yield* loose.all(query, ...(isLater ? [] : [asPlan(name, plan, way)]))
    const values =
      way === "load"
        ? yield* loaded(name, rows, plan)
        : way === "populate"
          ? yield* loose.populate(
              rows,
              Load.plan(entity as never, asPlan(name, plan, way) as never)
            )
          : rows
    const now = values.map((value) => JSON.stringify(seen(name, value, plan))).toSorted()
    const meant = rowsOf(model, name)
      .map((row) => JSON.stringify(wanted(model, name, row, plan)))
      .toSorted()
    yield* same(`${name} by ${way} of ${JSON.stringify(plan)}`, now, meant)
    for (const value of rows) keep(course, name, value)
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
    case "Send":
      return sent(one, model, course)
    case "Member":
      return joined(one, model, course)
    case "Nested":
      return nested(one, model, course)
  }
}

const taken = (program: ReadonlyArray<Step>, before: Model, course: Course): Work<Model> =>
  inTurn(program, before, (one, model) => take(one, model, course))

const nested = (
  one: Extract<Step, { readonly _tag: "Nested" }>,
  model: Model,
  course: Course
): Work<Model> =>
  Effect.gen(function* () {
    yield* flush(course)
    const values = new Map(course.values)
    const inner = yield* inSavepoint(taken(one.steps, model, course), one.fails)
    course.past = new Map()
    if (inner !== null) return inner
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
