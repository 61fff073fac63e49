import { Column, Entity, Expr, Fn, Query, sql, Type } from "athanor"
import { compile } from "athanor/compile"

class User extends Entity<User>()("users", {
  id: Column.id(),
  name: Column.varchar(50),
  born: Column.date().nullable()
}) {
  static readonly posts = this.hasMany(() => Post)
}
class Post extends Entity<Post>()("posts", {
  id: Column.id(),
  title: Column.text(),
  likes: Column.integer().default(0),
  price: Column.numeric(8, 2).nullable(),
  authorId: Column.integer()
}) {
  static readonly author = this.belongsTo(() => User)
}

/** One statement of each kind, built anew at each call. */
export const statements = () => {
  const { authorId, id, likes, title } = Post.c
  const mine = authorId.eq(User.c.id)
  const counts = Query.from(Post)
    .groupBy(authorId)
    .having(Fn.count().gt(3))
    .select({ authorId, n: Fn.count() })
  const derived = counts.as("counts")
  const cte = counts.cte("counted")
  const ids = Query.from(User).select({ id: User.c.id })
  return {
    whole: Query.from(User),
    filtered: Query.from(User).where(User.c.name.like("A%").and(User.c.id.in([1, 2, 3]))),
    one: Query.from(User).where(User.c.id.eq(1)),
    another: Query.from(User).where(User.c.id.ne(1)),
    joined: Query.from(User).leftJoin(Post, mine).select({ user: User, title }),
    inner: Query.from(User).join(Post, mine).select({ user: User, title }),
    matched: Query.from(Post).match({ author: { name: "alice" } }),
    grouped: counts,
    derived: Query.from(User)
      .join(derived, derived.c.authorId.eq(User.c.id))
      .select({ user: User, n: derived.c.n }),
    cte: Query.from(User)
      .join(cte, cte.c.authorId.eq(User.c.id))
      .select({ user: User, n: cte.c.n }),
    exists: Query.from(User).where(Query.from(Post).correlate(User).where(mine).exists().not()),
    scalar: Query.from(User).select({
      n: Query.from(Post).correlate(User).where(mine).select(Fn.count()).scalar()
    }),
    in: Query.from(Post).where(authorId.in(ids.orderBy(User.c.id).limit(2))),
    union: ids.union(Query.from(Post).select({ id })).orderBy(User.c.id).limit(5),
    except: ids.except(Query.from(Post).select({ id }).unionAll(ids)),
    distinct: Query.from(Post).select(likes).distinct().orderBy(likes.desc().nullsFirst()),
    offset: Query.from(Post).orderBy(id).offset(3),
    page: Query.from(Post).orderBy(id).limit(Expr.param("n", Type.integer)).offset(1),
    arithmetic: Query.from(Post).select({
      a: likes.add(1).mul(2),
      b: likes.div(2),
      c: likes.quot(2),
      d: likes.rem(3).neg()
    }),
    case: Query.from(Post).select(
      Expr.when(likes.gt(9), "hot").when(likes.isNull(), "none").else("cold")
    ),
    text: Query.from(Post).select({
      a: title.concat("!"),
      b: Fn.upper(title),
      c: title.contains("5%"),
      d: Fn.length(title)
    }),
    casts: Query.from(Post).select({ a: likes.cast(Type.text), b: title.cast(Type.bigint) }),
    raw: Query.from(Post).select(sql(Type.integer)`${likes} + ${1}`),
    insert: Query.insert(User).values({ name: "x" }),
    rows: Query.insert(Post).rows([
      { title: "a", authorId: 1 },
      { title: "b", authorId: 2 }
    ]),
    returning: Query.insert(User).values({ name: "x" }).returning(),
    update: Query.update(Post)
      .set({ likes: likes.add(1) })
      .where(id.eq(4)),
    everyUpdate: Query.update(Post).set({ likes: 0 }).everyRow(),
    delete: Query.deleteFrom(Post).where(likes.lt(1)),
    everyDelete: Query.deleteFrom(Post).everyRow()
  } as const
}

/** What each of them is on each dialect: its text, or the capability it lacks. */
export const printed = () =>
  Object.entries(statements()).map(([name, statement]) => [
    name,
    ...(["sqlite", "postgres", "mysql", "mariadb"] as const).map((dialect) => {
      const compiled = compile(statement, dialect)
      return compiled._tag === "Compiled" ? compiled.text : compiled.capability
    })
  ])
