import { assert, describe, it } from "vitest"
import { Column, Entity, ForeignKey, Mapping, Query, Table } from "athanor"
import { relationsOf, sourceOf } from "../../../src/mapping/EntityClass.ts"
import { graphEdits } from "../../../src/mapping/graph.ts"
import { relationRules } from "../../../src/mapping/RelationLinks.ts"
import { ClassId } from "../../../src/mapping/EntityClass.ts"
import type { RowRef } from "../../../src/mapping/RowRef.ts"
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
      '"follows" has 2 foreign keys, followerId or followedId, to "people": give { near }'
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
})

describe("columns of relations", () => {
  it("find their columns by the only foreign key between two tables [F122.1 @all]", () => {
    class Owner extends Entity<Owner>()("owners", { id: Column.id() }) {
      static readonly home = this.hasOne(() => Home, { children: "delete" })
      static readonly keys = this.hasMany(() => Key)
      static readonly clubs = this.manyToMany(() => Club, { through: () => members })
    }
    class Home extends Entity<Home>()("homes", {
      id: Column.id(),
      whose: Column.integer()
        .unique()
        .references(() => Owner.c.id)
    }) {
      static readonly owner = this.belongsTo(() => Owner)
    }
    /** Says nothing of its owner but by the key. */
    class Key extends Entity<Key>()(
      "keys",
      { id: Column.id(), holder: Column.integer().nullable() },
      (c) => [ForeignKey.on([c.holder], () => [Owner.c.id])]
    ) {}
    class Club extends Entity<Club>()("clubs", { id: Column.id() }) {}
    const members = Table.make("members", {
      who: Column.integer().references(() => Owner.c.id),
      where: Column.integer().references(() => Club.c.id)
    })
    const of = (entity: Parameters<typeof relationsOf>[0], name: string) => {
      const { columns, kind, nullable, targetColumns } = facts(entity, name)
      return [kind, columns, targetColumns, nullable]
    }
    assert.deepStrictEqual(of(Home, "owner"), ["belongsTo", ["whose"], ["id"], false])
    assert.deepStrictEqual(of(Owner, "home"), ["hasOne", ["id"], ["whose"], false])
    assert.deepStrictEqual(of(Owner, "keys"), ["hasMany", ["id"], ["holder"], true])
    const { far, near } = relationsOf(Owner).get("clubs")!.through!
    assert.deepStrictEqual([near, far], [["who"], ["where"]])
    assert.isFalse(relationsOf(Owner).get("home")!.toMany)
    assert.strictEqual(relationsOf(Owner).get("home")!.inverse, "owner")
    const clash = { whose: 1, owner: 2 }
    assert.throws(() => Home.make(clash), 'Home.make: "whose" and "owner" both give one key')
  })

  it.each([
    [
      "belonging finds none",
      (() => {
        class A extends Entity<A>()("a", { id: Column.id() }) {
          static readonly user = this.belongsTo(() => User)
        }
        return A
      })(),
      'A.user: there is no column "userId" and no foreign key to "users"'
    ],
    [
      "belonging finds several",
      (() => {
        class A extends Entity<A>()("a", {
          id: Column.id(),
          one: Column.integer().references(() => User.c.id as never),
          two: Column.integer().references(() => User.c.id as never)
        }) {
          static readonly user = this.belongsTo(() => User)
        }
        return A
      })(),
      "A.user: A refers to User by one or two: give { key }"
    ],
    [
      "has-many finds none",
      (() => {
        class A extends Entity<A>()("a", { id: Column.id() }) {
          static readonly users = this.hasMany(() => User)
        }
        return A
      })(),
      "A.users: User does not belong to A: give { key }"
    ],
    [
      "has-many finds several",
      (() => {
        class A extends Entity<A>()("a", { id: Column.id() }) {
          static readonly bs = this.hasMany(() => B)
        }
        class B extends Entity<B>()("b", {
          id: Column.id(),
          one: Column.integer().references(() => A.c.id),
          two: Column.integer().references(() => A.c.id)
        }) {}
        return A
      })(),
      "A.bs: B refers to A by one or two: give { key }"
    ],
    [
      "has-one finds a key that several rows may hold",
      (() => {
        class A extends Entity<A>()("a", { id: Column.id() }) {
          static readonly b = this.hasOne(() => B)
        }
        class B extends Entity<B>()("b", { id: Column.id(), aId: Column.integer() }) {
          static readonly a = this.belongsTo(() => A)
        }
        return A
      })(),
      'A.b: "aId" of "b" is not unique: several rows may belong to one'
    ],
    [
      "many-to-many finds none",
      (() => {
        class A extends Entity<A>()("a", { id: Column.id() }) {
          static readonly bs = this.manyToMany(() => A, { through: () => between })
        }
        const between = Table.make("between", { aId: Column.integer() })
        return A
      })(),
      'A.bs: "between" has no foreign key to "a": give { near }'
    ]
  ] as const)("are refused where %s, by name [F122.1 @all]", (_, entity, message) => {
    assert.throws(() => relationsOf(entity), message)
    assert.isTrue(Mapping.faults({ A: entity }).some(({ says }) => says.startsWith(message)))
  })
})

describe("what relations write", () => {
  it.each([
    [
      "two belong by one column",
      (() => {
        class A extends Entity<A>()("a", { id: Column.id(), userId: Column.integer() }) {
          static readonly user = this.belongsTo(() => User)
          static readonly editor = this.belongsTo(() => User, { key: "userId" as never })
        }
        return A
      })(),
      'A.user and editor both write "userId"'
    ],
    [
      "two lists differ in what becomes of children",
      (() => {
        class A extends Entity<A>()("a", { id: Column.id() }) {
          static readonly bs = this.hasMany(() => B, { children: "delete" })
          static readonly others = this.hasMany(() => B)
        }
        class B extends Entity<B>()("b", { id: Column.id(), aId: Column.integer() }) {
          static readonly a = this.belongsTo(() => A)
        }
        return A
      })(),
      'A.bs and others both write "aId" of "b", and differ in what becomes of children: ' +
        "delete and restrict"
    ]
  ] as const)("are refused where %s", (_, entity, message) => {
    assert.throws(() => relationsOf(entity), message)
    assert.isTrue(Mapping.faults({ A: entity }).some(({ says }) => says === message))
  })

  it("share a part of their keys, as where tenants are in every key", () => {
    const both = { tenantId: Column.integer().primaryKey(), no: Column.integer().primaryKey() }
    class Staff extends Entity<Staff>()("staff", both) {}
    class Site extends Entity<Site>()("sites", both) {}
    class Shift extends Entity<Shift>()("shifts", {
      id: Column.id(),
      tenantId: Column.integer(),
      staffId: Column.integer(),
      siteId: Column.integer().nullable()
    }) {
      static readonly staff = this.belongsTo(() => Staff, { key: ["tenantId", "staffId"] })
      static readonly site = this.belongsTo(() => Site, { key: ["tenantId", "siteId"] })
    }
    let promise = 0
    const cells = (site: { readonly tenantId: number; readonly no: number } | null) => {
      const refs = new Map<object, RowRef>()
      const draft = Shift.make({ staff: { tenantId: 1, no: 2 }, site })
      const edits = graphEdits([draft], {
        refOf: (one) => refs.get(one),
        register: (one, ref) => void refs.set(one, ref),
        nextPromise: () => ++promise,
        makeKey: () => undefined,
        cellOf: () => undefined
      })
      return edits.map((edit) => (edit._tag === "Put" ? { ...edit.row } : null))
    }
    assert.deepStrictEqual(cells({ tenantId: 1, no: 3 }), [{ tenantId: 1, staffId: 2, siteId: 3 }])
    assert.deepStrictEqual(cells(null), [{ tenantId: 1, staffId: 2, siteId: null }])
    assert.throws(
      () => cells({ tenantId: 9, no: 3 }),
      'Shift: its "tenantId" is given twice, and not the same'
    )
  })
})

describe("relations of a class", () => {
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
