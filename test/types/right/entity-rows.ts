import type { Effect } from "effect/Effect"
import type { Utc } from "effect/DateTime"
import { Column, Entity, type Expr, ForeignKey, Load, Query, Table, Unique } from "athanor"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}
type Success<F> = F extends Effect<infer A, any, any> ? A : never

const timestamps = {
  createdAt: Column.timestamp().default(Column.now).writeOnce(),
  updatedAt: Column.timestamp().nullable().onUpdate(Column.now)
}
class User extends Entity<User>()("users", {
  id: Column.id("UserId"),
  username: Column.varchar(50),
  displayName: Column.varchar(100).nullable(),
  ...timestamps
}) {
  static readonly posts = this.hasMany(() => Post, { children: "delete" })
  static readonly comments = this.hasMany(() => Comment)
  get label() {
    return `${this.username} of ${this.createdAt.epochMilliseconds}`
  }
  rename(to: string): string {
    return to
  }
}
const userId = Column.key(() => Column.id("UserId"))
class Post extends Entity<Post>()("posts", { id: Column.id(), title: Column.varchar(200), authorId: userId }) {
  static readonly author = this.belongsTo(() => User)
  static readonly tags = this.manyToMany(() => Tag, { through: () => postTags })
  static readonly comments = this.hasMany(() => Comment, { key: "postId" })
}
class Tag extends Entity<Tag>()("tags", { id: Column.id(), name: Column.varchar(50) }) {}
class Comment extends Entity<Comment>()("comments", {
  id: Column.id(), body: Column.text(), postId: Column.integer(), writerId: userId, parentId: Column.integer().nullable()
}) {
  static readonly post = this.belongsTo(() => Post)
  static readonly writer = this.belongsTo(() => User, { key: "writerId" })
  static readonly parent = this.belongsTo(() => Comment)
  static readonly replies = this.hasMany(() => Comment)
}
const postTags = Table.make("post_tags", {
  postId: Column.integer().primaryKey().references(() => Post.c.id),
  tagId: Column.integer().primaryKey().references(() => Tag.c.id)
})

// Values: columns as rows hold them, members of the class beside.
declare const user: User
same<typeof user.displayName, string | null>(true)
same<typeof user.createdAt, Utc>(true)
same<typeof user.label, string>(true)

// Plans: what is loaded is in the type, and nothing else.
const everybody = Load.all(Query.from(User), { posts: { tags: true, comments: { parent: true, writer: true } } })
const tree: Success<typeof everybody> = []
const [one] = tree
same<NonNullable<typeof one>["posts"][number]["tags"], ReadonlyArray<Tag>>(true)
type Deep = NonNullable<typeof one>["posts"][number]["comments"][number]
same<Deep["parent"], Comment | null>(true)
same<Deep["writer"], User>(true)
same<Load.Loaded<typeof User, { readonly posts: true }>, User & { readonly posts: ReadonlyArray<Post> }>(true)
same<Load.Loaded<typeof User, true>, User>(true)
same<
  Load.Loaded<typeof Comment, { readonly replies: { readonly replies: true } }>,
  Comment & { readonly replies: ReadonlyArray<Comment & { readonly replies: ReadonlyArray<Comment> }> }
>(true)
const more: User & { readonly posts: ReadonlyArray<Post> } = null! as NonNullable<typeof one>
const less: User = more
export const needs = (author: User & { readonly posts: ReadonlyArray<Post> }): number => author.posts.length + less.id

// Queries keep the class through fragments; only columns are columns of a derived table.
const page = <Row, R, S extends string>(self: Query.Select<Row, R, S>): Query.Select<Row, R, S> => self.limit(1)
const paged = Query.from(Post).match({ title: "x", author: { username: "alice" }, tags: { name: "sql" } }).pipe(page)
export const asPosts: Query.Select<Post, never, "posts"> = paged.match({ comments: { writer: { username: "bob" } } })
const derived = paged.as("recent")
same<keyof typeof derived.c, "id" | "title" | "authorId">(true)
const nested = Query.from(User).select({ user: User, name: User.c.username }).as("n")
same<keyof typeof nested.c.user, "id" | "username" | "displayName" | "createdAt" | "updatedAt">(true)
const { c } = Query.alias(User, "u")
same<keyof typeof c, "id" | "username" | "displayName" | "createdAt" | "updatedAt">(true)

// New rows: parents as value, draft, reference or key; children as literals and drafts.
const alice = User.make({ username: "alice", displayName: undefined })
const keyed = User.ref(user.id)
for (const author of [alice, user, keyed, user.id]) Post.make({ title: "t", author })
export const graph = User.make({
  username: "alice",
  posts: [
    { title: "a", tags: [{ name: "sql" }, Tag.make({ name: "news" })] },
    { title: "b", comments: [{ body: "c", writer: alice, parent: null, replies: [{ body: "d", post: 1, writer: keyed }] }] }
  ]
})
export const drafted: Entity.Draft<typeof User> = graph
Query.insert(User).values({ username: "alice", createdAt: user.createdAt })
Query.update(User).set({ displayName: null }).where(User.c.id.eq(user.id))

// Natural keys: of one column by value, of several by record; found by name where they are.
class Country extends Entity<Country>()("countries", { code: Column.varchar(2).primaryKey(), name: Column.text() }) {}
class City extends Entity<City>()("cities", { id: Column.id(), countryCode: Column.varchar(2) }) {
  static readonly country = this.belongsTo(() => Country)
}
City.make({ country: "DE" })
same<Entity.Key<typeof Country>, string>(true)
class Flight extends Entity<Flight>()("flights", {
  airline: Column.varchar(3).primaryKey(), number: Column.integer().primaryKey()
}) {
  static readonly seats = this.hasMany(() => Seat, { key: ["flightAirline", "flightNumber"] })
}
class Seat extends Entity<Seat>()("seats", {
  id: Column.id(), flightAirline: Column.varchar(3), flightNumber: Column.integer()
}) {
  static readonly flight = this.belongsTo(() => Flight)
}
Seat.make({ flight: { airline: "ATH", number: 7 } })
Flight.make({ airline: "ATH", number: 7, seats: [{}] })
same<Entity.Key<typeof Flight>, { readonly airline: string; readonly number: number }>(true)

// Several columns may refer to a unique constraint that is not the primary key.
class Town extends Entity<Town>()("towns", {
  id: Column.id(), land: Column.varchar(2), name: Column.varchar(50), size: Column.integer()
}, (c) => [Unique.on(c.land, c.name)]) {
  static readonly shops = this.hasMany(() => Shop, { key: ["land", "town"] })
}
class Shop extends Entity<Shop>()("shops", {
  id: Column.id(), label: Column.text(), land: Column.varchar(2), town: Column.varchar(50).nullable()
}, (c) => [ForeignKey.on([c.land, c.town], (): Held => [Town.c.land, Town.c.name])]) {
  static readonly place = this.belongsTo(() => Town, { key: ["land", "town"] })
}
type Held = [Expr.Value<unknown, unknown>, Expr.Value<unknown, unknown>]
const bath = Town.make({ land: "gb", name: "Bath", size: 9, shops: [{ label: "a" }] })
Shop.make({ label: "b", place: bath })
export const inTowns = Load.all(Query.from(Shop).match({ place: { size: 9 } }), { place: { shops: true } })
type InTown = Success<typeof inTowns>[number]
same<InTown["place"], null | (Town & { readonly shops: ReadonlyArray<Shop> })>(true)
