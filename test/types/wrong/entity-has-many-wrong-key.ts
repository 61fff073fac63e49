// line: 29
// expect: Type '"authorId"' is not assignable to type '"postId" | Several<
import { Column, Entity, Load, Query } from "athanor"

const userId = Column.key(() => Column.id("UserId"))
const postId = Column.key(() => Column.id("PostId"))
class User extends Entity<User>()("users", {
  id: Column.id("UserId"), username: Column.varchar(50), email: Column.varchar(255),
  createdAt: Column.timestamp().default(Column.now).writeOnce()
}) {
  static readonly posts = this.hasMany(() => Post)
  static readonly comments = this.hasMany(() => Comment)
  get label(): string {
    return this.username
  }
}
class Post extends Entity<Post>()("posts", { id: Column.id("PostId"), title: Column.text(), authorId: userId }) {
  static readonly author = this.belongsTo(() => User)
  static readonly comments = this.hasMany(() => Comment)
}
class Comment extends Entity<Comment>()("comments", { id: Column.id(), body: Column.text(), postId, authorId: userId }) {
  static readonly post = this.belongsTo(() => Post)
  static readonly author = this.belongsTo(() => User)
}
class Tag extends Entity<Tag>()("tags", { id: Column.id(), name: Column.text() }) {}
declare const user: User

export class Page extends Entity<Page>()("pages", { id: Column.id("PostId") }) {
  static readonly comments = this.hasMany(() => Comment, { key: "authorId" })
}
