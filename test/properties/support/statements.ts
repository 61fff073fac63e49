import { isLockable } from "../../../src/algebra/lock.ts"
import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { DialectName } from "../../../src/algebra/Dialect.ts"
import type { Database, World } from "../../oracle/Meaning.ts"
import { type Aim, aimsAt, rather } from "./aim.ts"
import { type Home, newHome } from "./context.ts"
import { type Draw, many, pick, weigh } from "./draw.ts"
import { query } from "./queries.ts"
import type { Read } from "./places.ts"
import { recursion } from "./recursions.ts"
import type { Seek } from "./seek.ts"
import { userMeanings } from "./userNodes.ts"

/** A closed query with the values of its named parameters. */
export interface QueryCase {
  readonly query: Relation
  readonly parameters: Readonly<Record<string, unknown>>
}

const favourable: ReadonlyArray<Scalar["_tag"]> = [
  "Ref",
  "Bound",
  "Compare",
  "And",
  "Or",
  "Not",
  "IsNull",
  "Arith",
  "Negate",
  "Like",
  "Tuple",
  "InList",
  "InQuery",
  "Between",
  "Case",
  "Cast",
  "Call",
  "Aggregate",
  "Window",
  "Subquery",
  "Exists",
  "Raw",
  "CustomScalar",
  "Named",
  "Generated",
  "Constant"
]

/** Now and then a lock of the query's rows, now and then of a kind not every server has. */
const maybeLocked = (draw: Draw, home: Home, self: Relation): Relation => {
  if (home.without.has("Lock") || !isLockable(self) || !rather(draw, aimsAt(home, "Lock"), 16))
    return self
  const strength = weigh(draw, [
    [20, "update"],
    [10, "share"],
    [1, "key share"]
  ] as const)
  const wait = weigh(draw, [
    [40, null],
    [1, "nowait"],
    [1, "skip locked"]
  ] as const)
  return R.lock(self, strength, wait, [])
}

/** Texts that somebody may want in a comment: what could end one is refused before. */
const comments = ["GET /users?id=1", "'", '"', "--", ";", "$1 :x @y", "!50000", "+ HINT", "é😀"]
const small = "SQL_SMALL_RESULT"

/** Now and then a word to the server beside the query. */
const maybeHinted = (draw: Draw, home: Home, self: Relation): Relation =>
  home.without.has("Hint") || !rather(draw, aimsAt(home, "Hint"), 12)
    ? self
    : R.hint(
        self,
        weigh<() => R.HintForm>(draw, [
          [3, () => ({ _tag: "Comment", text: pick(draw, comments) })],
          [1, () => ({ _tag: "Optimizer", text: { mysql: "NO_BNL()", postgres: "SeqScan(t0)" } })],
          [1, () => ({ _tag: "Prefix", text: { mysql: small, mariadb: small } })]
        ])()
      )

/** What a statement starts from: kinds it favours, common table expressions it may use. */
export const homeOf = (
  draw: Draw,
  without: ReadonlyArray<string> = [],
  aim: Aim | null = null,
  seek: Seek | null = null
): Home => {
  const home = newHome(
    without,
    many(draw, "favour", 0, 3, () => pick(draw, favourable)),
    aim
  )
  const reads = (one: Read): boolean => seek?.outer === one || seek?.inner === one
  const least = aimsAt(home, "Cte", "Recursion", "Lock") || reads("cte") || reads("recursion")
  many(draw, "with", least ? 1 : 0, 2, (i) => {
    const name = `cte${i}`
    const materialized = pick(draw, [null, null, true, false])
    const aimed = aimsAt(home, "Recursion") || reads("recursion")
    const recurs = !home.without.has("Recursion") && rather(draw, aimed, 4)
    const body = recurs
      ? recursion(draw, home, name)
      : maybeHinted(draw, home, maybeLocked(draw, home, query(draw, home, [], null, 1)))
    home.ctes.push({ _tag: "CteSource", name, materialized, query: body })
  })
  home.seek = seek
  return home
}

/** A closed query. */
export const queryCase = (
  draw: Draw,
  without: ReadonlyArray<string> = [],
  top?: number,
  aim: Aim | null = null,
  seek: Seek | null = null
): QueryCase => {
  const home = homeOf(draw, without, aim, seek)
  const depth = top ?? pick(draw, [2, 3, 3])
  const fresh = () => query(draw, home, [], null, depth)
  let made = fresh()
  for (let tries = 0; aimsAt(home, "Lock") && !isLockable(made) && tries < 3; tries++)
    made = fresh()
  return {
    query: maybeHinted(draw, home, maybeLocked(draw, home, made)),
    parameters: home.parameters
  }
}

/** All a statement's meaning depends on. */
export const worldOf = (
  database: Database,
  parameters: Readonly<Record<string, unknown>>,
  dialect: DialectName = "sqlite"
): World => ({
  database,
  dialect,
  parameters,
  users: userMeanings,
  ctes: new Map(),
  effort: { rows: 0 }
})
