import { Column, Query, Table } from "athanor"
import { capabilities, StatementCache } from "athanor/compile"
import * as assert from "node:assert/strict"
import { byDrizzle, byKysely, type Printed } from "./peers/printed.ts"
import type { Workload } from "./workloads.ts"

/** Build and compile only: a query of four joins and twenty predicates, without a database. */

const tableOf = (name: string) =>
  Table.make(name, {
    id: Column.id(),
    parentId: Column.integer(),
    name: Column.varchar(50),
    size: Column.integer(),
    active: Column.boolean()
  })
const a = tableOf("alembics")
const b = tableOf("beakers")
const c = tableOf("crucibles")
const d = tableOf("distillers")
const e = tableOf("ewers")

/** Twenty predicates, each with a value; `shape` makes statements that differ in structure. */
const built = (seed: number, shape: number) => {
  const base = Query.from(a)
    .join(b, b.c.parentId.eq(a.c.id))
    .join(c, c.c.parentId.eq(b.c.id))
    .join(d, d.c.parentId.eq(c.c.id))
    .join(e, e.c.parentId.eq(d.c.id))
  let query = base
  for (const table of [a, b, c, d, e]) {
    query = query
      .where(table.c.size.gt(seed))
      .where(table.c.size.lt(seed + 100))
      .where(table.c.name.ne(`name ${seed}`))
      .where(table.c.active.eq(true))
  }
  return query
    .orderBy(a.c.id.asc())
    .select({ id: a.c.id, name: b.c.name, size: c.c.size, [`label${shape}`]: e.c.name })
}

interface Sent {
  readonly text: string
  readonly values: ReadonlyArray<unknown>
}

/** What our side must give: text, and the values of its placeholders encoded for the driver. */
const sent = (cache: StatementCache, seed: number, shape: number): Sent => {
  const found = cache.get(built(seed, shape).node)
  if (found._tag === "Refusal") throw new Error(found.construct)
  const {
    compiled: { slots, text },
    binds
  } = found
  const values = new Array<unknown>(slots.length)
  for (let at = 0; at < slots.length; at++) {
    const slot = slots[at]!
    const bind = slot._tag === "Bound" ? binds[slot.index]! : null
    if (bind === null || bind._tag !== "Bound") throw new Error("a value that is not bound")
    values[at] = (slot.encode as (value: unknown) => unknown)(bind.value)
  }
  return { text, values }
}

const aliases = ["alembics", "beakers", "crucibles", "distillers", "ewers"]

const textOf = (shape: number): string => {
  const predicates = aliases.flatMap((name) => [
    `${name}.size > ?`,
    `${name}.size < ?`,
    `${name}.name <> ?`,
    `${name}.active = ?`
  ])
  return [
    `select alembics.id, beakers.name, crucibles.size, ewers.name as label${shape}`,
    "from alembics join beakers on beakers.parent_id = alembics.id",
    "join crucibles on crucibles.parent_id = beakers.id",
    "join distillers on distillers.parent_id = crucibles.id",
    "join ewers on ewers.parent_id = distillers.id",
    `where ${predicates.join(" and ")} order by alembics.id`
  ].join(" ")
}

/** The text is a constant; a hand only lists the twenty values, encoded for the driver. */
const constant = textOf(0)
const byConstant = (seed: number): Sent => {
  const low = BigInt(seed)
  const high = BigInt(seed + 100)
  const name = `name ${seed}`
  return {
    text: constant,
    values: [
      low,
      high,
      name,
      1n,
      low,
      high,
      name,
      1n,
      low,
      high,
      name,
      1n,
      low,
      high,
      name,
      1n,
      low,
      high,
      name,
      1n
    ]
  }
}

/** A hand that assembles the text from conditions, and looks it up among those it knows. */
const known = new Map<string, string>()
const byJoining = (seed: number, shape: number): Sent => {
  const text = textOf(shape)
  let same = known.get(text)
  if (same === undefined) known.set(text, (same = text))
  return { text: same, values: byConstant(seed).values }
}

const count = 200

const times = (make: (at: number) => Sent) => () => {
  let length = 0
  for (let at = 0; at < count; at++) length += make(at).values.length
  return length
}

/** Another library builds and prints the same query; both sides go to text and values. */
const against = (
  name: string,
  peer: (seed: number, shape: number) => Printed,
  cached: () => number,
  limit: { readonly equal: number | null; readonly first: number | null }
): ReadonlyArray<Workload> => {
  let [ours, theirs] = [0, 0]
  const first = StatementCache.make(capabilities("sqlite"), { entries: 100 })
  return [
    {
      name: `equal query rebuilt, against ${name}`,
      limit: limit.equal,
      statements: count,
      pair: { ours: cached, raw: times((at) => peer(at, 0)) }
    },
    {
      name: `first seen, against ${name}`,
      limit: limit.first,
      statements: count,
      pair: {
        ours: times((at) => sent(first, at, ++ours)),
        raw: times((at) => peer(at, ++theirs))
      }
    }
  ]
}

export const building = (): ReadonlyArray<Workload> => {
  const able = capabilities("sqlite")
  const cache = StatementCache.make(able)
  assert.equal(sent(cache, 7, 0).values.length, byConstant(7).values.length)
  const printed = cache.printed()
  const cached = times((at) => sent(cache, at, 0))
  cached()
  assert.equal(cache.printed(), printed, "an equal query built anew is printed again")
  let fresh = 0
  const first = StatementCache.make(able, { entries: 100 })
  return [
    {
      name: "equal query rebuilt, against a constant text",
      limit: null,
      statements: count,
      pair: { ours: cached, raw: times(byConstant) }
    },
    {
      name: "equal query rebuilt, against text joined by hand",
      limit: null,
      statements: count,
      pair: { ours: cached, raw: times((at) => byJoining(at, 0)) }
    },
    {
      name: "first seen, against text joined by hand",
      limit: null,
      statements: count,
      pair: {
        ours: times((at) => sent(first, at, ++fresh)),
        raw: times((at) => byJoining(at, 0))
      }
    },
    ...against("Kysely", byKysely, cached, { equal: 0.5, first: 1 }),
    ...against("Drizzle", byDrizzle, cached, { equal: null, first: null })
  ]
}
