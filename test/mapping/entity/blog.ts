import { Catalog, Column, Entity, Index, Table } from "athanor"

/** A mixin is a record of columns. */
export const timestamps = {
  createdAt: Column.timestamp().default(Column.now).writeOnce(),
  updatedAt: Column.timestamp().nullable().onUpdate(Column.now)
}

export class User extends Entity<User>()(
  "users",
  {
    id: Column.id(),
    username: Column.varchar(50).unique(),
    email: Column.varchar(255).unique(),
    displayName: Column.varchar(100).nullable(),
    ...timestamps
  },
  (c) => [Index.on(c.username, c.email)]
) {
  static readonly posts = this.hasMany(() => Post, { children: "delete" })
  static readonly comments = this.hasMany(() => Comment)

  get label() {
    return `${this.username} <${this.email}>`
  }

  greets(other: User): string {
    return `${this.username} greets ${other.username}`
  }
}

export class Post extends Entity<Post>()("posts", {
  id: Column.id(),
  title: Column.varchar(200),
  views: Column.bigint().default(0n),
  authorId: Column.integer()
}) {
  static readonly author = this.belongsTo(() => User)
  static readonly tags = this.manyToMany(() => Tag, { through: () => postTags })
  static readonly comments = this.hasMany(() => Comment, { children: "database" })
}

export class Tag extends Entity<Tag>()("tags", { id: Column.id(), name: Column.varchar(50) }) {
  static readonly posts = this.manyToMany(() => Post, { through: () => postTags })
}

export class Comment extends Entity<Comment>()("comments", {
  id: Column.id(),
  body: Column.text(),
  postId: Column.integer(),
  writerId: Column.integer(),
  parentId: Column.integer().nullable()
}) {
  static readonly post = this.belongsTo(() => Post)
  static readonly writer = this.belongsTo(() => User, { key: "writerId" })
  static readonly parent = this.belongsTo(() => Comment)
  static readonly replies = this.hasMany(() => Comment)
}

export const postTags = Table.make("post_tags", {
  postId: Column.integer()
    .primaryKey()
    .references(() => Post.c.id),
  tagId: Column.integer()
    .primaryKey()
    .references(() => Tag.c.id)
})

/** Keys of several columns: flights of an airline by number, and their seats. */
export class Flight extends Entity<Flight>()("flights", {
  airline: Column.varchar(3).primaryKey(),
  number: Column.integer().primaryKey(),
  gate: Column.varchar(5).nullable()
}) {
  static readonly seats = this.hasMany(() => Seat, { children: "delete" })
}

export class Seat extends Entity<Seat>()("seats", {
  id: Column.id(),
  row: Column.integer(),
  flightAirline: Column.varchar(3),
  flightNumber: Column.integer()
}) {
  static readonly flight = this.belongsTo(() => Flight)
}

export const catalog = Catalog.make({ User, Post, Tag, Comment, postTags, Flight, Seat })
