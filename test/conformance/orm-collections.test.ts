import { Along, Catalog, Column, Database, Entity, Load, Query, Session, Table } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

class Folder extends Entity<Folder>()("folders", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(20),
  upId: Column.integer().nullable()
}) {
  static readonly up = this.belongsTo(() => Folder)
  static readonly folders = this.hasMany(() => Folder, {
    key: "upId",
    orderBy: ({ name }) => name.desc()
  })
  static readonly notes = this.hasMany(() => Note, { children: "delete" })
  static readonly pages = this.hasMany(() => Page, { large: true, children: "delete" })
  static readonly labels = this.manyToMany(() => Label, {
    through: () => folderLabels,
    large: true
  })
}
class Note extends Entity<Note>()("notes", {
  id: Column.id(),
  text: Column.varchar(20),
  folderId: Column.integer()
}) {
  static readonly folder = this.belongsTo(() => Folder)
}
class Page extends Entity<Page>()("pages", {
  id: Column.id(),
  no: Column.integer(),
  folderId: Column.integer()
}) {
  static readonly folder = this.belongsTo(() => Folder)
}
class Label extends Entity<Label>()("labels", { id: Column.id(), name: Column.varchar(20) }) {}
const folderLabels = Table.make("folder_labels", {
  folderId: Column.integer()
    .primaryKey()
    .references(() => Folder.c.id),
  labelId: Column.integer()
    .primaryKey()
    .references(() => Label.c.id)
})
/** A tree below a key of two columns, of which every row holds the first. */
class Unit extends Entity<Unit>()("units", {
  firm: Column.integer().primaryKey(),
  no: Column.integer().primaryKey(),
  upNo: Column.integer().nullable()
}) {
  static readonly up = this.belongsTo(() => Unit, { key: ["firm", "upNo"] })
  static readonly units = this.hasMany(() => Unit, { key: ["firm", "upNo"] })
}

const all = [folderLabels, Label, Note, Page] as const
const catalog = Catalog.make({ Folder, Note, Page, Label, folderLabels, Unit })
const row = (id: number, name: string, upId: number | null) => ({ id, name, upId })
const rows = [
  row(1, "a", null),
  row(2, "b", 1),
  row(3, "c", 1),
  row(4, "d", 2),
  row(5, "e", 4),
  row(6, "z", null)
]
const roots = Query.from(Folder).where(Folder.c.upId.isNull()).orderBy(Folder.c.id)

interface Named {
  readonly name: string
  readonly folders?: ReadonlyArray<Named>
}
const said = ({ folders, name }: Named): string =>
  folders === undefined ? `${name}?` : `${name}(${folders.map(said).join()})`

describe.each(engines)("collections on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(catalog))
  })
  beforeEach(() =>
    database.run(
      Effect.gen(function* () {
        for (const one of all)
          yield* Database.run(Query.deleteFrom(one as Query.From<string, unknown>).everyRow())
        yield* Database.run(Query.update(Folder).set({ upId: null }).everyRow())
        yield* Database.run(Query.deleteFrom(Folder).everyRow())
        yield* Database.run(Query.insert(Folder).rows(rows))
      })
    )
  )
  afterAll(() => database.dispose())
  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect))

  test("a tree of itself is loaded whole by one recursion [F132.6]", async () => {
    const { value, words } = await database.counting(
      Load.all(roots, { folders: Load.tree(Folder) })
    )
    expect(value.map(said)).toEqual(["a(c(),b(d(e())))", "z()"])
    expect(words).toEqual(["SELECT", "WITH"])
    expect(value[0]!.folders[1]!.folders[0]).toBeInstanceOf(Folder)
    const inSession = await work(Session.all(roots, { folders: Load.tree(Folder) }))
    expect(inSession).toEqual(value)
    // Roots of one tree among each other, and what is below several of them.
    const every = await database.run(
      Load.all(Query.from(Folder).orderBy(Folder.c.id), { folders: Load.tree(Folder) })
    )
    expect(every.map(said)).toEqual([
      "a(c(),b(d(e())))",
      "b(d(e()))",
      "c()",
      "d(e())",
      "e()",
      "z()"
    ])
  })

  test("to a depth it is the plan nested as often, upwards too [F132.6]", async () => {
    const { value, words } = await database.counting(
      Load.all(roots, { folders: Load.tree(Folder, { depth: 2, load: { notes: true } }) })
    )
    const nested = await database.run(
      Load.all(roots, { folders: { folders: { notes: true }, notes: true } })
    )
    expect(value).toEqual(nested)
    expect(value.map(said)).toEqual(["a(c(),b(d?))", "z()"])
    expect(words).toEqual(["SELECT", "WITH", "SELECT"])
    const last = Query.from(Folder).match({ id: 5 })
    const up = await database.run(Load.one(last, { up: Load.tree(Folder) }))
    expect(up.up?.up?.up?.name).toBe("a")
    expect(up.up?.up?.up?.up).toBe(null)
    const near = await database.run(Load.one(last, { up: Load.tree(Folder, { depth: 2 }) }))
    expect(near).toEqual(await database.run(Load.one(last, { up: { up: true } })))
    const deep: number = 3
    const some = await database.run(
      Load.one(last, { up: Load.tree(Folder, { depth: deep, load: { notes: true } }) })
    )
    expect([some.up?.up?.up?.name, some.up?.notes]).toEqual(["a", []])
    // Below what comes with its statement, and beside it.
    const inside = await database.run(
      Load.all(Query.from(Folder).match({ id: 2 }), {
        up: Load.joined({ folders: Load.tree(Folder) }),
        folders: Load.json({ folders: Load.tree(Folder) })
      })
    )
    expect(inside[0]!.up?.folders.map(said)).toEqual(["c()", "b(d(e()))"])
    expect(inside[0]!.folders.map(said)).toEqual(["d(e())"])
  })

  test("rows that lead back to themselves are met [F132.6]", async () => {
    await database.run(
      Query.update(Folder).set({ upId: 5 }).where(Folder.c.id.eq(1)).pipe(Database.run)
    )
    const ring = Query.from(Folder).match({ id: 2 })
    const whole = Effect.flip(Load.all(ring, { folders: Load.tree(Folder) }))
    expect(await database.run(whole)).toMatchObject({
      _tag: "DecodeFailed",
      path: "Folder.folders",
      message: "Folder.folders: expected a tree; its rows lead back to themselves"
    })
    const five = await database.run(Load.all(ring, { folders: Load.tree(Folder, { depth: 5 }) }))
    const nested = { folders: { folders: { folders: { folders: { folders: true } } } } } as const
    expect(five).toEqual(await database.run(Load.all(ring, nested)))
    expect(five.map(said)).toEqual(["b(d(e(a(c(),b(d?)))))"])
  })

  test("a tree is as deep as it is, and its key as wide [F132.6]", async () => {
    const chain = Array.from({ length: 1500 }, (_, at) =>
      row(at + 1000, "deep", at === 0 ? null : at + 999)
    )
    await database.run(Database.run(Query.insert(Folder).rows(chain)))
    const [top] = await database.run(
      Load.all(Query.from(Folder).match({ id: 1000 }), { folders: Load.tree(Folder) })
    )
    let depth = 0
    for (let at: Named | undefined = top; at !== undefined; at = at.folders?.[0]) depth++
    expect(depth).toBe(1500)
    const unit = (firm: number, no: number, upNo: number | null) => ({ firm, no, upNo })
    const units = [unit(1, 1, null), unit(1, 2, 1), unit(1, 3, 2), unit(2, 1, null), unit(2, 3, 1)]
    await database.run(Database.run(Query.insert(Unit).rows(units)))
    const found = await database.run(
      Load.all(Query.from(Unit).where(Unit.c.upNo.isNull()).orderBy(Unit.c.firm), {
        units: Load.tree(Unit)
      })
    )
    type Below = { readonly no: number; readonly units: ReadonlyArray<Below> }
    const numbers = ({ no, units: below }: Below): unknown => [no, ...below.map(numbers)]
    expect(found.map(numbers)).toEqual([
      [1, [2, [3]]],
      [1, [3]]
    ])
  })

  test("a list is in its declared order, frozen; sets and maps come from it [F124.1]", async () => {
    const [root] = await database.run(Load.all(roots, { folders: true }))
    expect(root!.folders.map(({ name }) => name)).toEqual(["c", "b"])
    expect(Object.isFrozen(root!.folders)).toBe(true)
    const names: ReadonlySet<string> = Load.setOf(root!.folders, "name")
    expect([...names]).toEqual(["c", "b"])
    const byName: ReadonlyMap<string, Folder> = await database.run(
      Load.mapBy(root!.folders, "name")
    )
    expect([...byName].map(([name, { id }]) => [name, id])).toEqual([
      ["c", 3],
      ["b", 2]
    ])
    // @ts-expect-error a column that may be NULL is no key
    expect(() => Load.setOf(root!.folders, "upId")).not.toThrow()
  })

  test("a map with room for one of two values is a typed error [F124.4]", async () => {
    const insert = Query.insert(Note).rows(["x", "y", "x"].map((text) => ({ text, folderId: 1 })))
    await database.run(Database.run(insert))
    const [root] = await database.run(Load.all(roots, { notes: true }))
    const failed = await database.run(Effect.flip(Load.mapBy(root!.notes, "text")))
    expect(failed).toBeInstanceOf(Load.DuplicateKey)
    expect(failed).toMatchObject({ _tag: "DuplicateKey", column: "text", positions: [0, 2] })
    expect(failed.message).toBe(
      "Note.text: two values of the list hold the same, and a map has room for one"
    )
    expect(Load.setOf(root!.notes, "text").size).toBe(2)
  })

  test("a large relation is written, queried and loaded by so many a parent", async () => {
    const pages = Array.from({ length: 5 }, (_, at) => ({ no: at }))
    const label = Label.make({ name: "fire" })
    await work(Session.add(Folder.make({ id: 9, name: "big", pages, labels: [label] })))
    expect(await database.run(Database.count(Along.of(Folder, "pages", [9])))).toBe(5)
    const first = Load.some(Page, { orderBy: Page.c.no.desc(), limit: 2 })
    const [big] = await database.run(
      Load.all(Query.from(Folder).match({ id: 9 }), {
        pages: first,
        labels: Load.some(Label, { limit: 1 })
      })
    )
    expect(big!.pages.some.map(({ no }) => no)).toEqual([4, 3])
    expect(big!.labels.some.map(({ name }) => name)).toEqual(["fire"])
    await work(Session.delete(big!))
    expect(await database.run(Database.count(Query.from(Page)))).toBe(0)
  })
})

test("no plan loads a large relation whole [F125.1 @all]", () => {
  const large = "is large: load some of it, by a limit"
  const query = Query.from(Folder)
  // @ts-expect-error it is large
  expect(() => Load.plan(Folder, { pages: true })).toThrow(`plan: Folder.pages ${large}`)
  // @ts-expect-error a plan below it loads it whole too
  expect(() => Load.plan(Folder, { pages: { folder: true } })).toThrow(large)
  // @ts-expect-error without a limit, some are all
  expect(() => Load.plan(Folder, { pages: Load.some(Page, {}) })).toThrow(large)
  // @ts-expect-error below another relation
  expect(() => Load.plan(Folder, { up: { labels: true } })).toThrow(`Folder.labels ${large}`)
  // @ts-expect-error of the verbs of a session
  expect(() => void Session.all(query, { pages: Load.json() })).not.toThrow()
  // @ts-expect-error by itself
  expect(() => void Session.load({} as Folder, Folder.pages)).not.toThrow()
  expect(Load.plan(Folder, { pages: Load.some(Page, { limit: 3 }) }).steps.length).toBe(1)
})

test("a tree is of one entity, by a key, and of a depth", () => {
  const refused = (work: () => unknown, message: string): void => expect(work).toThrow(message)
  refused(() => Load.tree(Folder, { depth: 0 }), "tree: a depth of 0 is no number of levels")
  refused(
    // @ts-expect-error notes are not folders
    () => Load.plan(Folder, { notes: Load.tree(Note) }),
    "plan: Folder.notes leads to Note: a tree is of one entity"
  )
  refused(
    // @ts-expect-error another entity
    () => Load.plan(Folder, { folders: Load.tree(Note) }),
    "plan: Folder.folders leads to Folder, not to Note"
  )
  refused(
    () => Load.plan(Folder, { folders: Load.tree(Folder, { load: { folders: true } }) }),
    "plan: Folder.folders is the tree's own, and loaded with it"
  )
})
