import * as Effect from "effect/Effect"
import { catchTwin, type Programs, upholdPrograms } from "./support/sessionPrograms.ts"
import { town } from "./support/town.ts"
import { type Cells, type Model, textOf } from "./support/townModel.ts"
import { settledIn, stored } from "./support/townRows.ts"
import { type Rules, upright } from "./support/townCourse.ts"
import { run } from "./support/townRun.ts"
import { type Step, steps } from "./support/townSteps.ts"

/**
 * L35 of all that a mapping can say at once: whatever is done to a town's rows by a session, what
 * it shows and what the database holds is what plain maps of rows say; what those refuse is
 * refused, by a typed failure, and changes nothing.
 */

const law: Programs<Step, Model, Rules> = {
  of: "L35 programs over a town",
  catalog: town,
  programs: steps,
  runs: [100, 12],
  times: 60,
  before: Effect.andThen(settledIn, stored),
  run,
  stored,
  textOf,
  upright
}

upholdPrograms("every read is the maps', and so is the end", law)

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

for (const [name, rules, examples] of twins) catchTwin(name, law, rules, examples)
