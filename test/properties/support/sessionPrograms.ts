import { Database, Session } from "athanor"
import * as Effect from "effect/Effect"
import type * as fc from "fast-check"
import { afterAll, beforeAll, describe, test } from "vitest"
import { connect, type EngineName, engines } from "../../runtime/databases.ts"
import { caughtOn, timeFor, upheldOn } from "./law.ts"

/** Programs of a session beside a plain model of its rows: both must end as the same. */

/** A savepoint was to fail. */
export class Taken {
  readonly _tag = "Taken"
}

/** What was read is not what the model has. */
export class Differs extends Error {
  readonly _tag = "Differs"
}

export type Work<A> = Effect.Effect<A, unknown, Session | Database>

/** The model as it is, where what was read is the model's. */
export const same = <M>(model: M, isSame: boolean): Work<M> =>
  isSame ? Effect.succeed(model) : Effect.fail(new Differs("another row was read"))

/** A program's steps one after the other, and the model they end as. */
export const inTurn = <S, M>(
  program: ReadonlyArray<S>,
  before: M,
  take: (one: S, model: M) => Work<M>
): Work<M> =>
  Effect.gen(function* () {
    let model = before
    for (const one of program) model = yield* take(one, model)
    return model
  })

/** A savepoint, which may be to fail: the model it ends as, or null where it was taken back. */
export const inSavepoint = <M>(work: Work<M>, fails: boolean): Work<M | null> =>
  Effect.catchIf(
    Session.nested(
      Effect.flatMap(work, (model) => (fails ? Effect.fail(new Taken()) : Effect.succeed(model)))
    ) as Work<M>,
    (error) => error instanceof Taken,
    () => Effect.succeed(null)
  )

export interface Programs<Step, Model, Rules> {
  /** What the law is about. */
  readonly of: string
  readonly catalog: Parameters<typeof Database.create>[0]
  readonly programs: fc.Arbitrary<ReadonlyArray<Step>>
  /** How many of them by day: on SQLite, and on a server. */
  readonly runs: readonly [sqlite: number, server: number]
  /** How many times as long a program takes as most. */
  readonly times?: number
  /** Makes the rows a program begins with, and their model. */
  readonly before: Effect.Effect<Model, unknown, Database>
  readonly run: (program: ReadonlyArray<Step>, before: Model, rules: Rules) => Work<Model>
  readonly stored: Effect.Effect<Model, unknown, Database>
  /** Equal texts, equal models. */
  readonly textOf: (model: Model) => string
  readonly upright: Rules
}

/** Whether programs end in the database as in the model, by these rules. */
const open = async <S, M, R>(engine: EngineName, law: Programs<S, M, R>) => {
  const database = await connect(engine)
  await database.run(Database.create(law.catalog))
  const ends = (program: ReadonlyArray<S>, rules: R) =>
    Effect.gen(function* () {
      const before = yield* law.before
      const meant = law.textOf(yield* Session.transact(law.run(program, before, rules)))
      const now = law.textOf(yield* law.stored)
      if (now !== meant) return yield* Effect.fail(new Differs(`${now}\nand not\n${meant}`))
      return true
    })
  const holds = (rules: R) => (program: ReadonlyArray<S>) =>
    database.run(ends(program, rules)).catch((error: unknown) => {
      if (rules !== law.upright && error instanceof Differs) return false
      const shown = program.map((one) => JSON.stringify(one)).join("\n")
      throw new Error(`${(error as Error).message}\n${shown}`, { cause: error })
    })
  return { holds, dispose: database.dispose }
}

/** The law, on each database. */
export const upholdPrograms = <S, M, R>(claim: string, law: Programs<S, M, R>): void =>
  describe.each(engines)(`${law.of} on %s`, (engine) => {
    let opened: Awaited<ReturnType<typeof open<S, M, R>>>
    beforeAll(async () => {
      opened = await open(engine, law)
    })
    afterAll(() => opened.dispose())

    test(
      claim,
      async () => {
        const [sqlite, server] = law.runs
        const runs = engine === "sqlite" ? sqlite : server
        await upheldOn(law.programs, opened.holds(law.upright), runs, law.times)
      },
      timeFor(60_000)
    )
  })

/** A wrong twin, which does as the law says for each example. */
export const catchTwin = <S, M, R>(
  name: string,
  law: Programs<S, M, R>,
  rules: NoInfer<R>,
  examples: ReadonlyArray<ReadonlyArray<NoInfer<S>>>
): void =>
  test(
    `twin: ${name}`,
    async () => {
      const { dispose, holds } = await open("sqlite", law)
      await caughtOn(name, law.programs, holds(rules), examples)
      await dispose()
    },
    timeFor(60_000)
  )
