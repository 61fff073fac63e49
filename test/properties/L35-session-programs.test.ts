import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as fc from "fast-check"
import {
  catchTwin,
  inSavepoint,
  inTurn,
  type Programs,
  same,
  upholdPrograms,
  type Work
} from "./support/sessionPrograms.ts"

/**
 * L35: whatever was read, changed, flushed and taken back before, every read of a session gives the
 * one value a plain map of rows would give; the database ends as that map.
 */

class Item extends Entity<Item>()("program_items", {
  id: Column.integer().primaryKey(),
  n: Column.integer(),
  note: Column.varchar(20).nullable()
}) {}

class Ware extends Entity<Ware>()("program_wares", {
  id: Column.varchar(10).primaryKey(),
  n: Column.integer(),
  note: Column.varchar(20).nullable()
}) {}

interface Cells {
  readonly n: number
  readonly note: string | null
}
type Kind = "item" | "ware"
type Model = ReadonlyMap<string, Cells>

type Step =
  | { readonly _tag: "Find" | "Delete" | "Query"; readonly kind: Kind; readonly at: number }
  | {
      readonly _tag: "Add" | "Patch" | "PatchHeld" | "Command"
      readonly kind: Kind
      readonly at: number
      readonly n: number
    }
  | { readonly _tag: "Flush" }
  | { readonly _tag: "Nested"; readonly fails: boolean; readonly steps: ReadonlyArray<Step> }

const kind = fc.constantFrom<Kind>("item", "ware")
const at = fc.integer({ min: 1, max: 3 })
const n = fc.nat(3)
const { steps } = fc.letrec<{ step: Step; steps: ReadonlyArray<Step> }>((tie) => ({
  step: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    {
      weight: 4,
      arbitrary: fc.record({ _tag: fc.constantFrom("Find", "Delete", "Query"), kind, at })
    },
    {
      weight: 5,
      arbitrary: fc.record({
        _tag: fc.constantFrom("Add", "Patch", "Patch", "PatchHeld", "Command"),
        kind,
        at,
        n
      })
    },
    { weight: 1, arbitrary: fc.constant({ _tag: "Flush" }) },
    {
      weight: 3,
      arbitrary: fc.record({
        _tag: fc.constant("Nested"),
        fails: fc.boolean(),
        steps: tie("steps")
      })
    }
  ) as fc.Arbitrary<Step>,
  steps: fc.array(tie("step"), { maxLength: 9 })
}))

const place = (one: { readonly kind: Kind; readonly at: number }) => `${one.kind} ${one.at}`
const keyOf = (one: { readonly at: number }) => `w${one.at}`

type Found = Effect.Effect<Option.Option<Item | Ware>, unknown, Session>

const find = (one: { readonly kind: Kind; readonly at: number }): Found =>
  one.kind === "item" ? Session.find(Item, one.at) : Session.find(Ware, keyOf(one))

const query = (one: { readonly kind: Kind; readonly at: number }): Found =>
  one.kind === "item"
    ? Session.oneOrNone(Query.from(Item).match({ id: one.at }))
    : Session.oneOrNone(Query.from(Ware).match({ id: keyOf(one) }))

const command = (one: { readonly kind: Kind; readonly at: number; readonly n: number }) =>
  one.kind === "item"
    ? Database.run(
        Query.update(Item)
          .set({ n: one.n + 10 })
          .where(Item.c.id.eq(one.at))
      )
    : Database.run(
        Query.update(Ware)
          .set({ n: one.n + 10 })
          .where(Ware.c.id.eq(keyOf(one)))
      )

const isOf = (found: Option.Option<Item | Ware>, cells: Cells | undefined): boolean =>
  Option.isNone(found)
    ? cells === undefined
    : found.value.n === cells?.n && found.value.note === cells.note

interface Rules {
  /** What is left of a savepoint's rows after it failed. */
  readonly takenBack: (before: Model, inner: Model) => Model
}

/** The values of rows a program was given, whatever became of the savepoints it got them in. */
type Held = Map<string, Item | Ware>

const taken = (
  program: ReadonlyArray<Step>,
  before: Model,
  held: Held,
  rules: Rules
): Work<Model> => inTurn(program, before, (one, model) => take(one, model, held, rules))

const take = (one: Step, model: Model, held: Held, rules: Rules): Work<Model> =>
  Effect.gen(function* () {
    if (one._tag === "Flush") {
      yield* Session.flush
      return model
    }
    if (one._tag === "Nested") {
      let inner = model
      const work = Effect.tap(taken(one.steps, model, held, rules), (ended) =>
        Effect.sync(() => (inner = ended))
      )
      return (yield* inSavepoint(work, one.fails)) ?? rules.takenBack(model, inner)
    }
    const cells = model.get(place(one))
    const next = new Map(model)
    if (one._tag === "Command") {
      yield* command(one)
      if (cells !== undefined) next.set(place(one), { ...cells, n: one.n + 10 })
      return next
    }
    if (one._tag === "Add") {
      if (cells !== undefined) return model
      const row = { n: one.n, note: "new" }
      yield* Session.add(
        one.kind === "item"
          ? Item.make({ id: one.at, ...row })
          : Ware.make({ id: keyOf(one), ...row })
      )
      return next.set(place(one), row)
    }
    if (one._tag === "PatchHeld") {
      const value = held.get(place(one))
      if (value === undefined || cells === undefined) return model
      yield* Session.update(value, { n: one.n })
      return next.set(place(one), { ...cells, n: one.n })
    }
    const found = yield* one._tag === "Query" ? query(one) : find(one)
    yield* same(model, isOf(found, cells))
    if (Option.isNone(found) || cells === undefined) return model
    held.set(place(one), found.value)
    if (one._tag === "Delete") {
      yield* Session.delete(found.value)
      next.delete(place(one))
    }
    if (one._tag === "Patch") {
      held.set(place(one), yield* Session.update(found.value, { n: one.n }))
      next.set(place(one), { ...cells, n: one.n })
    }
    return next
  })

const stored = Effect.gen(function* () {
  const items = yield* Database.all(Query.from(Item))
  const wares = yield* Database.all(Query.from(Ware))
  return new Map<string, Cells>([
    ...items.map(({ id, n, note }) => [`item ${id}`, { n, note }] as const),
    ...wares.map(({ id, n, note }) => [`ware ${id.slice(1)}`, { n, note }] as const)
  ])
})

const textOf = (model: Model): string =>
  JSON.stringify([...model].toSorted(([a], [b]) => (a < b ? -1 : 1)))

const setUp = Effect.gen(function* () {
  yield* Database.run(Query.deleteFrom(Item).everyRow())
  yield* Database.run(Query.deleteFrom(Ware).everyRow())
  yield* Database.run(Query.insert(Item).values({ id: 1, n: 0, note: "there" }))
  yield* Database.run(Query.insert(Ware).values({ id: "w1", n: 0, note: null }))
  return yield* stored
})

const law: Programs<Step, Model, Rules> = {
  of: "L35 programs of a session",
  catalog: Catalog.make({ Item, Ware }),
  programs: steps,
  runs: [600, 40],
  before: setUp,
  run: (program, before, rules) => taken(program, before, new Map(), rules),
  stored,
  textOf,
  upright: { takenBack: (before) => before }
}

upholdPrograms("every read is the map's, and so is the end", law)

catchTwin("a failed savepoint's rows stay", law, { takenBack: (_, inner) => inner }, [
  [
    { _tag: "Patch", kind: "item", at: 1, n: 2 },
    { _tag: "Find", kind: "item", at: 1 }
  ],
  [{ _tag: "Nested", fails: true, steps: [{ _tag: "Find", kind: "item", at: 1 }] }]
])
