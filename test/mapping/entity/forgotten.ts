/**
 * Says of a mapping that was used and dropped whether it is gone: run with `--expose-gc`. A process
 * of its own, as a test runner holds on to what it has seen.
 */
import { Column, Entity, Mapping, Query } from "athanor"

declare const gc: () => void

const use = (): ReadonlyArray<WeakRef<object>> => {
  class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
    static readonly posts = this.hasMany(() => Post)
  }
  class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
    static readonly user = this.belongsTo(() => User)
    static readonly isLate = this.hybrid((p) => p.id.gt(3))
  }
  Post.make({ user: User.make({ name: "Ann" }) })
  User.ref(1)
  Post.isLate.of({ id: 4, userId: 1 })
  Mapping.describe(Post)
  const query = Query.from(Post)
    .match({ user: { name: "Ann" } })
    .where(Post.isLate)
  if (Mapping.faults({ User, Post }).length > 0) throw new Error("the mapping has faults")
  return [User, Post, query].map((one) => new WeakRef(one))
}

const refs = use()
for (let turn = 0; turn < 50 && refs.some((one) => one.deref() !== undefined); turn++) {
  await new Promise((resolve) => setTimeout(resolve, 5))
  gc()
}
console.log(JSON.stringify(refs.map((one) => one.deref() === undefined)))
