import { describe, expect, test } from "vitest"
import { Column, Expr, Fn, Query, sql, StatementError, Table, Type } from "athanor"
import type { Relation } from "../../src/algebra/Relation.ts"
import { FromId } from "../../src/algebra/From.ts"

const users = Table.make("users", {
  id: Column.id(),
  userName: Column.varchar(50),
  bio: Column.text().nullable(),
  age: Column.integer()
})
const posts = Table.make("posts", {
  id: Column.id(),
  authorId: Column.integer().references(() => users.c.id),
  title: Column.text()
})

/** The tags of the spine, outermost first. */
const spine = ({ node }: { readonly node: unknown }): string => {
  const tags: Array<string> = []
  let one = node as Relation | undefined
  while (one !== undefined) {
    tags.push(one._tag)
    one = "self" in one ? one.self : one._tag === "Join" ? one.left : undefined
  }
  return tags.join(" ")
}

const refused = (f: () => unknown): string => {
  try {
    f()
  } catch (error) {
    expect(error).toBeInstanceOf(StatementError)
    return (error as Error).message
  }
  throw new Error("it was not refused")
}

describe("the order of calls", () => {
  const adult = users.c.age.gte(18)
  const named = users.c.userName.eq("alice")

  test("a clause before limit extends the block, whatever the order", () => {
    const first = Query.from(users).where(adult).orderBy(users.c.age).select({ id: users.c.id })
    const second = Query.from(users).select({ id: users.c.id }).orderBy(users.c.age).where(adult)
    expect(second.node.key).toBe(first.node.key)
  })

  test("where twice is one AND", () => {
    expect(Query.from(users).where(adult).where(named).node.key).toBe(
      Query.from(users).where(adult.and(named)).node.key
    )
  })

  test("conditions said one after the other are those said at once, whoever looks between", () => {
    const [three, five] = [users.c.age.eq(3).or(users.c.age.eq(5)), users.c.bio.isNull()]
    const apart = Query.from(users).where(adult).where(named.and(three)).where(five)
    const both = Query.from(users).where(adult).where(named)
    const key = both.node.key
    const looked = both.where(three)
    expect(looked.node.key).not.toBe(key)
    expect(apart.node.key).toBe(looked.where(five).node.key)
    expect(apart.node.binds).toEqual(looked.where(five).node.binds)
    // Branches of one query know nothing of each other.
    expect(both.node.key).toBe(key)
    expect(both.where(five).node.key).not.toBe(looked.node.key)
    expect(looked.node.key).toBe(both.where(three).node.key)
  })

  test("what is said after an order is what is said before it, whoever looks between", () => {
    const { age, id } = users.c
    const sorted = Query.from(users).where(adult).orderBy(age.desc())
    const mine = posts.c.authorId.eq(id)
    const rows = Query.from(users)
    const said = () => [
      sorted,
      sorted.orderBy(id),
      sorted.where(named),
      sorted.select({ id }),
      sorted.select(Fn.count()),
      sorted.where(named).select({ id }).where(adult),
      sorted.join(posts, mine).where(named),
      sorted.leftJoin(posts, mine).select({ id }),
      sorted.rightJoin(posts, mine).select({ id }),
      sorted.groupBy(age).select({ age }),
      sorted.limit(3).where(named)
    ]
    const before = [
      rows.where(adult).orderBy(age.desc()),
      rows.where(adult).orderBy(age.desc(), id),
      rows.where(adult).where(named).orderBy(age.desc()),
      rows.where(adult).select({ id }).orderBy(age.desc()),
      rows.where(adult).select(Fn.count()).orderBy(age.desc()),
      rows.where(adult).where(named).where(adult).select({ id }).orderBy(age.desc()),
      rows.where(adult).join(posts, mine).where(named).orderBy(age.desc()),
      rows.where(adult).leftJoin(posts, mine).select({ id }).orderBy(age.desc()),
      rows.where(adult).rightJoin(posts, mine).select({ id }).orderBy(age.desc()),
      rows.where(adult).groupBy(age).select({ age }).orderBy(age.desc()),
      rows.where(adult).orderBy(age.desc()).limit(3).where(named)
    ]
    const keys = before.map(({ node }) => node.key)
    expect(said().map(({ node }) => node.key)).toEqual(keys)
    expect(sorted.node).toBe(sorted.node)
    expect(said().map(({ node }) => node.key)).toEqual(keys)
  })

  test("20,000 conditions said one after the other", () => {
    let query = Query.from(users).where(adult)
    for (let age = 0; age < 20_000; age++) query = query.where(users.c.age.ne(age))
    expect(query.node.binds.length).toBe(20_001)
    const filter = (query.node as Extract<Relation, { readonly _tag: "Project" }>).self
    expect(filter._tag === "Filter" && filter.predicate._tag === "And").toBe(true)
  })

  test.each([
    ["limit", Query.from(users).limit(5).where(adult), "Filter Slice Project Table"],
    ["offset", Query.from(users).offset(5).where(adult), "Filter Slice Project Table"],
    ["distinct", Query.from(users).distinct().where(adult), "Filter Distinct Project Table"],
    ["limit, sorted again", Query.from(users).limit(5).orderBy(adult), "Order Slice Project Table"],
    [
      "limit, joined",
      Query.from(users).limit(5).join(posts, posts.c.authorId.eq(users.c.id)),
      "Join Slice Project Table"
    ]
  ])("after %s a clause wraps", (_, query, expected) => {
    expect(spine(query)).toBe(expected)
  })

  test("a second select replaces the first and keeps the scope", () => {
    const query = Query.from(users).select({ id: users.c.id }).limit(3).select({ age: users.c.age })
    expect(query.node.key).toBe(Query.from(users).select({ age: users.c.age }).limit(3).node.key)
  })

  test("an aggregate makes one group of everything, and a later select takes it away again", () => {
    const counted = Query.from(users).select({ n: Fn.count() })
    expect(spine(counted)).toBe("Project Group Table")
    expect(counted.select({ id: users.c.id }).node.key).toBe(
      Query.from(users).select({ id: users.c.id }).node.key
    )
    expect(spine(counted.where(adult))).toBe("Project Group Filter Table")
  })

  test("an aggregate over a limited query counts what is left", () => {
    expect(spine(Query.from(users).limit(5).select({ n: Fn.count() }))).toBe(
      "Project Group Slice Project Table"
    )
  })

  test("having without keys is about the one group", () => {
    expect(spine(Query.from(users).having(Fn.count().gt(1)).select({ n: Fn.count() }))).toBe(
      "Project Filter Group Table"
    )
  })

  test("the order of a query accumulates", () => {
    expect(Query.from(users).orderBy(users.c.age).orderBy(users.c.id.desc()).node.key).toBe(
      Query.from(users).orderBy(users.c.age, users.c.id.desc()).node.key
    )
  })
})

describe("limits compose", () => {
  const values = (query: { readonly node: { readonly binds: ReadonlyArray<unknown> } }) =>
    query.node.binds.map((bound) => (bound as { readonly value: unknown }).value)

  test.each([
    ["the smaller limit wins", Query.from(users).limit(9).limit(4), [4]],
    ["offsets add", Query.from(users).offset(2).offset(3), [5]],
    ["an offset takes from the limit before it", Query.from(users).limit(10).offset(4), [6, 4]],
    ["never below nothing", Query.from(users).limit(1).offset(4), [0, 4]],
    ["page three of twenty", Query.from(users).pipe(Query.page(3, 20)), [20, 40]]
  ])("%s", (_, query, expected) => {
    expect(values(query)).toEqual(expected)
  })
})

describe("refused when built", () => {
  test.each<readonly [string, () => unknown, RegExp]>([
    ["an undefined operand", () => users.c.age.eq(undefined as never), /undefined/],
    ["a null operand", () => users.c.bio.eq(null as never), /isNull/],
    ["undefined in match", () => Query.from(users).match({ age: undefined as never }), /undefined/],
    ["an unknown column in match", () => Query.from(users).match({ x: 1 } as never), /"x"/],
    ["null in a list", () => users.c.age.in([1, null as never]), /null/],
    [
      "where after groupBy",
      () => Query.from(users).groupBy(users.c.age).where(users.c.age.gt(1)),
      /having/
    ],
    [
      "an alias used twice",
      () => Query.from(users).join(users, users.c.id.eq(users.c.id)),
      /"users" is used twice/
    ],
    [
      "a sort key distinct lost",
      () => Query.from(users).select({ id: users.c.id }).distinct().orderBy(users.c.age),
      /distinct/
    ],
    ["a negative limit", () => Query.from(users).limit(-1), /limit/],
    ["half an offset", () => Query.from(users).offset(0.5), /offset/],
    ["page zero", () => Query.from(users).pipe(Query.page(0, 5)), /page/],
    ["an empty projection", () => Query.from(users).select({}), /empty/],
    [
      "a scalar of two columns",
      () => Query.from(users).select({ a: users.c.id, b: users.c.age }).scalar(),
      /2 columns/
    ],
    [
      "set operands of other columns",
      () =>
        Query.from(users)
          .select({ a: users.c.id })
          .union(Query.from(users).select({ b: users.c.id }) as never),
      /union/
    ],
    [
      "an insert without a required column",
      () => Query.insert(users).values({ userName: "a" } as never),
      /"age"/
    ],
    [
      "an insert of an unknown column",
      () => Query.insert(users).values({ userName: "a", age: 1, nmae: 1 } as never),
      /"nmae"/
    ],
    ["an update of a key", () => Query.update(users).set({ id: 1 } as never), /"id"/],
    ["text in place of a template", () => sql(Type.integer)(["1"] as never), /template/],
    ["a table without columns", () => Table.make("t", {}), /no columns/],
    ["an empty name", () => Table.make("", { id: Column.id() }), /empty/],
    [
      "two columns of one name",
      () => Table.make("t", { aB: Column.text(), a_b: Column.text() }),
      /a_b/
    ]
  ])("%s", (_, f, message) => {
    expect(refused(f)).toMatch(message)
  })
})

describe("sources", () => {
  test("a column of a mixed-case key is named in snake_case", () => {
    const source = users[FromId].source
    expect(source._tag === "TableSource" && source.byKey.get("userName")!.name).toBe("user_name")
  })

  test("a derived table keeps nested records as records of references", () => {
    const nested = Query.from(posts)
      .join(users, users.c.id.eq(posts.c.authorId))
      .select({ id: posts.c.id, author: { name: users.c.userName } })
      .as("n")
    expect(nested.c.author.name.node).toMatchObject({ _tag: "Ref", path: ["author", "name"] })
  })

  test("an outer-joined row carries its presence", () => {
    const query = Query.from(users)
      .leftJoin(posts, posts.c.authorId.eq(users.c.id))
      .select({ user: users, post: posts })
    const fields = (query.node as Extract<Relation, { _tag: "Project" }>).fields
    expect(fields.filter((field) => field._tag === "Presence").map((p) => p.alias)).toEqual([
      "posts"
    ])
  })

  test("columns of a union are matched by key", () => {
    const query = Query.from(users)
      .select({ a: users.c.id, b: users.c.age })
      .union(Query.from(users).select({ b: users.c.age, a: users.c.id }))
    const parts = (query.node as Extract<Relation, { _tag: "Combine" }>).parts
    expect(parts[1]!.key).toBe(parts[0]!.key)
  })

  test("a parameter is part of the structure, a value is not", () => {
    const by = (age: number) => Query.from(users).where(users.c.age.gt(age)).node.key
    expect(by(1)).toBe(by(2))
    const named = (name: string) =>
      Query.from(users).where(users.c.age.gt(Expr.param(name, Type.integer))).node.key
    expect(named("a")).not.toBe(named("b"))
  })
})
