import { assert, describe, it } from "vitest"
import { Column, Entity, Query, Table } from "athanor"
import { relationsOf, sourceOf } from "../../../src/mapping/EntityClass.ts"
import { relationRules } from "../../../src/mapping/RelationLinks.ts"
import { ClassId } from "../../../src/mapping/EntityClass.ts"
import { Comment, Flight, Post, Seat, Tag, User } from "./blog.ts"

const facts = (entity: Parameters<typeof relationsOf>[0], name: string) => {
  const { children, columns, inverse, kind, nullable, target, targetColumns, through } =
    relationsOf(entity).get(name)!
  return {
    children,
    columns,
    inverse,
    kind,
    nullable,
    table: target.name,
    targetColumns,
    link: through?.near
  }
}

describe("relations", () => {
  it("belong by name, or by the key that is given", () => {
    assert.deepStrictEqual(facts(Post, "author"), {
      children: null,
      columns: ["authorId"],
      inverse: null,
      kind: "belongsTo",
      nullable: false,
      table: "users",
      targetColumns: ["id"],
      link: undefined
    })
    assert.deepStrictEqual(facts(Comment, "writer").columns, ["writerId"])
    assert.isTrue(facts(Comment, "parent").nullable)
    assert.deepStrictEqual(facts(Seat, "flight").columns, ["flightAirline", "flightNumber"])
    assert.deepStrictEqual(facts(Seat, "flight").targetColumns, ["airline", "number"])
  })

  it("have many by what belongs to them", () => {
    assert.deepStrictEqual(facts(User, "posts"), {
      children: "delete",
      columns: ["id"],
      inverse: "author",
      kind: "hasMany",
      nullable: false,
      table: "posts",
      targetColumns: ["authorId"],
      link: undefined
    })
    assert.strictEqual(facts(User, "comments").children, "restrict")
    assert.strictEqual(facts(Comment, "replies").children, "detach")
    assert.deepStrictEqual(facts(Flight, "seats").targetColumns, ["flightAirline", "flightNumber"])
  })

  it("link by the foreign keys of the table between", () => {
    const { far, near, table } = relationsOf(Post).get("tags")!.through!
    assert.deepStrictEqual([table.name, near, far], ["post_tags", ["postId"], ["tagId"]])
    assert.deepStrictEqual(relationsOf(Tag).get("posts")!.through!.near, ["tagId"])
  })

  it("make the foreign keys of the table, cascading where the database keeps the children", () => {
    const keys = sourceOf(Comment)
      .foreignKeys()
      .map(({ columns, name, onDelete, target }) => [name, columns, target.name, onDelete])
    assert.deepStrictEqual(keys, [
      ["comments_post_id_fkey", ["postId"], "posts", "cascade"],
      ["comments_writer_id_fkey", ["writerId"], "users", "no action"],
      ["comments_parent_id_fkey", ["parentId"], "comments", "no action"]
    ])
    const [seats] = sourceOf(Seat).foreignKeys()
    assert.deepStrictEqual(seats!.targetColumns, ["airline", "number"])
  })

  it("leave a foreign key to the column that declares it", () => {
    class Note extends Entity<Note>()("notes", {
      id: Column.id(),
      userEmail: Column.varchar(255).references(() => User.c.email, { onDelete: "cascade" })
    }) {
      static readonly user = this.belongsTo(() => User, { key: "userEmail" as never })
    }
    const [key, ...more] = sourceOf(Note).foreignKeys()
    assert.deepStrictEqual([key!.targetColumns, key!.onDelete, more], [["email"], "cascade", []])
    assert.deepStrictEqual(relationsOf(Note).get("user")!.targetColumns, ["email"])
  })

  it("tell the flush which children go", () => {
    const rules = relationRules(User[ClassId]).map(({ child, children, columns }) => [
      child.name,
      columns,
      children
    ])
    assert.deepStrictEqual(rules, [
      ["posts", ["authorId"], "delete"],
      ["comments", ["writerId"], "restrict"]
    ])
  })

  it("are followed by match", () => {
    const query = Query.from(Post).match({ author: { username: "alice" }, tags: { name: "sql" } })
    assert.strictEqual(query.node._tag, "Project")
    assert.throws(
      () => Query.from(Post).match({ author: { nick: 1 } } as never),
      /no column "nick"/
    )
  })

  it("follow a self-reference through a link table by the columns that are given", () => {
    class Person extends Entity<Person>()("people", { id: Column.id() }) {
      static readonly follows = this.manyToMany(() => Person, {
        through: () => follows,
        near: "followerId",
        far: "followedId"
      })
      static readonly unclear = this.manyToMany(() => Person, { through: () => follows })
    }
    const follows = Table.make("follows", {
      followerId: Column.integer().references(() => Person.c.id),
      followedId: Column.integer().references(() => Person.c.id)
    })
    assert.throws(
      () => relationsOf(Person),
      '"follows" has 2 foreign keys to "people": give { near }'
    )
  })

  it.each([
    [
      "its column is missing",
      () => {
        class A extends Entity<A>()("a", { id: Column.id() }) {
          static readonly user = this.belongsTo(() => User)
        }
        return A
      },
      'A.user: there is no column "userId"'
    ],
    [
      "nothing belongs to it",
      () => {
        class A extends Entity<A>()("a", { id: Column.id() }) {
          static readonly users = this.hasMany(() => User)
        }
        return A
      },
      "A.users: User does not belong to A"
    ],
    [
      "two belong to it",
      () => {
        class Transfer extends Entity<Transfer>()("transfers", {
          id: Column.id(),
          fromId: Column.integer(),
          toId: Column.integer()
        }) {
          static readonly from = this.belongsTo(() => Account)
          static readonly to = this.belongsTo(() => Account)
        }
        class Account extends Entity<Account>()("accounts", { id: Column.id() }) {
          static readonly transfers = this.hasMany(() => Transfer)
        }
        return Account
      },
      "Account.transfers: Transfer belongs to Account by fromId or toId: give { key }"
    ],
    [
      "a column has its name",
      () => {
        class A extends Entity<A>()("a", { id: Column.id(), user: Column.integer() }) {
          static readonly user = this.belongsTo(() => User, { key: "user" })
        }
        return A
      },
      "A.user is a column and a relation"
    ],
    [
      "a getter has its name",
      () => {
        class A extends Entity<A>()("a", { id: Column.id(), userId: Column.integer() }) {
          static readonly user = this.belongsTo(() => User)
          get user() {
            return 1
          }
        }
        return A
      },
      "A.user is a relation and a member of every A"
    ],
    [
      "NOT NULL children cannot be detached",
      () => {
        class A extends Entity<A>()("a", { id: Column.id() }) {
          static readonly bs = this.hasMany(() => B, { children: "detach" })
        }
        class B extends Entity<B>()("b", { id: Column.id(), aId: Column.integer() }) {
          static readonly a = this.belongsTo(() => A)
        }
        return A
      },
      'A.bs: children cannot be detached, "aId" is NOT NULL'
    ]
  ] as const)("are refused where %s", (_, make, message) => {
    const entity = make()
    assert.throws(() => relationsOf(entity), message)
  })

  it("are read again while their class is in the making", () => {
    let early = -1
    class Late extends Entity<Late>()("late", {
      id: Column.id(),
      parentId: Column.integer().nullable()
    }) {
      static readonly parent = this.belongsTo(() => Late)
      static readonly seen = (early = relationsOf(Late).size)
      static readonly children = this.hasMany(() => Late)
    }
    assert.deepStrictEqual([early, relationsOf(Late).size], [1, 2])
  })
})
