/** What verbs fail with, by their types, and where each failure is written of. */
import { Catalog, Column, Database, DatabaseError, Entity, Load, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { errorClasses, errorPage } from "../../tools/errors/page.ts"
import { program } from "../conformance/engine-support.ts"

type Tag = DatabaseError.DatabaseError["_tag"]

/** What a verb fails with; unknown where the program's own failures go through it. */
type Failing<V> =
  V extends Effect.Effect<any, infer E, any>
    ? E
    : V extends Stream.Stream<any, infer E, any>
      ? E
      : V extends (...args: never) => infer Out
        ? Failing<Out>
        : never
/** What is put together of rows that are there already has a failure of its own. */
type Known = DatabaseError.DatabaseError | Load.DuplicateKey
type Foreign<V> = unknown extends Failing<V> ? never : Exclude<Failing<V>, Known>
type ForeignIn<Verbs> = { [K in keyof Verbs]-?: Foreign<Verbs[K]> }[keyof Verbs]

/** No verb fails with anything else: else this does not compile. */
const nothingElse: readonly [
  ForeignIn<typeof Database>,
  ForeignIn<typeof Session>,
  ForeignIn<typeof Load>
] extends readonly [never, never, never]
  ? true
  : false = true

class Point extends Entity<Point>()("points", { id: Column.integer().primaryKey() }) {}
const all = Query.from(Point)
const insert = Query.insert(Point).values({ id: 1 })
const catalog = Catalog.make({ Point })
const object = { kind: "table", name: "points" } as const

type Failed = Effect.Effect<unknown, DatabaseError.DatabaseError, Database>

/** Verbs as they are called, those among them through which the program's own failures go. */
const calls: Readonly<Record<string, Failed>> = {
  all: Database.all(all),
  one: Database.one(all),
  oneOrNone: Database.oneOrNone(all),
  first: Database.first(all),
  stream: Stream.runDrain(Database.stream(all)),
  count: Database.count(all),
  exists: Database.exists(all),
  describe: Database.describe(all),
  explain: Database.explain(all),
  server: Database.server,
  reflect: Database.reflect(),
  has: Database.has(object),
  run: Database.run(insert),
  runOne: Database.runOne(insert),
  script: Database.script("select 1"),
  create: Database.create(catalog),
  drop: Database.drop(catalog),
  transaction: Database.transaction(Database.run(insert)),
  autocommit: Database.autocommit(Database.run(insert)),
  with: Database.with({}, Database.run(insert)),
  policed: Database.policed([], Database.run(insert)),
  borrow: Effect.scoped(Database.borrow),
  notify: Database.notify("x"),
  "Load.all": Load.all(all, {}),
  "Load.stream": Stream.runDrain(Load.stream(all, {})),
  "Session.all": Session.transact(Session.all(all)),
  "Session.get": Session.transact(Session.get(Point, 1)),
  "Session.flush": Session.transact(
    Effect.andThen(Session.add(Point.make({ id: 1 })), Session.flush)
  ),
  "Session.stream": Session.transact(Stream.runDrain(Session.stream(all)))
}

const classes = Object.entries(DatabaseError).flatMap(([name, one]) => {
  const made: unknown = typeof one === "function" ? one.prototype : null
  return made instanceof Error ? [name] : []
})

type Handlers = {
  readonly [T in Tag]: (
    error: Extract<DatabaseError.DatabaseError, { readonly _tag: T }>
  ) => Effect.Effect<T>
}
const handlers = Object.fromEntries(
  classes.map((tag) => [tag, (error: { readonly _tag: string }) => Effect.succeed(error._tag)])
) as unknown as Handlers

test("verbs fail with members of one union, all can be caught [F158.1 @all]", async () => {
  expect(nothingElse).toBe(true)
  const nowhere = program(`sqlite:/nowhere/at/all/${process.pid}/points.db`)
  for (const [verb, call] of Object.entries(calls)) {
    const caught: Effect.Effect<unknown, never, Database> = Effect.catchTags(call, handlers)
    expect(await nowhere.run(caught), verb).toBeOneOf(
      verb === "notify" ? ["Unsupported", "ConnectFailed"] : ["ConnectFailed"]
    )
  }
  await nowhere.dispose()
})

test("each failure has its place on the page of errors [F158.3 @all]", () => {
  const page = readFileSync("docs/errors.md", "utf8")
  expect(page).toBe(errorPage())
  const known = errorClasses()
  expect(known.map(({ tag }) => tag).toSorted()).toEqual(classes.toSorted())
  for (const { says, tag } of known) {
    expect(says[0]!.length, tag).toBeGreaterThan(20)
    const made = new (DatabaseError as never as Record<string, new (facts: object) => Error>)[tag]!(
      { message: "one line", dialect: null, operation: "query" }
    ) as Error & { readonly page: string }
    const [file, place] = made.page.split("#")
    expect(file).toBe("docs/errors.md")
    expect(page.match(/^### (.+)$/gm)!.map((line) => line.slice(4).toLowerCase())).toContain(place)
    expect(JSON.stringify(made)).not.toContain("errors.md")
  }
})
