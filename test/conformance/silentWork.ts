import { Catalog, Column, Database, Query, Table } from "athanor"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { drivers } from "../runtime/databases.ts"

const items = Table.make("silent_items", { id: Column.integer().primaryKey() })
const catalog = Catalog.make({ items })

const statements = Effect.gen(function* () {
  yield* Database.create(catalog)
  yield* Database.transaction(Database.run(Query.insert(items).values({ id: 1 })))
  yield* Effect.ignore(Database.run(Query.insert(items).values({ id: 1 })))
  yield* Database.all(Query.from(items))
  yield* Stream.runDrain(Database.stream(Query.from(items)))
  yield* Database.drop(catalog)
})

const tracer = Tracer.make({ span: (options) => new Tracer.NativeSpan(options) })
const heard = (effect: typeof statements) =>
  effect.pipe(
    Effect.provideService(Database.Telemetry, { echo: true, metrics: true, slowAfter_ms: 0 }),
    Effect.provideService(Tracer.Tracer, tracer),
    Effect.provide(Logger.layer([]))
  )

/** A little of everything, heard by nobody or by all there are. */
export const work = (address: string, mode: string): Promise<void> => {
  const pool = mode === "heard" ? { listener: () => {} } : {}
  const layer = Database.layerUrl(address, { drivers, pool })
  return Effect.runPromise(Effect.provide(mode === "heard" ? heard(statements) : statements, layer))
}
