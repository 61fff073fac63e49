import { assert, describe, expectTypeOf, it } from "vitest"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import { Column, Expr, Query, Table, Type } from "athanor"
import { Database } from "../../src/effects/Database.ts"
import type {
  NotFound,
  ReadError,
  RowCount,
  TransactionError,
  WriteError
} from "../../src/effects/DatabaseError.ts"

class Reports extends Database.Service<Reports>()("test/Reports") {}

const users = Table.make("users", { id: Column.id(), name: Column.text() })
type User = { readonly id: number; readonly name: string }
const everybody = Query.from(users)
const named = everybody.where(users.c.name.eq(Expr.param("name", Type.text)))

describe("the types of the verbs", () => {
  it("a query needs only its service and gives no constraint's failure", () => {
    const all = Database.all(everybody)
    expectTypeOf(all).toEqualTypeOf<Effect.Effect<ReadonlyArray<User>, ReadError, Database>>()
    expectTypeOf(Database.one(everybody)).toEqualTypeOf<
      Effect.Effect<User, ReadError | NotFound | RowCount, Database>
    >()
    expectTypeOf(Database.first(everybody)).toEqualTypeOf<
      Effect.Effect<Option.Option<User>, ReadError, Database>
    >()
    expectTypeOf(Reports.count(everybody)).toEqualTypeOf<
      Effect.Effect<number, ReadError, Reports>
    >()
    assert.isTrue(Effect.isEffect(all))
  })

  it("a command adds what constraints refuse", () => {
    const add = Query.insert(users).values({ name: "a" })
    expectTypeOf(Database.run(add)).toEqualTypeOf<Effect.Effect<number, WriteError, Database>>()
    expectTypeOf(Database.one(add.returning())).toEqualTypeOf<
      Effect.Effect<User, WriteError | NotFound | RowCount, Database>
    >()
  })

  it("named parameters are asked for, by name and type", () => {
    expectTypeOf(Database.all(named, { name: "a" })).toEqualTypeOf<
      Effect.Effect<ReadonlyArray<User>, ReadError, Database>
    >()
    // @ts-expect-error the parameter has no value
    Database.all(named)
    // @ts-expect-error the parameter is a text
    Database.all(named, { name: 1 })
    // @ts-expect-error there is no parameter
    Database.all(everybody, { name: "a" })
  })

  it("a query that refers to an outer alias does not run by itself", () => {
    const outer = Table.make("posts", { id: Column.id(), userId: Column.integer() })
    const inner = everybody.correlate(outer).where(users.c.id.eq(outer.c.userId))
    // @ts-expect-error posts is not in scope
    Database.all(inner)
  })

  it("a transaction adds its own failures and its service", () => {
    const work = Effect.fail("mine" as const)
    type Expected = Effect.Effect<never, "mine" | TransactionError, Database>
    expectTypeOf(Database.transaction(work)).toEqualTypeOf<Expected>()
    expectTypeOf(
      work.pipe(Database.transaction({ isolation: "serializable" }))
    ).toEqualTypeOf<Expected>()
    expectTypeOf(Effect.map(Database, (engine) => engine.dialect)).not.toBeAny()
  })

  it("reading only has no verb that writes", () => {
    assert.isFalse("run" in Database.ReadOnly)
    // @ts-expect-error there is no such verb
    assert.isUndefined(Database.ReadOnly.run)
    assert.isFunction(Database.ReadOnly.all)
  })
})
