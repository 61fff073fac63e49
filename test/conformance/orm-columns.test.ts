import { Catalog, Column, Database, Fn, Load, Query, Session, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"
import {
  Place,
  Settings,
  settings,
  same,
  Keeper,
  Lister,
  Setter,
  Writer,
  Book,
  Mark,
  bookMarks
} from "./columns-schema.ts"

const writers = Query.from(Writer).orderBy(Writer.c.id)
const books = Query.from(Book).orderBy(Book.c.id)
const everybody = Query.alias(Writer, "everybody")
const loaders = [Load.selectIn, Load.joined, Load.json]

const days = (...names: ReadonlyArray<"mon" | "tue" | "wed">) => new Set(names)

const changed = "is replaced, never changed in place"

test("a document, a list, a set is never changed in place [F114.3 @all]", () => {
  const json = Type.json(Settings).codec.row.sqlite
  const read = json.decode(JSON.stringify(settings)) as typeof Settings.Type
  const list = Type.array(Type.integer).codec.row.postgres.decode("{1,2}") as ReadonlyArray<number>
  const set = Type.set(["a", "b"]).codec.row.mariadb.decode("a") as ReadonlySet<"a" | "b">
  const mapped = Type.mapped(Type.text, {
    name: "pair",
    from: (text): { readonly parts: ReadonlyArray<string> } => ({ parts: text.split(",") }),
    to: ({ parts }) => parts.join()
  })
  const pair = mapped.codec.row.sqlite.decode("a,b") as { readonly parts: ReadonlyArray<string> }
  const place = Type.json(Place).codec.row.sqlite.decode('{"x":1,"y":2}') as Place
  const wrong: ReadonlyArray<() => unknown> = [
    // @ts-expect-error a document's own members
    () => (read.theme = "x"),
    // @ts-expect-error a list within
    () => read.sizes.push(3),
    // @ts-expect-error however deep
    () => (read.deep.marks[0]!.at = 9),
    // @ts-expect-error a list
    () => (list[0] = 9),
    // @ts-expect-error a set
    () => set.add("b"),
    // @ts-expect-error a set
    () => set.clear(),
    // @ts-expect-error a value of several parts
    () => pair.parts.push("c"),
    // @ts-expect-error a value of a class
    () => (place.x = 9)
  ]
  for (const one of wrong) expect(one).toThrow()
  expect(() => (set as Set<string>).delete("a")).toThrow(changed)
  expect([...set]).toEqual(["a"])
  expect(set).toEqual(new Set(["a"]))
  expect(read).toEqual(settings)
  expectTypeOf<Keeper["settings"]["sizes"]>().toEqualTypeOf<ReadonlyArray<number>>()
  expectTypeOf<Lister["list"]>().toEqualTypeOf<ReadonlyArray<number>>()
  expectTypeOf<Setter["days"]>().toEqualTypeOf<ReadonlySet<"mon" | "tue" | "wed">>()
})

describe.each(engines)("columns of an entity on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    const more = engine === "postgres" ? { Lister } : engine === "mariadb" ? { Setter } : {}
    const entities = { Keeper, Writer, Book, Mark, bookMarks }
    await connected.run(Database.create(Catalog.make({ ...entities, ...more })))
    await connected.run(
      Effect.gen(function* () {
        const names = ["ann", "bob", "cleo"]
        yield* Database.run(
          Query.insert(Writer).rows(
            names.map((name) => ({ name, notes: `on ${name}`, photo: `of ${name}` }))
          )
        )
        const all = [1, 1, 2].map((writerId, at) => ({
          writerId,
          title: `book ${at}`,
          pages: at,
          body: "long"
        }))
        yield* Database.run(Query.insert(Book).rows(all))
        yield* Database.run(Query.insert(Mark).rows([{ word: "a" }, { word: "b" }]))
        const links = [
          [1, 1],
          [1, 2],
          [3, 2]
        ].map(([bookId, markId]) => ({ bookId: bookId!, markId: markId! }))
        yield* Database.run(Query.insert(bookMarks).rows(links))
      })
    )
  })
  afterAll(() => connected.dispose())
  const keeperOf = (email: string) => Session.one(Query.from(Keeper).match({ email }))
  const updates = async (effect: Effect.Effect<unknown, unknown, Session | Database>) =>
    (await connected.counting(Session.transact(effect))).count("UPDATE")

  test("an equal value writes nothing, another one the column [F114.2]", async () => {
    const given = { ...settings, sizes: [1, 2] }
    const place = new Place({ x: 1, y: 2 })
    const kept = await connected.run(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Keeper.make({ email: "ann", settings: given, place }))
          // What becomes of the object later is nothing to the session.
          given.sizes.push(3)
          yield* Session.flush
          return (yield* Session.known(Keeper))[0]!
        })
      )
    )
    expect(kept).toMatchObject({ settings, place: { x: 1, y: 2 }, tags: ["new"] })
    expect(() => (kept.tags as Array<string>).push("x")).toThrow(TypeError)
    const patch = (change: (now: Keeper) => Parameters<typeof Session.update<Keeper>>[1]) =>
      updates(Effect.flatMap(keeperOf("ann"), (one) => Session.update(one, change(one))))
    expect(await patch(() => ({ settings: same, tags: ["new"] }))).toBe(0)
    expect(await patch(() => ({ place: new Place({ y: 2, x: 1 }) }))).toBe(0)
    expect(await patch((one) => ({ settings: { ...one.settings } }))).toBe(0)
    expect(await patch(({ tags }) => ({ tags: [...tags, "old"] }))).toBe(1)
    expect(await patch(() => ({ place: null }))).toBe(1)
    const list = ["a"]
    await connected.run(
      Session.transact(
        Effect.gen(function* () {
          const now = yield* Session.update(yield* keeperOf("ann"), { tags: list })
          list.push("b")
          expect(now.tags).toEqual(["a"])
          expect(() => (now.tags as Array<string>).push("x")).toThrow(TypeError)
          expect(() => ((now.settings as { theme: string }).theme = "x")).toThrow(TypeError)
        })
      )
    )
    expect(await connected.run(Database.one(Query.from(Keeper)))).toMatchObject({
      settings,
      place: null,
      tags: ["a"]
    })
    if (engine === "postgres") {
      await connected.run(Session.transact(Session.add(Lister.make({ list: [1, 2] }))))
      const lists = (next: ReadonlyArray<number>) =>
        updates(
          Effect.flatMap(Session.one(Query.from(Lister)), (one) =>
            Session.update(one, { list: next })
          )
        )
      expect([await lists([1, 2]), await lists([2, 1]), await lists([2, 1])]).toEqual([0, 1, 0])
    }
    if (engine === "mariadb") {
      await connected.run(Session.transact(Session.add(Setter.make({ days: days("mon") }))))
      const sets = (next: Setter["days"]) =>
        updates(
          Effect.flatMap(Session.one(Query.from(Setter)), (one) =>
            Session.update(one, { days: next })
          )
        )
      const written = [
        await sets(days("mon")),
        await sets(days("tue", "mon")),
        await sets(days("mon", "tue"))
      ]
      expect(written).toEqual([0, 1, 0])
    }
  })

  test("a second name reads, is asked by and writes the one column [F118.5]", async () => {
    await connected.run(Database.run(Query.deleteFrom(Keeper).everyRow()))
    const { value, words } = await connected.counting(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Keeper.make({ ...Keeper.mail.set("bob"), email: "bob", settings }))
          const found = yield* Session.one(
            Query.from(Keeper).where(Keeper.mail.eq("bob")).orderBy(Keeper.mail)
          )
          expect([found.mail, found.email]).toEqual(["bob", "bob"])
          expect(Object.keys(found)).not.toContain("mail")
          expect(Keeper.look.of(found)).toBe(found.settings)
          const now = yield* Session.update(found, Keeper.mail.set("rob"))
          expect([now.mail, now.email]).toEqual(["rob", "rob"])
          yield* Session.flush
          return yield* Session.all(
            Query.from(Keeper).select({
              mail: Keeper.mail,
              email: Keeper.c.email,
              look: Keeper.look
            })
          )
        })
      )
    )
    expect(value).toEqual([{ mail: "rob", email: "rob", look: settings }])
    expect(words.filter((word) => word === "UPDATE")).toHaveLength(1)
    const other = Query.alias(Keeper, "other")
    const query = Query.from(other).where(Keeper.mail.on(other).eq("rob"))
    expect(await connected.run(Database.count(query))).toBe(1)
  })

  /** A plan's tree as JSON, loaded with a session and without. */
  const treeOf = async (query: typeof writers, plan: {}, streams = false) => {
    const bare = await connected.counting(Load.all(query, plan))
    const held = await connected.run(Session.transact(Session.all(query, plan)))
    const streamed = Stream.runCollect(Load.stream(query, plan))
    for (const one of [held, ...(streams ? [await connected.run(streamed)] : [])])
      expect(JSON.stringify(one)).toBe(JSON.stringify(bare.value))
    return { tree: JSON.parse(JSON.stringify(bare.value)), selects: bare.count("SELECT") }
  }

  test("a deferred column comes by its name, a group by its own [F118.1 F133.2]", async () => {
    const bare = await connected.counting(Load.first(writers, {}))
    const [first] = await connected.run(Database.all(writers.limit(1)))
    expect(bare.value).toMatchObject({ value: first })
    expect(Object.keys(first!)).toEqual(["id", "name", "age", "version"])
    expect(first!.loud).toBe("ann!")
    // @ts-expect-error a deferred column is not there until it is asked for
    expect(first!.notes).toBeUndefined()
    expectTypeOf<keyof Writer & ("notes" | "photo" | "voice")>().toBeNever()
    const noted = await connected.counting(Load.all(writers, Load.also(Writer, ["notes"])))
    expect(noted.count("SELECT")).toBe(1)
    expectTypeOf(noted.value[0]!.notes).toEqualTypeOf<string>()
    expect(noted.value.map(({ loud, notes }) => [loud, notes])).toEqual([
      ["ann!", "on ann"],
      ["bob!", "on bob"],
      ["cleo!", "on cleo"]
    ])
    const media = await connected.run(
      Load.all(writers, Load.also(Writer, ["media"], { books: Load.also(Book, ["body"]) }))
    )
    expectTypeOf(media[0]!.photo).toEqualTypeOf<string | null>()
    expectTypeOf(media[0]!.books[0]!.body).toEqualTypeOf<string>()
    // @ts-expect-error it is not of this group
    expect(media[0]!.notes).toBeUndefined()
    expect(media[0]).toMatchObject({ photo: "of ann", voice: null })
    expect(media[0]!.books.map(({ body }) => body)).toEqual(["long", "long"])
    const trees = []
    for (const via of loaders) {
      const writer = via(Load.also(Writer, ["media"]))
      const plan = Load.also(Writer, ["notes"], {
        books: via(Load.also(Book, ["body"], { writer }))
      })
      trees.push((await treeOf(writers, plan)).tree)
    }
    expect(trees[1]).toEqual(trees[0])
    expect(trees[2]).toEqual(trees[0])
    // Expressions, filters and inserts know it as any other column.
    const found = Query.from(Writer).where(Writer.c.notes.eq("on bob")).select(Writer.c.photo)
    expect(await connected.run(Database.all(found))).toEqual(["of bob"])
    // What is out of the statement's reach is read by key.
    const far = await connected.counting(
      Load.all(
        writers.distinct(),
        Load.also(Writer, ["notes"], { books: Load.joined(Load.also(Book, ["body"])) })
      )
    )
    expect(far.value.map(({ books: own, notes }) => [notes, own.length])).toEqual([
      ["on ann", 2],
      ["on bob", 1],
      ["on cleo", 0]
    ])
    expect(far.count("SELECT")).toBe(2)
  })

  test("a plan says which columns each entity has: equal however loaded [F133.1]", async () => {
    const of = (via: (typeof loaders)[number]) =>
      Load.columns(Writer, ["name"], {
        books: via(
          Load.columns(Book, ["title"], {
            marks: via(Load.columns(Mark, [])),
            longer: via(Load.columns(Book, ["body"]))
          })
        )
      })
    const ann = {
      id: 1,
      name: "ann",
      version: 1,
      books: [
        {
          id: 1,
          title: "book 0",
          marks: [{ id: 1 }, { id: 2 }],
          longer: [
            { id: 2, body: "long" },
            { id: 3, body: "long" }
          ]
        },
        { id: 2, title: "book 1", marks: [], longer: [{ id: 3, body: "long" }] }
      ]
    }
    for (const via of loaders) {
      const { selects, tree } = await treeOf(writers, of(via), via !== Load.joined)
      expect((tree as ReadonlyArray<object>)[0]).toEqual(ann)
      expect(selects).toBe(via === Load.selectIn ? 4 : 1)
    }
    const [one] = await connected.run(Load.all(writers, of(Load.json)))
    expectTypeOf(one!.books[0]!.title).toEqualTypeOf<string>()
    // @ts-expect-error a column that was not asked for
    expect(one!.books[0]!.pages).toBeUndefined()
    // @ts-expect-error a getter may ask for any column
    expect(one!.loud).toBe("ann!")
    // @ts-expect-error a value without its columns is no whole one
    const whole: Writer = one!
    expect(whole.id).toBe(1)
    const part = Load.some(Book, {
      orderBy: Book.c.pages.desc(),
      limit: 1,
      load: Load.also(Book, ["body"], Load.columns(Book, ["pages"]))
    })
    for (const via of loaders) {
      const { tree } = await treeOf(writers.limit(1), { books: via(part) })
      expect(tree).toEqual([
        {
          id: 1,
          name: "ann",
          age: 7,
          version: 1,
          books: { some: [{ id: 2, pages: 1, body: "long" }] }
        }
      ])
    }
  })

  test("an expression of one query alone, correlated or not [F118.3 F133.4]", async () => {
    const counted = Load.with(Writer, {
      count: (w, self) =>
        Query.from(Book)
          .correlate(self)
          .where(Book.c.writerId.eq(w.id))
          .select(Fn.count())
          .scalar()
          .coalesce(0),
      all: () => Query.from(everybody).select(Fn.count()).scalar(),
      shout: (w) => Fn.upper(w.name)
    })
    const rows = await connected.counting(Load.all(writers, counted))
    expect(rows.count("SELECT")).toBe(1)
    expectTypeOf(rows.value[0]!.count).toEqualTypeOf<number>()
    expectTypeOf(rows.value[0]!.shout).toEqualTypeOf<string>()
    expect(rows.value.map(({ all, count, loud, shout }) => [count, all, loud, shout])).toEqual([
      [2, 3, "ann!", "ANN"],
      [1, 3, "bob!", "BOB"],
      [0, 3, "cleo!", "CLEO"]
    ])
    const [plain] = await connected.run(Load.all(writers, {}))
    // @ts-expect-error only that query's values have it
    expect(plain!.count).toBeUndefined()
    const trees = []
    for (const via of loaders) {
      const plan = Load.with(
        Book,
        { twice: (b) => b.pages.mul(2) },
        { writer: via(Load.with(Writer, { first: (w) => Fn.left(w.name, 1) }, counted)) }
      )
      trees.push((await treeOf(books as never, plan)).tree)
    }
    expect(trees[1]).toEqual(trees[0])
    expect(trees[2]).toEqual(trees[0])
    expect((trees[0] as ReadonlyArray<object>)[2]).toMatchObject({
      twice: 4,
      writer: { count: 1, all: 3, shout: "BOB", first: "b" }
    })
    // Beside rows that a command gives back it is read by their keys.
    const returned = await connected.run(
      Session.transact(
        Effect.gen(function* () {
          const one = yield* Session.get(Writer, 2, counted)
          const [same] = yield* Session.populate([yield* Session.get(Writer, 2)], plan)
          return [one.count, one.shout, same!.count, same!.notes]
        })
      )
    )
    expect(returned).toEqual([1, "BOB", 1, "on bob"])
  })
  const plan = Load.plan(
    Writer,
    Load.with(Writer, { count: (w) => w.id.mul(0).add(1) }, Load.also(Writer, ["notes"]))
  )

  test("a value known in part writes what changed and blanks nothing [F133.3]", async () => {
    const only = Load.columns(Writer, ["name"])
    const one = Query.from(Writer).where(Writer.c.id.eq(1))
    const { count } = await connected.counting(
      Session.transact(
        Effect.gen(function* () {
          const part = yield* Session.one(one, Load.columns(Writer, []))
          const renamed = yield* Session.update(part, { name: "anna" })
          expect(Object.keys(renamed)).toEqual(["id", "version"])
          expect((yield* Session.changes).changed).toEqual([
            {
              table: "writers",
              key: { id: 1 },
              columns: { name: { old: undefined, new: "anna" } }
            }
          ])
          yield* Session.flush
          expect(yield* Session.stateOf(part)).toBe("known")
          expect(yield* Session.known(Writer)).toEqual([])
          // The whole row is asked for: it is read.
          const whole = yield* Session.get(Writer, 1)
          expect(whole).toMatchObject({ name: "anna", version: 2 })
          expect(Object.keys(whole)).toEqual(["id", "name", "age", "version"])
          expect(yield* Session.known(Writer)).toEqual([whole])
        })
      )
    )
    expect([count("SELECT"), count("UPDATE")]).toEqual([2, 1])
    const row = Query.from(Writer)
      .where(Writer.c.id.eq(1))
      .select({ name: Writer.c.name, notes: Writer.c.notes, photo: Writer.c.photo })
    expect(await connected.run(Database.one(row))).toEqual({
      name: "anna",
      notes: "on ann",
      photo: "of ann"
    })
    // More of it is loaded later: all of it is known, whichever way it came.
    await connected.run(
      Session.transact(
        Effect.gen(function* () {
          const part = yield* Session.one(one, only)
          const noted = yield* Session.one(one, Load.columns(Writer, ["notes"]))
          yield* Session.update(noted, { notes: "on ann", name: "anna" })
          expect(yield* Session.stateOf(part)).toBe("known")
          const again = yield* Session.update(noted, { notes: "new" })
          expect(again.notes).toBe("new")
          // What is not loaded is neither null nor kept back: a patch of it is written.
          yield* Session.update(part, { photo: null })
          expect((yield* Session.history(part)).columns).toEqual({
            notes: { old: "on ann", new: "new" },
            photo: { old: undefined, new: null }
          })
          const [more] = yield* Session.populate(
            [part],
            Load.plan(Writer, Load.also(Writer, ["media"]))
          )
          expect([more!.loud, more!.photo, more!.voice]).toEqual(["anna!", null, null])
          expect(yield* Session.refresh(again)).toEqual({ ...again, version: 3 })
          const modified = yield* Session.modify(again, (now) => ({ notes: `${now.notes}er` }))
          expect(modified.notes).toBe("newer")
        })
      )
    )
    expect(await connected.run(Database.one(row))).toEqual({
      name: "anna",
      notes: "newer",
      photo: null
    })
    // A value of a session that is over still tells whether its row was written meanwhile.
    const stale = await connected.run(Session.transact(Session.one(one, only)))
    await connected.run(Session.transact(Session.update(stale, { name: "ann" })))
    const error = await connected.run(
      Effect.flip(Session.transact(Session.update(stale, { name: "x" })))
    )
    expect(error).toMatchObject({ _tag: "StaleRow" })
  })
})

type Deferred = Column.DeferredColumn<string, "required", "yes", "group">
type Group<R> = R extends Column.DeferredColumn<any, any, any, any> ? "kept" : "lost"
type Built<F> = F extends (...given: never) => infer R
  ? R extends Column.Column<any, any, any>
    ? Group<R>
    : never
  : never
/** The methods of a column that forget its group. */
type Lost = {
  [K in keyof Deferred]-?: "lost" extends Built<Deferred[K]> ? K : never
}[keyof Deferred]

test("a deferred column is one whatever is said of it afterwards", () => {
  // These are refused where the table is made.
  expectTypeOf<Lost>().toEqualTypeOf<"primaryKey" | "identity" | "queried" | "version">()
  const columns = { id: Column.integer().primaryKey() }
  for (const one of [
    Column.integer().deferred().primaryKey(),
    Column.integer().deferred().identity(),
    Column.integer().deferred().version()
  ])
    expect(() => Table.make("t", { ...columns, one })).toThrow(
      'table "t": "one" is always read with its row, never deferred'
    )
})

test("what a plan cannot mean is refused with words", () => {
  const refused = (make: () => unknown): string => {
    try {
      make()
      return "nothing"
    } catch (error) {
      return (error as Error).message
    }
  }
  const wrong = Load.columns(Book, ["title"]) as never
  expect(refused(() => Load.plan(Writer, wrong))).toBe(
    "plan: these are columns of Book, not of Writer"
  )
  expect(refused(() => Load.plan(Writer, Load.also(Writer, ["name" as never])))).toBe(
    'also: Writer has no deferred column or group "name"'
  )
  expect(refused(() => Load.plan(Writer, Load.columns(Writer, ["none" as never])))).toBe(
    'columns: Writer has no column "none"'
  )
  expect(refused(() => Load.columns(Writer, ["name"], Load.columns(Writer, ["notes"])))).toBe(
    "columns: the columns of Writer are said twice"
  )
  const given = (name: string) =>
    refused(() => Load.plan(Writer, Load.with(Writer, { [name]: (w) => w.name.concat("") })))
  for (const name of ["name", "books", "loud"])
    expect(given(name)).toBe(`with: "${name}" of Writer is the name of something else`)
  expect(refused(() => Table.make("t", { id: Column.id().deferred() }))).toBe(
    'table "t": "id" is always read with its row, never deferred'
  )
  expect(refused(() => Table.make("t", { a: Column.text(), b: Column.text().deferred("a") }))).toBe(
    'table "t": "a" is a column and a group of deferred ones'
  )
})
