import { Database, Session } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"
import { caughtOn, timeFor, upheldOn } from "./support/law.ts"
import { town } from "./support/town.ts"
import { type Cells, textOf } from "./support/townModel.ts"
import { settledIn, stored } from "./support/townRows.ts"
import { Differs, type Rules, upright } from "./support/townCourse.ts"
import { run } from "./support/townRun.ts"
import { type Step, steps } from "./support/townSteps.ts"

/**
 * L35 of all that a mapping can say at once: whatever is done to a town's rows by a session, what
 * it shows and what the database holds is what plain maps of rows say; what those refuse is
 * refused, by a typed failure, and changes nothing.
 */

/** The rows that are in one of two texts alone. */
const apart = (now: string, meant: string): string => {
  const [a, b] = [now.split("\n"), meant.split("\n")]
  const here = a.filter((row) => !b.includes(row)).join("\n")
  return `there is\n${here}\nand not\n${b.filter((row) => !a.includes(row)).join("\n")}`
}

const open = async (engine: (typeof engines)[number]) => {
  const database = await connect(engine)
  await database.run(Database.create(town))
  const holds = (rules: Rules) => (program: ReadonlyArray<Step>) =>
    database
      .run(
        Effect.gen(function* () {
          yield* settledIn
          const before = yield* stored
          const meant = textOf(yield* Session.transact(run(program, before, rules)))
          const now = textOf(yield* stored)
          if (now !== meant) return yield* Effect.fail(new Differs(apart(now, meant)))
          return true
        })
      )
      .catch((error: unknown) => {
        if (rules !== upright && error instanceof Differs) return false
        const shown = program.map((one) => JSON.stringify(one)).join("\n")
        throw new Error(`${(error as Error).message}\n${shown}`, { cause: error })
      })
  return { holds, dispose: database.dispose }
}

describe.each(engines)("L35 programs over a town on %s", (engine) => {
  let opened: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    opened = await open(engine)
  })
  afterAll(() => opened.dispose())

  test(
    "every read is the maps', and so is the end",
    async () => {
      await upheldOn(steps, opened.holds(upright), engine === "sqlite" ? 100 : 12, 60)
    },
    timeFor(60_000)
  )
})

const changed: Step = {
  _tag: "Change",
  kind: "House",
  at: 0,
  p: [3, 1],
  parents: [0, 0],
  how: "ref",
  mask: 2,
  via: "update"
}

const twins: ReadonlyArray<readonly [string, Rules, ReadonlyArray<ReadonlyArray<Step>>]> = [
  [
    "who is the head of a house goes with it",
    {
      ...upright,
      drop: (model, table, key) => {
        const next = upright.drop(model, table, key)
        if (next === null || table !== "houses") return next
        const isHead = ([id]: readonly [string, Cells]) =>
          String(model.people.get(id)?.["headOfId"]) === key
        return { ...next, people: new Map([...next.people].filter((one) => !isHead(one))) }
      }
    },
    [[{ _tag: "Drop", kind: "Manager", at: 0, via: "ref" }], [changed]]
  ],
  [
    "a new code is that of the house alone",
    {
      ...upright,
      change: (model, table, key, values) => {
        const row = { ...model[table].get(key)!, ...values }
        return {
          model: { ...model, [table]: new Map([...model[table], [key, row]]) },
          isGone: false
        }
      }
    },
    [[changed]]
  ]
]

test.each(twins)(
  "twin: %s",
  async (name, rules, examples) => {
    const { dispose, holds } = await open("sqlite")
    await caughtOn(name, steps, holds(rules), examples)
    await dispose()
  },
  timeFor(60_000)
)
