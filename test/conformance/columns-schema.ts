import { Column, Entity, Table, Type } from "athanor"
import * as Schema from "effect/Schema"

export class Place extends Schema.Class<Place>("Place")({ x: Schema.Number, y: Schema.Number }) {}
export const Settings = Schema.Struct({
  theme: Schema.String,
  sizes: Schema.Array(Schema.Number),
  deep: Schema.Struct({ marks: Schema.Array(Schema.Struct({ at: Schema.Number })) })
})
export const settings = { theme: "dark", sizes: [1, 2], deep: { marks: [{ at: 1 }] } }
/** The same content, told in another order and by other objects. */
export const same = { deep: { marks: [{ at: 1 }] }, sizes: [1, 2], theme: "dark" }

export const keeper = {
  id: Column.id(),
  email: Column.varchar(50),
  settings: Column.make(Type.json(Settings)),
  place: Column.make(Type.json(Place)).nullable(),
  tags: Column.make(Type.json(Schema.Array(Schema.String))).default(["new"])
}
export class Keeper extends Entity<Keeper>()("keepers", keeper) {
  /** A second name of the same column. */
  static readonly mail = this.hybrid((k) => k.email, { set: (email) => ({ email }) })
  static readonly look = this.hybrid((k) => k.settings)
  get mail() {
    return Keeper.mail.of(this)
  }
}
/** Lists and sets of the servers that have them. */
export class Lister extends Entity<Lister>()("listers", {
  id: Column.id(),
  list: Column.make(Type.array(Type.integer))
}) {}
export class Setter extends Entity<Setter>()("setters", {
  id: Column.id(),
  days: Column.make(Type.set(["mon", "tue", "wed"]))
}) {}

export class Writer extends Entity<Writer>()("writers", {
  id: Column.id(),
  name: Column.varchar(20),
  notes: Column.text().deferred(),
  photo: Column.text().nullable().deferred("media"),
  voice: Column.text().deferred("media").nullable(),
  age: Column.integer().default(7),
  version: Column.integer().version()
}) {
  static readonly books = this.hasMany(() => Book)
  get loud() {
    return `${this.name}!`
  }
}
export class Book extends Entity<Book>()("books", {
  id: Column.id(),
  title: Column.varchar(20),
  pages: Column.integer(),
  body: Column.text().deferred(),
  writerId: Column.integer()
}) {
  static readonly writer = this.belongsTo(() => Writer)
  static readonly marks = this.manyToMany(() => Mark, { through: () => bookMarks })
  static readonly longer = this.relatesToMany(
    () => Book,
    (own, target) => own.pages.lt(target.pages)
  )
}
export class Mark extends Entity<Mark>()("marks", { id: Column.id(), word: Column.varchar(20) }) {}
export const bookMarks = Table.make("book_marks", {
  bookId: Column.integer()
    .primaryKey()
    .references(() => Book.c.id),
  markId: Column.integer()
    .primaryKey()
    .references(() => Mark.c.id)
})
