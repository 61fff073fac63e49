import { Catalog, Column, Entity, Index, Table } from "athanor"

/** A mixin is a record of columns. */
export const timestamps = {
  createdAt: Column.timestamp().default(Column.now).writeOnce(),
  updatedAt: Column.timestamp().nullable().onUpdate(Column.now)
}

export class User extends Entity<User>()("users", {
  id: Column.id(),
  username: Column.varchar(50).unique(),
  email: Column.varchar(255).unique(),
  displayName: Column.varchar(100).nullable(),
  isActive: Column.boolean().default(true),
  ...timestamps
}) {
  static readonly posts = this.hasMany(() => Post, { children: "delete" })
  static readonly comments = this.hasMany(() => Comment, { children: "delete" })

  get label() {
    return `${this.displayName ?? this.username} <${this.email}>`
  }
}

export class Post extends Entity<Post>()(
  "posts",
  {
    id: Column.id(),
    title: Column.varchar(200),
    body: Column.text(),
    status: Column.enum(["draft", "published", "archived"]).default("draft"),
    views: Column.integer().default(0),
    authorId: Column.integer(),
    ...timestamps
  },
  (c) => [Index.on(c.authorId, c.status)]
) {
  static readonly author = this.belongsTo(() => User)
  static readonly tags = this.manyToMany(() => Tag, { through: () => postTags })
  static readonly comments = this.hasMany(() => Comment, { children: "delete" })
}

export class Tag extends Entity<Tag>()("tags", {
  id: Column.id(),
  name: Column.varchar(50).unique()
}) {
  static readonly posts = this.manyToMany(() => Post, { through: () => postTags })
}

export class Comment extends Entity<Comment>()("comments", {
  id: Column.id(),
  body: Column.text(),
  postId: Column.integer(),
  authorId: Column.integer(),
  parentId: Column.integer().nullable(),
  ...timestamps
}) {
  static readonly post = this.belongsTo(() => Post)
  static readonly author = this.belongsTo(() => User)
  static readonly parent = this.belongsTo(() => Comment)
  static readonly replies = this.hasMany(() => Comment, { key: "parentId", children: "delete" })
}

export const postTags = Table.make("post_tags", {
  postId: Column.integer()
    .primaryKey()
    .references(() => Post.c.id, { onDelete: "cascade" }),
  tagId: Column.integer()
    .primaryKey()
    .references(() => Tag.c.id, { onDelete: "cascade" })
})

export const catalog = Catalog.make({ User, Post, Tag, Comment, postTags })
