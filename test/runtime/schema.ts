import { Catalog, Column, Entity, Table, Unique } from "athanor"

export class Author extends Entity<Author>()("authors", {
  id: Column.id(),
  email: Column.varchar(100).unique(),
  name: Column.varchar(50).nullable(),
  balance: Column.integer().default(0),
  createdAt: Column.timestamp().default(Column.now),
  updatedAt: Column.timestamp().nullable().onUpdate(Column.now)
}) {
  static readonly books = this.hasMany(() => Book, { children: "delete" })
  static readonly notes = this.hasMany(() => Note)
  get label() {
    return `${this.name} <${this.email}>`
  }
}

export class Book extends Entity<Book>()(
  "books",
  {
    id: Column.id(),
    title: Column.varchar(100),
    authorId: Column.integer()
  },
  (c) => [Unique.on(c.authorId, c.title)]
) {
  static readonly author = this.belongsTo(() => Author)
  static readonly genres = this.manyToMany(() => Genre, { through: () => bookGenres })
}

export class Genre extends Entity<Genre>()("genres", {
  id: Column.id(),
  name: Column.varchar(50).unique()
}) {
  static readonly books = this.manyToMany(() => Book, { through: () => bookGenres })
}

/** A note outlives its author: detached. */
export class Note extends Entity<Note>()("notes", {
  id: Column.id(),
  body: Column.varchar(100),
  authorId: Column.integer().nullable()
}) {
  static readonly author = this.belongsTo(() => Author)
}

/** A tree. */
export class Part extends Entity<Part>()("parts", {
  code: Column.varchar(20).primaryKey(),
  parentCode: Column.varchar(20).nullable()
}) {
  static readonly parent = this.belongsTo(() => Part, { key: "parentCode" })
  static readonly children = this.hasMany(() => Part, { key: "parentCode", children: "delete" })
}

/** Rows with a counter of their updates. */
export class Account extends Entity<Account>()("accounts", {
  id: Column.id(),
  balance: Column.integer(),
  version: Column.integer().version()
}) {}

export const bookGenres = Table.make("book_genres", {
  bookId: Column.integer()
    .primaryKey()
    .references(() => Book.c.id),
  genreId: Column.integer()
    .primaryKey()
    .references(() => Genre.c.id)
})

export const catalog = Catalog.make({ Author, Book, Genre, Note, Part, Account, bookGenres })
