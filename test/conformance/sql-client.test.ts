import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { ClusterSchema, ClusterWorkflowEngine, Entity, SingleRunner } from "effect/cluster"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { KeyValueStore, PersistedQueue } from "effect/persistence"
import * as Reactivity from "effect/reactivity/Reactivity"
import { Rpc } from "effect/rpc"
import * as Schema from "effect/Schema"
import { SqlClient, SqlError } from "effect/sql"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { Activity, Workflow } from "effect/workflow"
import { Catalog, Column, Database, Query, Table } from "athanor"
import { Mysql } from "athanor/mysql"
import { Postgres } from "athanor/postgres"
import { Sqlite } from "athanor/sqlite"
import { layerSqlClient } from "athanor/sql-client"
import { failureOf } from "../../src/effects/sqlClient/sqlError.ts"
import { type FreshDatabase, freshDatabase } from "../support/databases.ts"

const notes = Table.make("notes", {
  id: Column.id(),
  text: Column.varchar(50).unique(),
  size: Column.bigint().default(0n),
  seenAt: Column.timestamp().nullable()
})

const ours = (text: string) => Database.run(Query.insert(notes).values({ text }))
const theirs = (text: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`insert into notes ${sql.insert({ text, size: 1 })}`
  )
const texts = Effect.map(
  Database.all(Query.from(notes).orderBy(notes.c.text.asc()).select(notes.c.text)),
  (all) => all.join()
)
const empty = Database.run(Query.deleteFrom(notes).everyRow())

const Tally = Entity.make("Tally", [
  Rpc.make("Add", { payload: { by: Schema.Int }, success: Schema.Int }).annotate(
    ClusterSchema.Persisted,
    true
  )
])

const Send = Workflow.make("Send", {
  payload: { to: Schema.String },
  success: Schema.String,
  idempotencyKey: ({ to }) => to
})

describe.each(["sqlite", "postgres", "mariadb"] as const)("effect's SqlClient on %s", (name) => {
  let fresh: FreshDatabase | null = null
  let database: Layer.Layer<Database> = Layer.empty as never
  let layer: Layer.Layer<Database | SqlClient.SqlClient> = Layer.empty as never
  beforeAll(async () => {
    fresh = name === "sqlite" ? null : await freshDatabase(name)
    database = Layer.orDie(
      Database.layerUrl(fresh?.url ?? "sqlite::memory:", { drivers: [Sqlite, Postgres, Mysql] })
    )
    layer = Layer.provideMerge(layerSqlClient, database)
    if (name !== "sqlite") await Effect.runPromise(Effect.provide(made, layer))
  })
  afterAll(() => fresh?.drop())

  const made = Database.create(Catalog.make({ notes }))
  /** SQLite in memory is another one each time. */
  const begun = name === "sqlite" ? made : Effect.asVoid(empty)

  it.effect("a statement of theirs has one span, which says where it was sent", () =>
    Effect.gen(function* () {
      yield* begun
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const sql = yield* SqlClient.SqlClient
      yield* Effect.provideService(sql`select text from notes`, Tracer.Tracer, tracer)
      yield* Effect.provideService(ours("spanned"), Tracer.Tracer, tracer)
      const [of, own] = spans.filter(({ kind }) => kind === "client")
      // MariaDB is told from MySQL by the first connection, and the client is made before it.
      const system = name === "mariadb" ? [] : ["db.system.name"]
      const shared = [...system, "db.namespace", "server.address", "server.port"]
      for (const key of shared)
        assert.strictEqual(of?.attributes.get(key), own?.attributes.get(key), key)
      assert.isDefined(of?.attributes.get("db.system.name"))
      if (name !== "sqlite") assert.isDefined(of?.attributes.get("server.port"))
      assert.strictEqual(of?.attributes.get("db.query.text"), "select text from notes")
    }).pipe(Effect.provide(layer))
  )

  it.live("its statements run in the transaction that is open, and are undone with it", () =>
    Effect.gen(function* () {
      yield* begun
      const both = Effect.andThen(ours("a"), theirs("b"))
      yield* Effect.ignore(Database.transaction(Effect.andThen(both, Effect.fail("no"))))
      assert.strictEqual(yield* texts, "")
      yield* Database.transaction(both)
      assert.strictEqual(yield* texts, "a,b")
      const sql = yield* SqlClient.SqlClient
      const inner = Effect.ignore(sql.withTransaction(Effect.andThen(ours("d"), Effect.fail("no"))))
      yield* sql.withTransaction(Effect.andThen(theirs("c"), inner))
      assert.strictEqual(yield* texts, "a,b,c")
    }).pipe(Effect.provide(layer))
  )

  it.live("a failure of the body stays what it is, one of the transaction is theirs", () =>
    Effect.gen(function* () {
      yield* begun
      const sql = yield* SqlClient.SqlClient
      yield* ours("a")
      const own = yield* Effect.flip(sql.withTransaction(ours("a")))
      assert.strictEqual(own._tag, "UniqueViolation")
      const said = yield* Effect.flip(theirs("a"))
      assert.strictEqual(said._tag, "SqlError")
      assert.strictEqual(said.reason._tag, "UniqueViolation")
      assert.strictEqual(failureOf(said)?._tag, "UniqueViolation")
      const syntax = yield* Effect.flip(sql`selec 1`)
      assert.strictEqual(syntax.reason._tag, "SqlSyntaxError")
      const begin = Effect.provideService(
        sql.withTransaction(Effect.void),
        SqlClient.BeginTransaction,
        "begin nonsense"
      )
      const refused = yield* Effect.flip(begin)
      assert.isTrue(SqlError.isSqlError(refused))
      assert.include(refused.message, "nonsense")
    }).pipe(Effect.provide(layer))
  )

  it.live("values arrive as they were sent, none rounded", () =>
    Effect.gen(function* () {
      yield* begun
      const sql = yield* SqlClient.SqlClient
      const at = new Date("2026-11-21T03:04:05.678Z")
      const huge = 9_007_199_254_740_993n
      yield* sql`insert into notes ${sql.insert({ text: "a'b", size: huge, seen_at: at })}`
      const [row] = yield* sql`select text, size, seen_at, ${null} as absent from notes`
      assert.deepStrictEqual([row?.["text"], row?.["size"], row?.["absent"]], ["a'b", huge, null])
      const seen = row?.["seen_at"]
      assert.strictEqual(new Date(seen as string).getTime(), at.getTime())
      const values = yield* sql`select text, text from notes`.values
      assert.deepStrictEqual(values, [["a'b", "a'b"]])
      const streamed = yield* Stream.runCollect(sql`select text from notes`.stream)
      assert.deepStrictEqual(Array.from(streamed), [{ text: "a'b" }])
      const raw = (yield* sql`update notes set size = ${1}`.raw) as {
        readonly affectedRows: number
      }
      assert.strictEqual(raw.affectedRows, 1)
      // What we wrote they read, and the other way round.
      const row2 = yield* Database.one(Query.from(notes))
      assert.strictEqual(row2.size, 1n)
    }).pipe(Effect.provide(layer))
  )

  it.live("what is to be done after the commit is done then, and not after a rollback", () =>
    Effect.gen(function* () {
      yield* begun
      const sql = yield* SqlClient.SqlClient
      const heard: Array<string> = []
      const note = (text: string) => sql.afterCommit(Effect.sync(() => void heard.push(text)))
      yield* Effect.ignore(sql.withTransaction(Effect.andThen(note("no"), Effect.fail("no"))))
      yield* Database.transaction(
        Effect.andThen(
          note("yes"),
          Effect.sync(() => void heard.push("body"))
        )
      )
      yield* note("at once")
      assert.deepStrictEqual(heard, ["body", "yes", "at once"])
      const told: Array<string> = []
      const keys = ["notes"]
      yield* Effect.gen(function* () {
        const reactivity = yield* Reactivity.Reactivity
        reactivity.registerUnsafe(keys, () => void told.push("changed"))
        const change = Effect.andThen(
          Effect.flatMap(Reactivity.Reactivity, (inside) => inside.invalidate(keys)),
          Effect.sync(() => void told.push("body"))
        )
        yield* sql.withTransaction(change)
      }).pipe(Effect.provide(Reactivity.layer))
      assert.deepStrictEqual(told, ["body", "changed"])
    }).pipe(Effect.provide(layer))
  )

  it.live("a reserved connection is given back, and one that outlives its scope is refused", () =>
    Effect.gen(function* () {
      yield* begun
      const sql = yield* SqlClient.SqlClient
      const kept = yield* Effect.scoped(
        Effect.gen(function* () {
          const reserved = yield* sql.reserve
          const rows = yield* reserved.executeValues("select 1", [])
          assert.strictEqual(Number(rows[0]![0]), 1)
          return reserved
        })
      )
      const late = yield* Effect.flip(kept.executeValues("select 1", []))
      assert.strictEqual(failureOf(late)?._tag, "TransactionClosed")
      assert.strictEqual(yield* texts, "")
    }).pipe(Effect.provide(layer))
  )

  it.live("a sibling's statement never falls into another fiber's savepoint", () =>
    Effect.gen(function* () {
      yield* begun
      const sql = yield* SqlClient.SqlClient
      const undone = Effect.ignore(
        sql.withTransaction(Effect.andThen(Effect.sleep(20), Effect.fail("no")))
      )
      yield* sql.withTransaction(
        Effect.all([undone, Effect.andThen(Effect.sleep(5), theirs("kept"))], {
          concurrency: "unbounded"
        })
      )
      assert.strictEqual(yield* texts, "kept")
    }).pipe(Effect.provide(layer))
  )

  it.live(
    "a key-value store and a persisted queue join a transaction: an outbox",
    () =>
      Effect.gen(function* () {
        yield* begun
        const store = yield* KeyValueStore.KeyValueStore
        const queue = yield* PersistedQueue.make({ name: "mails", schema: Schema.String })
        const work = (text: string) =>
          Effect.all([ours(text), queue.offer(`mail ${text}`), store.set("last", text)])
        yield* Effect.ignore(Database.transaction(Effect.andThen(work("a"), Effect.fail("no"))))
        assert.isUndefined(yield* store.get("last"))
        yield* Database.transaction(work("b"))
        assert.strictEqual(yield* texts, "b")
        assert.strictEqual(yield* store.get("last"), "b")
        const taken = yield* queue.take((mail) => Effect.succeed(mail))
        assert.strictEqual(taken, "mail b")
      }).pipe(
        Effect.provide([
          PersistedQueue.layer.pipe(
            Layer.provide(PersistedQueue.layerStoreSql({ pollInterval: 20 }))
          ),
          KeyValueStore.layerSql()
        ]),
        Effect.provide(layer),
        Effect.scoped
      ),
    20_000
  )

  it.live(
    "effect/cluster's single runner and a workflow run on it",
    () =>
      Effect.gen(function* () {
        const clientFor = yield* Tally.client
        assert.strictEqual(yield* clientFor("one").Add({ by: 2 }), 2)
        assert.strictEqual(yield* clientFor("one").Add({ by: 3 }), 5)
        assert.strictEqual(yield* Send.execute({ to: "ann" }), "sent to ann")
        // The same key is the same execution: its answer is read, not made again.
        assert.strictEqual(yield* Send.execute({ to: "ann" }), "sent to ann")
        assert.strictEqual(sent, 1)
      }).pipe(
        Effect.provide(
          Layer.mergeAll(
            Tally.toLayer(
              Effect.sync(() => {
                let count = 0
                return Tally.of({ Add: ({ payload }) => Effect.sync(() => (count += payload.by)) })
              })
            ),
            Send.toLayer(
              Effect.fn(function* ({ to }) {
                return yield* Activity.make({
                  name: "send",
                  success: Schema.String,
                  execute: Effect.sync(() => (sent++, `sent to ${to}`))
                })
              })
            )
          ).pipe(
            Layer.provideMerge(ClusterWorkflowEngine.layer),
            Layer.provideMerge(
              SingleRunner.layer({
                shardingConfig: { entityMessagePollInterval: Duration.millis(50) }
              })
            ),
            Layer.provide(NodeCrypto.layer),
            Layer.provide(layer)
          )
        )
      ),
    30_000
  )
  let sent = 0
})
