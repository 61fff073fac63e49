/**
 * The probes of docs/probes.md over entities: each mistake does not compile, and its neighbour, the
 * same without the mistake, does.
 */
import { Column, Database, Entity, Fn, Load, Query, sql, Type } from "athanor"
import type { DatabaseError } from "athanor"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const userId = Column.key(() => Column.id("UserId"))
class User extends Entity<User>()("users", {
  id: Column.id("UserId"),
  name: Column.text(),
  bio: Column.text().nullable(),
  age: Column.integer(),
  role: Column.enum(["admin", "user"])
}) {
  static readonly posts = this.hasMany(() => Post)
  get label(): string {
    return this.name
  }
  older(): number {
    return this.age + 1
  }
}
class Post extends Entity<Post>()("posts", {
  id: Column.id(),
  authorId: userId,
  title: Column.text(),
  words: Column.integer()
}) {
  static readonly author = this.belongsTo(() => User)
}
type Is<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Row<Q> = Q extends Query.Select<infer R, any, any> ? R : never
const is = <T extends true>(): T | undefined => undefined
const from = Query.from(User)
const mine = Post.c.authorId.eq(User.c.id)
const joined = from.leftJoin(Post, mine)

// A column that is not in FROM: in SELECT, WHERE, ORDER BY.
from.select(User.c.id)
// @ts-expect-error
from.select(Post.c.id)
from.where(User.c.age.gt(1))
// @ts-expect-error
from.where(Post.c.words.gt(1))
from.orderBy(User.c.age)
// @ts-expect-error
from.orderBy(Post.c.words)

// A literal of another type; a column of another type; a join on text = int.
User.c.age.eq(1)
// @ts-expect-error
User.c.age.eq("1")
User.c.age.eq(Post.c.words)
// @ts-expect-error
User.c.age.eq(Post.c.title)
from.join(Post, mine)
// @ts-expect-error
from.join(Post, Post.c.title.eq(User.c.id))

// LIKE on a number; SUM of text.
User.c.name.like("a%")
// @ts-expect-error
User.c.age.like("a%")
Fn.sum(User.c.age)
// @ts-expect-error
Fn.sum(User.c.name)

// An outer join makes NULL; coalesce takes it away; a function over the column keeps it.
const outer = joined.select({ title: Post.c.title, sure: Post.c.title.coalesce(""), loud: Fn.upper(Post.c.title) })
type Outer = Row<typeof outer>
is<Is<Outer, { readonly title: string | null; readonly sure: string; readonly loud: string | null }>>()
// @ts-expect-error
is<Is<Outer["title"], string>>()
// @ts-expect-error
is<Is<Outer["loud"], string>>()

// SUM and MAX of nothing are NULL; COUNT is not.
const sums = from.select({ n: Fn.count(), sum: Fn.sum(User.c.age), max: Fn.max(User.c.age) })
is<Is<Row<typeof sums>, { readonly n: number; readonly sum: number | null; readonly max: number | null }>>()
// @ts-expect-error
is<Is<Row<typeof sums>["max"], number>>()

// An insert that lacks a column, names an unknown one, writes a generated one.
Query.insert(User).values({ name: "a", age: 1, role: "user" })
// @ts-expect-error
Query.insert(User).values({ name: "a", role: "user" })
// @ts-expect-error
Query.insert(User).values({ name: "a", age: 1, role: "user", nope: 1 })
// @ts-expect-error
Query.insert(User).values({ name: "a", age: 1, role: "user", id: 1 })

// NULL, an expression that may be NULL, and raw SQL of another type for a NOT NULL column.
Query.update(User).set({ bio: null, name: User.c.role })
// @ts-expect-error
Query.update(User).set({ name: null })
// @ts-expect-error
Query.update(User).set({ name: User.c.bio })
Query.update(User).set({ age: sql(Type.integer)`1`.coalesce(0) })
// @ts-expect-error
Query.update(User).set({ age: sql(Type.text)`'1'`.coalesce("") })

// A field that was not selected.
const picked = from.select({ id: User.c.id }).as("picked")
Query.from(picked).select(picked.c.id)
// @ts-expect-error
Query.from(picked).select(picked.c.name)

// A correlated subquery says to whom; a scalar subquery may be NULL.
const inner = Query.from(Post).correlate(User).where(mine)
from.where(inner.exists())
// @ts-expect-error
Query.from(Post).where(mine)
const scalar = from.select({ title: inner.select(Post.c.title).scalar() })
is<Is<Row<typeof scalar>, { readonly title: string | null }>>()

// A column that an interpolation of raw SQL names wrongly.
from.select(sql(Type.text)`lower(${User.c.name})`)
// @ts-expect-error
from.select(sql(Type.text)`lower(${User.c.nmae})`)
// @ts-expect-error
from.select(sql(Type.text)`lower(${Post.c.title})`)

// A column a CTE does not have.
const cte = from.select({ name: User.c.name }).cte("some")
Query.from(cte).where(cte.c.name.like("a%"))
// @ts-expect-error
Query.from(cte).where(cte.c.age.gt(1))

// The parts of a set operation: types and names; NULL of either part is one of the whole.
const ages = from.select({ n: User.c.age })
ages.union(Query.from(Post).select({ n: Post.c.words }))
// @ts-expect-error
ages.union(from.select({ n: User.c.name }))
// @ts-expect-error
ages.union(from.select({ m: User.c.age }))
const either = from.select({ t: User.c.name }).union(from.select({ t: User.c.bio }))
is<Is<Row<typeof either>, { readonly t: string | null }>>()

// A literal an enumeration does not have, in WHERE and INSERT; `= NULL`.
User.c.role.eq("admin")
// @ts-expect-error
User.c.role.eq("root")
// @ts-expect-error
Query.insert(User).values({ name: "a", age: 1, role: "root" })
User.c.bio.isNull()
// @ts-expect-error
User.c.bio.eq(null)

// UPDATE and DELETE of every row are asked for by name.
Database.run(Query.update(User).set({ age: 1 }).everyRow())
// @ts-expect-error
Database.run(Query.update(User).set({ age: 1 }))
// @ts-expect-error
Database.run(Query.deleteFrom(User))

// What can fail is in the type: constraints of writes, none of reads.
const written = Database.run(Query.deleteFrom(User).everyRow())
const read = Database.all(from)
type Unique = DatabaseError.UniqueViolation
is<Is<Extract<Effect.Error<typeof written>, Unique>, Unique>>()
is<Is<Extract<Effect.Error<typeof read>, Unique>, never>>()

// A key of another entity; a relation that was not loaded, or is called otherwise.
User.c.id.eq(Post.c.authorId)
// @ts-expect-error
User.c.id.eq(Post.c.id)
declare const user: User
user.name
// @ts-expect-error
user.posts
Load.all(from, { posts: true })
// @ts-expect-error
Load.all(from, { post: true })
from.match({ posts: { title: "x" } })
// @ts-expect-error
from.match({ post: { title: "x" } })

// Getters and methods are no columns: not of the entity, not of a query in FROM made of it.
const whole = from.as("whole")
const named = from.cte("named")
const nested = joined.select({ user: User, post: Post }).as("nested")
whole.c.name.eq(named.c.name)
nested.c.user.name.eq(nested.c.post.title)
// @ts-expect-error
User.c.label
// @ts-expect-error
User.c.older
// @ts-expect-error
whole.c.label
// @ts-expect-error
whole.c.older
// @ts-expect-error
named.c.label
// @ts-expect-error
named.c.older
// @ts-expect-error
nested.c.user.label
// @ts-expect-error
nested.c.user.older
// @ts-expect-error
nested.c.user.posts

// A path into JSON that its schema does not have.
const Body = Schema.Struct({ address: Schema.Struct({ city: Schema.String }) })
class Letter extends Entity<Letter>()("letters", { id: Column.id(), body: Column.make(Type.json(Body)) }) {}
Letter.c.body.at("address", "city")
// @ts-expect-error
Letter.c.body.at("address", "ctiy")
