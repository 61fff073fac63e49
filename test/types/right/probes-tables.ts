/**
 * The probes of docs/probes.md over tables: each mistake does not compile, and its neighbour, the
 * same without the mistake, does.
 */
import { Column, Database, Fn, Query, sql, Table, Type } from "athanor"
import type { DatabaseError } from "athanor"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const users = Table.make("users", {
  id: Column.id(),
  name: Column.text(),
  bio: Column.text().nullable(),
  age: Column.integer(),
  role: Column.enum(["admin", "user"])
})
const posts = Table.make("posts", {
  id: Column.id(),
  authorId: Column.integer(),
  title: Column.text(),
  words: Column.integer()
})
type Is<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Row<Q> = Q extends Query.Select<infer R, any, any> ? R : never
const is = <T extends true>(): T | undefined => undefined
const from = Query.from(users)
const mine = posts.c.authorId.eq(users.c.id)
const joined = from.leftJoin(posts, mine)

// A column that is not in FROM: in SELECT, WHERE, ORDER BY.
from.select(users.c.id)
// @ts-expect-error
from.select(posts.c.id)
from.where(users.c.age.gt(1))
// @ts-expect-error
from.where(posts.c.words.gt(1))
from.orderBy(users.c.age)
// @ts-expect-error
from.orderBy(posts.c.words)

// A literal of another type; a column of another type; a join on text = int.
users.c.age.eq(1)
// @ts-expect-error
users.c.age.eq("1")
users.c.age.eq(posts.c.words)
// @ts-expect-error
users.c.age.eq(posts.c.title)
from.join(posts, mine)
// @ts-expect-error
from.join(posts, posts.c.title.eq(users.c.id))

// LIKE on a number; SUM of text.
users.c.name.like("a%")
// @ts-expect-error
users.c.age.like("a%")
Fn.sum(users.c.age)
// @ts-expect-error
Fn.sum(users.c.name)

// An outer join makes NULL; coalesce takes it away; a function over the column keeps it.
const outer = joined.select({ title: posts.c.title, sure: posts.c.title.coalesce(""), loud: Fn.upper(posts.c.title) })
type Outer = Row<typeof outer>
is<Is<Outer, { readonly title: string | null; readonly sure: string; readonly loud: string | null }>>()
// @ts-expect-error
is<Is<Outer["title"], string>>()
// @ts-expect-error
is<Is<Outer["loud"], string>>()

// SUM and MAX of nothing are NULL; COUNT is not.
const sums = from.select({ n: Fn.count(), sum: Fn.sum(users.c.age), max: Fn.max(users.c.age) })
is<Is<Row<typeof sums>, { readonly n: number; readonly sum: number | null; readonly max: number | null }>>()
// @ts-expect-error
is<Is<Row<typeof sums>["max"], number>>()

// An insert that lacks a column, names an unknown one, writes a generated one.
Query.insert(users).values({ name: "a", age: 1, role: "user" })
// @ts-expect-error
Query.insert(users).values({ name: "a", role: "user" })
// @ts-expect-error
Query.insert(users).values({ name: "a", age: 1, role: "user", nope: 1 })
// @ts-expect-error
Query.insert(users).values({ name: "a", age: 1, role: "user", id: 1 })

// NULL, an expression that may be NULL, and raw SQL of another type for a NOT NULL column.
Query.update(users).set({ bio: null, name: users.c.role })
// @ts-expect-error
Query.update(users).set({ name: null })
// @ts-expect-error
Query.update(users).set({ name: users.c.bio })
Query.update(users).set({ age: sql(Type.integer)`1`.coalesce(0) })
// @ts-expect-error
Query.update(users).set({ age: sql(Type.text)`'1'`.coalesce("") })

// A field that was not selected.
const picked = from.select({ id: users.c.id }).as("picked")
Query.from(picked).select(picked.c.id)
// @ts-expect-error
Query.from(picked).select(picked.c.name)

// A correlated subquery says to whom; a scalar subquery may be NULL.
const inner = Query.from(posts).correlate(users).where(mine)
from.where(inner.exists())
// @ts-expect-error
Query.from(posts).where(mine)
const scalar = from.select({ title: inner.select(posts.c.title).scalar() })
is<Is<Row<typeof scalar>, { readonly title: string | null }>>()

// A column that an interpolation of raw SQL names wrongly.
from.select(sql(Type.text)`lower(${users.c.name})`)
// @ts-expect-error
from.select(sql(Type.text)`lower(${users.c.nmae})`)
// @ts-expect-error
from.select(sql(Type.text)`lower(${posts.c.title})`)

// A column a CTE does not have.
const cte = from.select({ name: users.c.name }).cte("some")
Query.from(cte).where(cte.c.name.like("a%"))
// @ts-expect-error
Query.from(cte).where(cte.c.age.gt(1))

// The parts of a set operation: types and names; NULL of either part is one of the whole.
const ages = from.select({ n: users.c.age })
ages.union(Query.from(posts).select({ n: posts.c.words }))
// @ts-expect-error
ages.union(from.select({ n: users.c.name }))
// @ts-expect-error
ages.union(from.select({ m: users.c.age }))
const either = from.select({ t: users.c.name }).union(from.select({ t: users.c.bio }))
is<Is<Row<typeof either>, { readonly t: string | null }>>()

// A literal an enumeration does not have, in WHERE and INSERT; `= NULL`.
users.c.role.eq("admin")
// @ts-expect-error
users.c.role.eq("root")
// @ts-expect-error
Query.insert(users).values({ name: "a", age: 1, role: "root" })
users.c.bio.isNull()
// @ts-expect-error
users.c.bio.eq(null)

// UPDATE and DELETE of every row are asked for by name.
Database.run(Query.update(users).set({ age: 1 }).everyRow())
// @ts-expect-error
Database.run(Query.update(users).set({ age: 1 }))
// @ts-expect-error
Database.run(Query.deleteFrom(users))

// What can fail is in the type: constraints of writes, none of reads.
const written = Database.run(Query.deleteFrom(users).everyRow())
const read = Database.all(from)
type Unique = DatabaseError.UniqueViolation
is<Is<Extract<Effect.Error<typeof written>, Unique>, Unique>>()
is<Is<Extract<Effect.Error<typeof read>, Unique>, never>>()

// A path into JSON that its schema does not have.
const Letter = Schema.Struct({ address: Schema.Struct({ city: Schema.String }) })
const letters = Table.make("letters", { id: Column.id(), body: Column.make(Type.json(Letter)) })
letters.c.body.at("address", "city")
// @ts-expect-error
letters.c.body.at("address", "ctiy")
