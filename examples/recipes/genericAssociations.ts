/** Notes on anything: a link table for each kind keeps the keys that a type column would lose. */
import { Catalog, Column, Database, Entity, Load, Query, Table } from "athanor"
import * as Effect from "effect/Effect"

class Note extends Entity<Note>()("notes", {
  id: Column.integer().primaryKey(),
  text: Column.text()
}) {}

/** What whoever has notes has in common: a link table of its own, with real keys on both sides. */
const linksOf = (name: string, owner: () => typeof Person.c.id | typeof Firm.c.id) =>
  Table.make(`${name}_notes`, {
    ownerId: Column.integer().primaryKey().references(owner, { onDelete: "cascade" }),
    noteId: Column.integer()
      .primaryKey()
      .unique()
      .references(() => Note.c.id, { onDelete: "cascade" })
  })

class Person extends Entity<Person>()("people", {
  id: Column.integer().primaryKey(),
  name: Column.text()
}) {
  static readonly notes = this.manyToMany(() => Note, { through: () => personNotes })
}
class Firm extends Entity<Firm>()("firms", {
  id: Column.integer().primaryKey(),
  title: Column.text()
}) {
  static readonly notes = this.manyToMany(() => Note, { through: () => firmNotes })
}
const personNotes = linksOf("person", () => Person.c.id)
const firmNotes = linksOf("firm", () => Firm.c.id)

export const recipe = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ Note, Person, Firm, personNotes, firmNotes }))
  yield* Database.run(Query.insert(Person).values({ id: 1, name: "Ann" }))
  yield* Database.run(Query.insert(Firm).values({ id: 1, title: "Ann & Co" }))
  const notes = ["rang", "wrote", "paid"].map((text, i) => ({ id: i + 1, text }))
  yield* Database.run(Query.insert(Note).rows(notes))
  yield* Database.run(
    Query.insert(personNotes).rows([1, 2].map((noteId) => ({ ownerId: 1, noteId })))
  )
  yield* Database.run(Query.insert(firmNotes).values({ ownerId: 1, noteId: 3 }))
  const [person] = yield* Load.all(Query.from(Person), { notes: true })
  const [firm] = yield* Load.all(Query.from(Firm), { notes: true })
  const stranger = Query.insert(firmNotes).values({ ownerId: 9, noteId: 1 })
  const refused = yield* Effect.flip(Database.run(stranger))
  return {
    ann: person!.notes.map(({ text }) => text),
    firm: firm!.notes.map(({ text }) => text),
    refused: refused._tag === "ForeignKeyViolation" || refused._tag === "UniqueViolation"
  }
})

export const expected = { ann: ["rang", "wrote"], firm: ["paid"], refused: true }
