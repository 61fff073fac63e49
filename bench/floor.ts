import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import type { SqliteRaw } from "./raw/sqlite.ts"
import { calls, ids, noteOf } from "./rows.ts"
import type { Run, Workload } from "./workloads.ts"

/** A call by hand as an Effect of one primitive: what no library on Effect goes below. */
class Call {
  readonly call: () => unknown
  constructor(call: () => unknown) {
    this.call = call
  }
}
const prototype = Effectable.Prototype<Effect.Effect<unknown>>({
  label: "Call",
  evaluate() {
    return Exit.succeed((this as unknown as Call).call())
  }
})
Object.defineProperties(Call.prototype, Object.getOwnPropertyDescriptors(prototype))

const effect = <A>(call: () => A): Effect.Effect<A> => new Call(call) as never

const all = <A>(call: (at: number) => A, count: number): Effect.Effect<A> =>
  Effect.gen(function* () {
    for (let at = 0; at < count - 1; at++) yield* effect(() => call(at))
    return yield* effect(() => call(count - 1))
  })

/** The raw side's own calls, each yielded to a fiber, against the same without Effect. */
export const floors = (raw: SqliteRaw, run: Run): ReadonlyArray<Workload> => {
  const [left, right] = [ids(), ids()]
  const later = (at: number) => noteOf(at + 1)
  const stated = { limit: null, statements: calls }
  return [
    {
      ...stated,
      name: "floor: by key",
      pair: {
        ours: () => run(all(() => raw.person(left()), calls)),
        raw: () => raw.people(right, calls)
      }
    },
    {
      ...stated,
      name: "floor: by key, Date",
      pair: {
        ours: () => run(all(() => raw.personWithDate(left()), calls)),
        raw: () => raw.peopleWithDate(right, calls)
      }
    },
    {
      ...stated,
      name: "floor: inserts",
      pair: {
        ours: () => run(all((at) => raw.add(noteOf(at)), calls)),
        raw: () => raw.insert(noteOf, calls),
        reset: () => raw.script("delete from notes")
      }
    },
    {
      ...stated,
      name: "floor: updates",
      pair: {
        ours: () => {
          void raw.script("begin")
          void run(all((at) => raw.change(later(at), at + 1), calls))
          void raw.script("commit")
        },
        raw: () => raw.update(later, calls)
      }
    }
  ]
}
