/** What is interrupted at each of its operations: at least one program for each public function. */
import {
  Alter,
  Catalog,
  Column,
  Database,
  Entity,
  Load,
  Policy,
  Query,
  Session,
  sql,
  Table,
  TwoPhase,
  Type
} from "athanor"
import { Rollback } from "athanor/testing"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export class Point extends Entity<Point>()("points", {
  id: Column.integer().primaryKey(),
  body: Column.varchar(20).default(""),
  parentId: Column.integer().nullable()
}) {
  static readonly children = this.hasMany(() => Point, { key: "parentId" })
}
const other = Table.make("other", { id: Column.integer().primaryKey() })
const others = Catalog.make({ other })
const altered = Table.make("other", {
  id: Column.integer().primaryKey(),
  note: Column.text().nullable()
})
const anew = Effect.andThen(Database.drop(others), Database.create(others))

class Beside extends Database.Service<Beside>()("Beside") {}
export const beside = Database.derived(Beside, Database, {})
export const coordinator = TwoPhase.make({
  name: `probes ${process.pid}`,
  log: Database,
  databases: { one: Database, other: Beside }
})

const add = (id: number) => Database.run(Query.insert(Point).values({ id }))
export const everything = Query.from(Point).orderBy(Point.c.id)
const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id: id + 10 }))
const both = Effect.andThen(add(1), add(2))
const stream = Database.stream(everything)
const byOne = Database.with({ fetchSize: 1 }, stream)

export interface Probed {
  readonly effect: Effect.Effect<unknown, unknown, Database>
  /** How many rows may be stored afterwards, beside the three that were there. */
  readonly stored: ReadonlyArray<number>
}

const reads = (effect: Probed["effect"]): Probed => ({ effect, stored: [0] })
const writes = (effect: Probed["effect"], ...stored: ReadonlyArray<number>): Probed => ({
  effect,
  stored: [0, ...stored]
})
const pair = (effect: Probed["effect"]): Probed => writes(effect, 2)
const inside = <A, E, R>(effect: Effect.Effect<A, E, R>) => Database.transaction(effect)
const first = Session.get(Point, -1)
const work = (effect: Effect.Effect<unknown, unknown, Session | Database>) =>
  Session.transact(effect)
const added = Session.add(Point.make({ id: 1 }), Point.make({ id: 2 }))
const prepared = (id: string) => Database.prepare(`probe ${process.pid} ${id}`, both)

/** What a test that was interrupted in between left prepared. */
export const forgotten = Effect.flatMap(Database.prepared, (names) =>
  Effect.forEach(
    names.filter((name) => name.includes(String(process.pid))),
    (name) => Effect.ignore(Database.rollbackPrepared(name)),
    { discard: true }
  )
)

/** By the function's name; a word after it tells programs of one function apart. */
export const probes: Readonly<Record<string, Probed>> = {
  "Session.append": writes(
    work(
      Effect.andThen(
        Session.add(Point.make({ id: 1 })),
        Session.append(Point.ref(1), Point.children, { id: 2 })
      )
    ),
    2
  ),
  "Session.remove": reads(work(Session.remove(Point.ref(-1), Point.children, Point.ref(-2)))),
  "Session.replace": writes(work(Session.replace(Point.ref(-1), Point.children, [{ id: 1 }])), 1),
  "Database.all": reads(Database.all(everything)),
  "Database.one": reads(Database.one(everything.where(Point.c.id.eq(-1)))),
  "Database.oneOrNone": reads(Database.oneOrNone(everything.where(Point.c.id.eq(7)))),
  "Database.first": reads(Database.first(everything)),
  "Database.count": reads(Database.count(everything)),
  "Database.exists": reads(Database.exists(everything)),
  "Database.describe": reads(Database.describe(everything)),
  "Database.explain": reads(Database.explain(everything)),
  "Database.explainAnalyze": reads(Database.explainAnalyze(Query.insert(Point).values({ id: 1 }))),
  "Database.server": reads(Database.server),
  "Database.borrow": writes(
    Effect.scoped(Effect.flatMap(Database.borrow, ({ use }) => use(add(1)))),
    1
  ),
  "Database.stream": reads(Stream.runDrain(stream)),
  "Database.stream left early": reads(Stream.runDrain(Stream.take(stream, 1))),
  "Database.stream in small chunks": reads(Stream.runDrain(byOne)),
  "Database.stream in a transaction": reads(inside(Stream.runDrain(stream))),
  "Database.stream beside another": reads(inside(Stream.runDrain(Stream.zip(byOne, byOne)))),
  "Database.stream whose consumer writes": writes(
    inside(Stream.runForEach(byOne, ({ id }) => add(id + 100))),
    3
  ),
  "Database.run": writes(add(1), 1),
  "Database.run of thousands": writes(Database.run(Query.insert(Point).rows(rows(2500))), 2500),
  "Database.run of thousands in a savepoint": writes(
    inside(inside(Database.run(Query.insert(Point).rows(rows(2500))))),
    2500
  ),
  "Database.runOne": reads(
    Database.runOne(Query.update(Point).set({ body: "x" }).where(Point.c.id.eq(-1)))
  ),
  "Database.reflect": reads(Database.reflect()),
  "Database.runEach": pair(
    inside(
      Database.runEach(Query.update(Point).set({ body: "x" }).where(Point.c.id.eq(-1)), [
        {},
        {}
      ] as never).pipe(Effect.andThen(both))
    )
  ),
  "Database.script": writes(Database.script("insert into points (id, body) values (1, '')"), 1),
  "Database.has": reads(Database.has({ kind: "table", name: "points" })),
  "Database.schemas": reads(Database.schemas),
  "Database.alter": reads(Effect.andThen(anew, Database.alter(Alter.addColumn(altered, "note")))),
  "Database.create": reads(anew),
  "Database.drop": reads(Database.drop(others)),
  "Database.transaction": pair(inside(both)),
  "Database.transaction inside one": pair(inside(Effect.andThen(add(1), inside(add(2))))),
  "Database.transaction ten deep": pair(
    Array.from({ length: 10 }).reduce<Probed["effect"]>((effect) => inside(effect), both)
  ),
  "Database.transaction that fails inside one": writes(
    inside(Effect.andThen(add(1), Effect.exit(inside(Effect.andThen(add(2), add(-1)))))),
    1
  ),
  "Database.transaction that fails": reads(inside(Effect.andThen(both, Effect.fail("no")))),
  "Database.transaction for reading": reads(
    Database.transaction(Database.all(everything), { readOnly: true })
  ),
  "Database.transaction of two fibers": pair(
    inside(Effect.all([add(1), add(2)], { concurrency: "unbounded" }))
  ),
  "Database.transaction beside a statement": pair(
    inside(Effect.all([inside(add(1)), add(2)], { concurrency: "unbounded" }))
  ),
  "Database.attempt": writes(inside(Effect.andThen(Database.attempt, add(1))), 1),
  "Database.afterCommit": pair(inside(Effect.andThen(Database.afterCommit(Effect.void), both))),
  "Database.afterRollback": reads(
    inside(
      Effect.andThen(Database.afterRollback(Effect.void), Effect.andThen(both, Effect.fail("no")))
    )
  ),
  "Database.autocommit": writes(Database.autocommit(both), 1, 2),
  "Database.lock": writes(Effect.scoped(Effect.andThen(Database.lock("probe"), add(1))), 1),
  "Database.lock in a transaction": writes(
    inside(Effect.scoped(Effect.andThen(Database.lock("probe"), add(1)))),
    1
  ),
  "Database.prepare": pair(Effect.flatMap(prepared("a"), ({ commit }) => commit)),
  "Database.prepared": reads(Database.prepared),
  "Database.commitPrepared": pair(
    Effect.flatMap(prepared("b"), ({ id }) => Database.commitPrepared(id))
  ),
  "Database.rollbackPrepared": reads(
    Effect.flatMap(prepared("c"), ({ id }) => Database.rollbackPrepared(id))
  ),
  "Database.policed": writes(
    Database.policed([Policy.tenant("parentId", 1, { byColumn: true })], add(1)),
    1
  ),
  "Database.unpoliced": writes(
    Database.policed(
      [Policy.softDelete("parentId", { byColumn: true })],
      Database.unpoliced(Policy.softDelete("parentId", { byColumn: true }).name, add(1))
    ),
    1
  ),
  "Database.with": writes(
    Database.with({ timeout_ms: 60_000, tags: { of: "a probe" } }, add(1)),
    1
  ),
  "Database.listen": reads(
    Stream.runDrain(Stream.take(Database.listen(`probe_${process.pid}`), 1))
  ),
  "Database.notify": reads(Database.notify(`probe_${process.pid}`, "x")),
  "Database.derived": writes(
    Effect.provide(Beside.run(Query.insert(Point).values({ id: 1 })), beside),
    1
  ),
  "Database.ReadOnly": reads(
    Effect.provide(Database.ReadOnly.all(everything), Database.ReadOnly.layer)
  ),
  "Session.transact": reads(work(Effect.void)),
  "Session.with": reads(
    work(Session.with({ fresh: true }, Effect.andThen(first, Session.get(Point, -1))))
  ),
  "Session.with around a stream": reads(
    work(Stream.runDrain(Session.with({ aside: true }, Session.stream(everything))))
  ),
  "Session.options": pair(Effect.provide(work(added), Session.options({ autoflush: false }))),
  "Session.nested": pair(work(Session.nested(added))),
  "Session.add": pair(work(added)),
  "Session.update": reads(work(Effect.flatMap(first, (one) => Session.update(one, { body: "u" })))),
  "Session.modify": reads(
    work(
      Effect.flatMap(first, (one) =>
        Session.modify(one, ({ body }) => ({ body: `${body.length}` }))
      )
    )
  ),
  "Session.compute": reads(
    work(Effect.flatMap(first, (one) => Session.compute(one, { body: Point.c.body.concat("") })))
  ),
  "Session.delete": reads(
    work(
      Effect.andThen(
        added,
        Effect.flatMap(Session.get(Point, 1), (one) =>
          Effect.andThen(Session.delete(one), Effect.fail("no"))
        )
      )
    )
  ),
  "Session.insert": pair(work(Session.insert(Point, [{ id: 1 }, { id: 2 }]))),
  "Session.upsert": pair(work(Session.upsert(Point, [{ id: 1 }, { id: 2 }]))),
  "Session.merge": pair(work(Session.merge(Point, [{ id: 1 }, { id: 2 }]))),
  "Session.touch": reads(work(Effect.flatMap(first, (one) => Session.touch(one, "body")))),
  "Session.believe": reads(
    work(Effect.flatMap(first, (one) => Session.believe(one, { body: "b" })))
  ),
  "Session.refresh": reads(work(Effect.flatMap(first, (one) => Session.refresh(one)))),
  "Session.refresh of a draft": writes(
    work(
      Effect.flatMap(Effect.succeed(Point.make({ id: 3 })), (point) =>
        Effect.andThen(Session.add(point), Session.refresh(point))
      )
    ),
    1
  ),
  "Session.forget": reads(work(Effect.flatMap(first, (one) => Session.forget(one)))),
  "Session.stateOf": reads(work(Effect.flatMap(first, (one) => Session.stateOf(one)))),
  "Session.changes": pair(work(Effect.andThen(added, Session.changes))),
  "Session.known": reads(work(Effect.andThen(first, Session.known(Point)))),
  "Session.history": reads(work(Effect.flatMap(first, (one) => Session.history(one)))),
  "Session.get": reads(work(first)),
  "Session.find": reads(work(Session.find(Point, 77))),
  "Session.load": reads(work(Effect.flatMap(first, (one) => Session.load(one, Point.children)))),
  "Session.populate": reads(
    work(
      Effect.flatMap(first, (one) =>
        Session.populate([one], Load.plan(Point, { children: Load.json() }))
      )
    )
  ),
  "Session.all": reads(work(Session.all(everything, { children: true }))),
  "Session.one": reads(work(Session.one(everything.where(Point.c.id.eq(-1))))),
  "Session.oneOrNone": reads(work(Session.oneOrNone(everything.where(Point.c.id.eq(77))))),
  "Session.first": reads(work(Session.first(everything))),
  "Session.stream": reads(work(Stream.runDrain(Session.stream(everything, { children: true })))),
  "Session.flush": pair(work(Effect.andThen(added, Session.flush))),
  "Session.plan": pair(work(Effect.andThen(added, Session.plan))),
  "Load.all": reads(Load.all(everything, { children: true })),
  "Load.all joined": reads(Load.all(everything, { children: Load.joined() })),
  "Load.one": reads(Load.one(everything.where(Point.c.id.eq(-1)), { children: true })),
  "Load.oneOrNone": reads(Load.oneOrNone(everything.where(Point.c.id.eq(-1)), { children: true })),
  "Load.stream": reads(Stream.runDrain(Load.stream(everything, { children: true }))),
  "Load.first": reads(Load.first(everything, { children: true })),
  "TwoPhase.create": reads(Effect.provide(coordinator.create, beside)),
  "TwoPhase.transaction": pair(
    Effect.provide(
      coordinator.transaction(
        Effect.andThen(add(1), Beside.run(Query.insert(Point).values({ id: 2 })))
      ),
      beside
    )
  ),
  "TwoPhase.recover": reads(Effect.provide(coordinator.recover({ olderThan_ms: 0 }), beside)),
  "Rollback.layer": reads(Effect.provide(both, Rollback.layer)),
  "Rollback.layerOf": reads(Effect.provide(both, Rollback.layerOf(Database))),
  "what is asked without a table": reads(
    Effect.ignore(Database.all(Query.select({ one: sql(Type.integer)`1` })))
  )
}
