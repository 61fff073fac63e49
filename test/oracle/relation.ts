import type { Direction, Join, Relation } from "../../src/algebra/Relation.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import { combineRows, distinctBy } from "./bags.ts"
import {
  type AliasRow,
  emptyScope,
  type Env,
  inside,
  looked,
  type Result,
  type Scope
} from "./Meaning.ts"
import { below, countOf, evaluate, evaluateKey, holds } from "./scalar.ts"
import { rowsOf } from "./tableFunctions.ts"
import { compareValues, outside, tokens, type Value, within } from "./Value.ts"

type Scopes = ReadonlyArray<Scope>
type Node<T extends Relation["_tag"]> = Extract<Relation, { readonly _tag: T }>
type Meanings = { readonly [T in Relation["_tag"]]: (node: Node<T>, env: Env) => Scopes }

const named = (alias: string, row: AliasRow): Scope => ({
  ...emptyScope,
  rows: new Map([[alias, row]])
})

/** The result rows of a query. */
export const resultsOf = (query: Relation, env: Env): ReadonlyArray<Result> =>
  denote(query, env).map(({ result }) => result ?? outside("a query without a projection"))

/** The projection whose fields and shape a query's rows have: a set operation's first part's. */
export const projectionOf = (query: Relation): Omit<Result, "values"> => {
  let at: Relation | undefined = query
  while (at !== undefined) {
    if (at._tag === "Values" || at._tag === "TableFunction") return at.row
    if (at._tag === "Project") return { fields: at.fields, shape: at.shape }
    at =
      at._tag === "Combine"
        ? at.parts[0]
        : at._tag === "Recursion"
          ? at.base
          : at._tag === "Join"
            ? at.kind === "right" || at.kind === "full"
              ? undefined
              : at.left
            : "self" in at
              ? at.self
              : undefined
  }
  return outside("a query without a projection")
}

const ofResults = (alias: string, results: ReadonlyArray<Result>): Scopes =>
  results.map((result) => named(alias, { _tag: "Result", result }))

const onlyResult = (result: Result): Scope => ({ ...emptyScope, result, closed: result })

const both = (left: Scope, right: Scope): Scope => ({
  ...left,
  rows: new Map([...left.rows, ...right.rows])
})

/** The aliases a relation brings into scope, known also where it has no rows. */
const aliases = (relation: Relation): ReadonlyArray<string> => {
  switch (relation._tag) {
    case "Unit":
    case "Values":
    case "TableFunction":
    case "Recursion":
      return []
    case "Table":
    case "Derived":
    case "Cte":
      return [relation.alias]
    case "Join":
      return [...aliases(relation.left), ...aliases(relation.right)]
    case "Combine":
      return []
    default:
      return aliases(relation.self)
  }
}

const absent = (relation: Relation): Scope => ({
  ...emptyScope,
  rows: new Map(aliases(relation).map((alias) => [alias, null]))
})

const joined = (node: Join, env: Env): Scopes => {
  const left = denote(node.left, env)
  // What is joined laterally is another list for each scope before it.
  const every = node.lateral ? [] : denote(node.right, env)
  const matchedRight = new Set<Scope>()
  const out: Array<Scope> = []
  for (const one of left) {
    let matched = false
    const right = node.lateral ? denote(node.right, inside(env, one)) : every
    looked(env, right.length)
    for (const other of right) {
      const pair = both(one, other)
      if (!holds(node.on, inside(env, pair))) continue
      matched = true
      matchedRight.add(other)
      out.push(pair)
    }
    if (!matched && (node.kind === "left" || node.kind === "full"))
      out.push(both(one, absent(node.right)))
  }
  if (node.kind === "right" || node.kind === "full") {
    for (const other of every)
      if (!matchedRight.has(other)) out.push(both(absent(node.left), other))
  }
  return out
}

const groupsOf = (scopes: Scopes, { keys, sets }: Node<"Group">, env: Env): Scopes =>
  sets === null
    ? grouped(scopes, keys, [], env)
    : sets.flatMap((set) =>
        grouped(
          scopes,
          set.map((at) => keys[at]!),
          keys.filter((_, at) => !set.includes(at)),
          env
        )
      )

const grouped = (
  scopes: Scopes,
  keys: ReadonlyArray<Scalar>,
  left: ReadonlyArray<Scalar>,
  env: Env
): Scopes => {
  const groups = new Map<string, Array<Scope>>()
  if (keys.length === 0) groups.set("", [])
  for (const scope of scopes) {
    const key = tokens(keys.map((one) => evaluate(one, inside(env, scope))))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [scope])
    else group.push(scope)
  }
  // Keys have one value in a group: that of any member. Of nothing there is no row to read.
  return [...groups.values()].map((members) => ({
    ...(members[0] ?? emptyScope),
    members,
    left,
    kept: left.length === 0 ? [] : keys
  }))
}

/** Compares two tuples of sort keys. */
export const compareKeys = (
  a: ReadonlyArray<Value>,
  b: ReadonlyArray<Value>,
  directions: ReadonlyArray<Direction>
): number => {
  for (const [i, { direction, nulls }] of directions.entries()) {
    const left = a[i]!
    const right = b[i]!
    if (left === null && right === null) continue
    if (left === null) return nulls === "first" ? -1 : 1
    if (right === null) return nulls === "first" ? 1 : -1
    const order = compareValues(left, right)
    if (order !== 0) return direction === "asc" ? order : -order
  }
  return 0
}

/** Whether two scopes were sorted by the same values. */
const sortsAs = (a: Scope, b: Scope): boolean =>
  a.sorted === null || b.sorted === null
    ? outside("rows tied by no order")
    : tokens(a.sorted) === tokens(b.sorted)

/**
 * Rows that sort alike stand in any order. Whoever sorts by all columns of a row leaves none that
 * differ, but a window as a key is another over the rows that a cut has left.
 */
const checkTies = (order: Relation, all: Scopes, cuts: ReadonlyArray<number>): void => {
  if (order._tag !== "Order" || !order.keys.some(hasWindow)) return
  for (const at of cuts) {
    const [before, after] = [all[at - 1], all[at]]
    if (before === undefined || after === undefined || !sortsAs(before, after)) continue
    if (valuesOf(before) !== valuesOf(after)) outside("rows that a window sorts alike, cut apart")
  }
}

const valuesOf = ({ result }: Scope): string => (result === null ? "" : tokens(result.values))

const hasWindow = (key: Scalar): boolean => key._tag === "Window" || below(key).some(hasWindow)

/** So many hundredths of the rows, rounded up; a part that is not whole is a double. */
const shareOf = (node: Node<"Slice">, all: Scopes, env: Env): Scopes => {
  const part = evaluate(node.limit!, { ...env, scopes: [] })
  if (part === null) return []
  const kept = all.filter((_, i) => i * 100 < all.length * Number(part))
  const last = kept.at(-1)
  return !node.ties || last === undefined
    ? kept
    : [...kept, ...all.slice(kept.length).filter((one) => sortsAs(one, last))]
}

/** Beyond these nobody means a recursion to go, and some have no end. */
const longest = { rounds: 20, rows: 100 }

/** The rows of the base, and what the step makes of those found last, until that is nothing. */
const fixpoint = (node: Node<"Recursion">, env: Env): ReadonlyArray<Result> => {
  const { base, distinct, source, step } = node
  const row = projectionOf(base)
  const seen = new Set<string>()
  const found: Array<Result> = []
  const added = (results: ReadonlyArray<Result>): ReadonlyArray<Result> => {
    const fresh: Array<Result> = []
    for (const { values } of results) {
      const kind = tokens(values)
      if (distinct && seen.has(kind)) continue
      seen.add(kind)
      fresh.push({ ...row, values: values.map((one, i) => within(one, row.fields[i]!.type)) })
    }
    found.push(...fresh)
    return fresh
  }
  let last = added(resultsOf(base, env))
  for (let round = 0; last.length > 0; round++) {
    if (round > longest.rounds || found.length > longest.rows) outside("a recursion without end")
    env.world.ctes.set(source, last)
    last = added(resultsOf(step, env))
  }
  return found
}

const resultOf = (scope: Scope): Result => scope.result ?? outside("DISTINCT without a projection")

const meanings: Meanings = {
  Unit: () => [emptyScope],
  Table: (node, env) =>
    (env.world.database.get(node.source) ?? outside(`no table ${node.source.name}`)).map((row) =>
      named(node.alias, { _tag: "Base", row })
    ),
  Derived: (node, env) => ofResults(node.alias, resultsOf(node.self, env)),
  Cte: (node, env) => {
    const { ctes } = env.world
    let results = ctes.get(node.source)
    if (results === undefined && node.source._tag === "SelfSource")
      return outside("a recursion's own rows outside of its step")
    if (results === undefined) {
      if ("returned" in node.source.query) return outside("a command that was not carried out")
      results = resultsOf(node.source.query, { world: env.world, scopes: [], around: null })
      ctes.set(node.source, results)
    }
    return ofResults(node.alias, results)
  },
  Join: joined,
  Filter: (node, env) =>
    denote(node.self, env).filter((scope) => holds(node.predicate, inside(env, scope))),
  Group: (node, env) => groupsOf(denote(node.self, env), node, env),
  Project: (node, env) =>
    denote(node.self, env).map((scope, _, around) => ({
      ...scope,
      sorted: null,
      result: {
        fields: node.fields,
        values: node.fields.map((field) => evaluate(field, inside(env, scope, around))),
        shape: node.shape
      }
    })),
  Distinct: (node, env) =>
    distinctBy(denote(node.self, env).map(resultOf), ({ values }) => tokens(values)).map(
      onlyResult
    ),
  DistinctOn: (node, env) => {
    const all = denote(node.self, env)
    checkTies(node.self, all, [...all.keys()])
    return distinctBy(all, ({ sorted }) =>
      tokens((sorted ?? outside("DISTINCT ON without an order")).slice(0, node.keys))
    )
  },
  Order: (node, env) =>
    denote(node.self, env)
      .map((scope, _, around) => ({
        ...scope,
        sorted: node.keys.map((key) => evaluateKey(key, inside(env, scope, around)))
      }))
      .sort((a, b) => compareKeys(a.sorted, b.sorted, node.directions)),
  Slice: (node, env) => {
    if (node.percent) return shareOf(node, denote(node.self, env), env)
    const from = node.offset === null ? 0 : countOf(node.offset, env)
    const to = node.limit === null ? undefined : from + countOf(node.limit, env)
    const all = denote(node.self, env)
    const kept = all.slice(from, to)
    checkTies(node.self, all, node.ties || to === undefined ? [from] : [from, to])
    if (!node.ties || to === undefined || kept.length === 0) return kept
    const last = kept.at(-1)!
    return [...kept, ...all.slice(to).filter((one) => sortsAs(one, last))]
  },
  Combine: (node, env) =>
    combineRows(
      node.op,
      node.parts.map((part) => resultsOf(part, env).map(({ values }) => values))
    ).map((values) => onlyResult({ ...projectionOf(node), values })),
  Hint: (node, env) => denote(node.self, env),
  // Nobody else is here to hold a row.
  Lock: (node, env) => denote(node.self, env),
  Values: (node, env) => {
    const { fields, shape } = node.row
    const values = node.cells.map((cell) => evaluate(cell, env))
    return Array.from({ length: values.length / fields.length }, (_, i) =>
      onlyResult({
        fields,
        values: values.slice(i * fields.length, (i + 1) * fields.length),
        shape
      })
    )
  },
  TableFunction: (node, env) => {
    const { fields, shape } = node.row
    const args = node.args.map((arg) => evaluate(arg, env))
    return rowsOf(node.name, args).map((values, i) =>
      onlyResult({ fields, values: [...values, BigInt(i + 1)], shape })
    )
  },
  Sample: (node, env) => {
    const percent = evaluate(node.percent, env)
    if (percent === 0) return []
    return percent === 100 ? denote(node.self, env) : outside("rows of chance")
  },
  Recursion: (node, env) => fixpoint(node, env).map(onlyResult),
  CustomRelation: (node, env) => {
    const meaning = env.world.users.relation[node.name]
    return meaning === undefined
      ? outside(`no meaning for ${node.name}`)
      : meaning(denote(node.self, env))
  }
}

/** The scopes a relation denotes, as a list whose order means something only above `Order`. */
export const denote = (node: Relation, env: Env): Scopes => {
  const scopes = (meanings[node._tag] as (n: Relation, e: Env) => Scopes)(node, env)
  looked(env, scopes.length)
  return scopes
}
