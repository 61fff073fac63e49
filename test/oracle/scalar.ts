import type { Bound, Comparison, Scalar } from "../../src/algebra/Scalar.ts"
import { aggregateOf, modeOf, percentileOf } from "./aggregate.ts"
import { arithOf, negateOf } from "./arith.ts"
import { callOf, castOrNull, castTo } from "./call.ts"
import { asElement, asJson, jsonAt, jsonEdit } from "./json.ts"
import { matches } from "./like.ts"
import { type AliasRow, type Env, looked, member, type Result, type Scope } from "./Meaning.ts"
import { compareKeys, denote } from "./relation.ts"
import { isAbsent, partAt } from "./result.ts"
import {
  alike,
  and3,
  compareValues,
  inward,
  isList,
  not3,
  or3,
  outside,
  type Truth,
  type Value
} from "./Value.ts"
import { windowOf } from "./window.ts"

type Node<T extends Scalar["_tag"]> = Extract<Scalar, { readonly _tag: T }>
type Junction = Node<"And"> | Node<"Or">
type Meanings = { readonly [T in Scalar["_tag"]]: (node: Node<T>, env: Env) => Value }

type Ordered = Exclude<Comparison, "same" | "notSame">
const comparisons: Readonly<Record<Ordered, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
  gt: (order) => order > 0,
  gte: (order) => order >= 0
}

const compare = (op: Comparison, a: Value, b: Value): Truth => {
  if (op === "same" || op === "notSame") return alike(a, b) === (op === "same")
  return a === null || b === null ? null : comparisons[op](compareValues(a, b))
}

type Values = ReadonlyArray<Value>

/** The values of a tuple; any other expression is a tuple of one. */
const partsOf = (node: Scalar, env: Env): Values =>
  (node._tag === "Tuple" ? node.parts : [node]).map((part) => evaluate(part, env))

/** Tuples are equal where all parts are; in order the first pair that differs decides. */
const compareTuples = (op: Comparison, a: Values, b: Values): Truth => {
  const each = (one: Comparison): ReadonlyArray<Truth> => a.map((x, i) => compare(one, x, b[i]!))
  switch (op) {
    case "eq":
      return and3(each("eq"))
    case "ne":
      return or3(each("ne"))
    case "same":
      return each("same").every(Boolean)
    case "notSame":
      return each("notSame").some(Boolean)
    default: {
      const last = a.length - 1
      const strict = op === "lt" || op === "lte" ? "lt" : "gt"
      for (let i = 0; i < last; i++) {
        if (compare("eq", a[i]!, b[i]!) !== true) return compare(strict, a[i]!, b[i]!)
      }
      return compare(op, a[last]!, b[last]!)
    }
  }
}

/** Whether a comparison holds with one of many, or with each. */
const quantified = (
  { op, quantifier }: Node<"InList"> | Node<"InQuery">,
  self: Values,
  rows: ReadonlyArray<Values>
): Truth => {
  const each = rows.map((row) => compareTuples(op, self, row))
  return quantifier === "any" ? or3(each) : and3(each)
}

/** The rows of a query. */
const tuplesOf = (query: Parameters<typeof denote>[0], env: Env): ReadonlyArray<Values> =>
  denote(query, env).map(({ result }) => result?.values ?? outside("rows without columns"))

/** The row of an alias, in the innermost scope that has it; null where it is absent. */
const rowOf = (alias: string, env: Env): AliasRow | null => {
  for (const scope of env.scopes) {
    const row = scope.rows.get(alias)
    if (row !== undefined) return row
  }
  return outside(`alias ${alias} is not in scope`)
}

const cellAt = (result: Result, path: ReadonlyArray<string>): Value => {
  const part = partAt(result.shape, path)
  return part._tag === "Cell"
    ? result.values[part.index]!
    : outside(`${path.join(".")} is a record`)
}

const truth = (value: Value): Truth =>
  value === null || typeof value === "boolean" ? value : outside("a condition that is not boolean")

const truths = (parts: ReadonlyArray<Scalar>, env: Env): ReadonlyArray<Truth> =>
  parts.map((part) => truth(evaluate(part, env)))

/**
 * The parts of a junction. One that was given as a part is a run of them, since the constructors
 * flatten; where that one is a key of grouping sets, the run is the key: the longest there is.
 */
const partsIn = (node: Junction, env: Env): ReadonlyArray<Scalar> => {
  const [scope] = env.scopes
  const keys = [...(scope?.left ?? []), ...(scope?.kept ?? [])]
    .filter((key): key is Junction => key._tag === node._tag)
    .toSorted((a, b) => b.parts.length - a.parts.length)
  if (keys.length === 0) return node.parts
  const parts: Array<Scalar> = []
  for (let i = 0; i < node.parts.length;) {
    const key = keys.find(({ parts: run }) => isRun(run, node.parts.slice(i, i + run.length)))
    parts.push(key ?? node.parts[i]!)
    i += key?.parts.length ?? 1
  }
  // The key itself, where it is a value: it stands for itself.
  return parts.length === 1 ? node.parts : parts
}

/** Whether some parts are those of a junction that was given among others. */
export const isRun = (run: ReadonlyArray<Scalar>, parts: ReadonlyArray<Scalar>): boolean =>
  run.length > 0 && run.length === parts.length && run.every((one, i) => sameScalar(one, parts[i]!))

/** The one column of a query. */
const column = (
  query: Scalar & { readonly query: Parameters<typeof denote>[0] },
  env: Env
): ReadonlyArray<Value> =>
  denote(query.query, env).map(({ result }) =>
    result !== null && result.values.length === 1
      ? result.values[0]!
      : outside("a subquery of several columns")
  )

const meanings: Meanings = {
  Ref: (node, env) => {
    const row = rowOf(node.alias, env)
    if (row === null) return null
    if (row._tag === "Result") return cellAt(row.result, node.path)
    const value = row.row[node.path[0]!]
    return value === undefined ? outside(`no column ${node.path.join(".")}`) : value
  },
  Presence: (node, env) => {
    const row = rowOf(node.alias, env)
    if (row === null) return false
    if (node.path.length === 0) return true
    if (row._tag === "Base") return outside("a nested record of a base table")
    const part = partAt(row.result.shape, node.path)
    return (
      part._tag === "Record" &&
      (part.presence === null || !isAbsent(row.result.values[part.presence]!))
    )
  },
  Bound: (node) => inward(node.value, node.type),
  BoundList: () => outside("a list is not a value"),
  Tuple: () => outside("a tuple is not a value"),
  Named: (node, env) =>
    Object.hasOwn(env.world.parameters, node.name)
      ? inward(env.world.parameters[node.name], node.type)
      : outside(`parameter ${node.name} is missing`),
  Generated: (node) =>
    node.generator._tag === "Value"
      ? inward(node.generator.value, node.type)
      : outside("a value of chance or time"),
  Constant: (node) =>
    node.value === null || typeof node.value === "boolean"
      ? node.value
      : inward(node.value, node.type),
  Default: () => outside("DEFAULT is no value"),
  Compare: (node, env) => compareTuples(node.op, partsOf(node.left, env), partsOf(node.right, env)),
  And: (node, env) => and3(truths(partsIn(node, env), env)),
  Or: (node, env) => or3(truths(partsIn(node, env), env)),
  Not: (node, env) => not3(truth(evaluate(node.self, env))),
  IsNull: (node, env) => evaluate(node.self, env) === null,
  Arith: (node, env) =>
    arithOf(node.op, evaluate(node.left, env), evaluate(node.right, env), node.type),
  Negate: (node, env) => negateOf(evaluate(node.self, env), node.type),
  Like: (node, env) => {
    const text = evaluate(node.self, env)
    const pattern = evaluate(node.pattern, env)
    if (text === null || pattern === null) return null
    const read = (one: Value): string =>
      node.insensitive
        ? String(callOf("lower", [one], node.self.type, env.world.dialect))
        : String(one)
    return matches(read(text), read(pattern), node.escape)
  },
  InList: (node, env) => {
    if (node.list._tag !== "BoundList") {
      const array = evaluate(node.list, env)
      if (array === null) return null
      const each = isList(array) ? array : outside("IN over something else than a list")
      return quantified(
        node,
        partsOf(node.self, env),
        each.map((value) => [value])
      )
    }
    const { values } = node.list
    const { self } = node
    const rows = values.map((value) =>
      self._tag === "Tuple"
        ? self.parts.map(({ type }, i) => inward((value as ReadonlyArray<unknown>)[i], type))
        : [inward(value, self.type)]
    )
    return quantified(node, partsOf(self, env), rows)
  },
  InQuery: (node, env) => quantified(node, partsOf(node.self, env), tuplesOf(node.query, env)),
  Between: (node, env) => {
    const [self, low, high] = [node.self, node.low, node.high].map((one) => evaluate(one, env))
    const within = (from: Value, to: Value): Truth =>
      and3([compare("lte", from, self!), compare("lte", self!, to)])
    const straight = within(low!, high!)
    return node.symmetric ? or3([straight, within(high!, low!)]) : straight
  },
  Case: (node, env) => {
    const chosen = node.whens.findIndex((when) => truth(evaluate(when, env)) === true)
    return evaluate(chosen < 0 ? node.otherwise : node.thens[chosen]!, env)
  },
  Cast: (node, env) => {
    const value = evaluate(node.self, env)
    return node.orNull ? castOrNull(value, node.type) : castTo(value, node.type)
  },
  JsonEdit: (node, env) =>
    jsonEdit(
      evaluate(node.self, env),
      node,
      node.values.map((value) => asJson(evaluate(value, env), value.type))
    ),
  JsonAt: (node, env) => jsonAt(evaluate(node.self, env), node.path),
  Call: (node, env) =>
    callOf(
      node.name,
      node.args.map((arg) => evaluate(arg, env)),
      node.type,
      env.world.dialect
    ),
  Aggregate: (node, env) =>
    aggregateIn(node, env.scopes[0]?.members ?? outside("an aggregate without a group"), env),
  Grouping: (node, env) => {
    const scope = env.scopes[0]
    if (scope === undefined || scope.members === null) return outside("grouping without a group")
    return scope.left.some((key) => key.key === node.self.key) ? 1n : 0n
  },
  WindowCall: () => outside("a window function without a window"),
  Window: (node, env) => windowOf(node, env),
  Subquery: (node, env) => {
    const values = column(node, env)
    return values.length > 1 ? outside("a scalar subquery of several rows") : (values[0] ?? null)
  },
  Exists: (node, env) => denote(node.query, env).length > 0,
  Raw: (node, env) => user(node.parts.join("?"), node.holes, env),
  CustomScalar: (node, env) => user(node.name, node.args, env)
}

/** An aggregate over some rows, sorted as it asks. */
export const aggregateIn = (
  node: Node<"Aggregate">,
  members: ReadonlyArray<Scope>,
  env: Env
): Value => {
  const { args, directions, filter, order } = node
  looked(env, members.length)
  const seen = members.filter((one) => filter === null || holds(filter, member(env, one)))
  const sorted = seen
    .map((one) => ({ one, keys: order.map((key) => evaluate(key, member(env, one))) }))
    .sort((a, b) => compareKeys(a.keys, b.keys, directions))
  const of = (arg: Scalar) => sorted.map(({ one }) => evaluate(arg, member(env, one)))
  switch (node.name) {
    case "percentileCont":
    case "percentileDisc":
      return percentileOf(
        node.name,
        evaluate(args[0]!, env),
        sorted.map(({ keys }) => keys[0]!)
      )
    case "mode":
      return modeOf(sorted.map(({ keys }) => keys[0]!))
    case "stringAgg": {
      const texts = of(args[0]!).filter((text) => text !== null)
      const kept = node.distinct ? [...new Set(texts)] : texts
      return kept.length === 0 ? null : kept.join(String(evaluate(args[1]!, env)))
    }
    case "jsonAgg": {
      const elements = of(args[0]!).map((value) => asElement(value, args[0]!.type))
      return elements.length === 0 ? null : JSON.stringify(elements)
    }
    case "jsonObjectAgg": {
      const values = of(args[1]!).map((value) => asElement(value, args[1]!.type))
      const entries = of(args[0]!).flatMap((key, i) =>
        key === null ? [] : [[String(key), values[i]] as const]
      )
      return entries.length === 0 ? null : JSON.stringify(Object.fromEntries(entries))
    }
    case "rangeAgg":
    case "rangeIntersectAgg":
      return outside("a range as a value")
    case "arrayAgg": {
      const values = of(args[0]!)
      const kept = values.filter(
        (value, i) => !node.distinct || values.findIndex((one) => alike(one, value)) === i
      )
      return kept.length === 0 ? null : kept
    }
    default:
      return args.length === 0
        ? BigInt(seen.length)
        : aggregateOf(node.name, of(args[0]!), node.distinct, node.type)
  }
}

const user = (name: string, args: ReadonlyArray<Scalar>, env: Env): Value => {
  const meaning = env.world.users.scalar[name]
  return meaning === undefined
    ? outside(`no meaning for ${name}`)
    : meaning(args.map((arg) => evaluate(arg, env)))
}

const sameValue = (a: Bound, b: Bound): boolean =>
  a === b || (a._tag === b._tag && "value" in a && Object.is(a.value, b.value))

/** Whether two expressions are the same, their values included. */
export const sameScalar = (a: Scalar, b: Scalar): boolean =>
  a === b ||
  (a.key === b.key &&
    a.binds.length === b.binds.length &&
    a.binds.every((bind, i) => sameValue(bind, b.binds[i]!)))

const ownTags: ReadonlySet<string> = new Set(["Bound", "BoundList", "Named", "Constant"])
const lookedUpTags: ReadonlySet<string> = new Set([
  "Ref",
  "Presence",
  "Generated",
  "Aggregate",
  "Grouping",
  "Window",
  "WindowCall",
  "Subquery",
  "Exists",
  "InQuery",
  "Raw",
  "CustomScalar"
])

/** The expressions directly below one, and the query in one. */
export const below = (node: Scalar): ReadonlyArray<Scalar> =>
  Object.entries(node).flatMap(([field, part]) =>
    field === "binds" || field === "ctes" || field === "type" || typeof part !== "object"
      ? []
      : [part].flat().filter((one): one is Scalar => typeof one?._tag === "string")
  )

/** An expression of values alone is itself wherever it stands, also where its like is projected. */
const isValue = (node: Scalar): boolean => {
  if (ownTags.has(node._tag) || lookedUpTags.has(node._tag)) return ownTags.has(node._tag)
  let found = values.get(node)
  if (found === undefined) values.set(node, (found = below(node).every(isValue)))
  return found
}

const values = new WeakMap<Scalar, boolean>()

/** Where a scope is closed, the value of a projected expression; a new group aggregates afresh. */
const projected = (node: Scalar, scope: Scope): Value | undefined => {
  if (scope.closed === null || (node._tag === "Aggregate" && scope.members !== null))
    return undefined
  const index = scope.closed.fields.findIndex((field) => sameScalar(field, node))
  return index < 0 ? undefined : scope.closed.values[index]
}

/** The environment where a group's keys have the values they are grouped by. */
const withKeys = (env: Env, scope: Scope): Env => ({
  ...env,
  scopes: env.scopes.map((one) => (one === scope ? { ...one, left: [], kept: [] } : one))
})

const known = (node: Scalar, env: Env): Value | undefined => {
  if (isValue(node)) return undefined
  const column = node._tag === "Ref" || node._tag === "Presence"
  for (const scope of column ? env.scopes : env.scopes.slice(0, 1)) {
    if (scope.left.some((key) => sameScalar(key, node))) return null
    if (scope.kept.some((key) => sameScalar(key, node))) return evaluate(node, withKeys(env, scope))
    const value = projected(node, scope)
    if (value !== undefined) return value
  }
  return undefined
}

/** The value of an expression in an environment. */
export const evaluate = (node: Scalar, env: Env): Value => {
  const value = known(node, env)
  return value !== undefined
    ? value
    : (meanings[node._tag] as (n: Scalar, e: Env) => Value)(node, env)
}

/** The value of a sort key: here a plain value too stands for the column it is projected as. */
export const evaluateKey = (node: Scalar, env: Env): Value => {
  const value = env.scopes[0] === undefined ? undefined : projected(node, env.scopes[0])
  return value === undefined ? evaluate(node, env) : value
}

/** Whether a condition is TRUE. */
export const holds = (node: Scalar, env: Env): boolean => truth(evaluate(node, env)) === true

/** A count of rows for LIMIT and OFFSET. */
export const countOf = (node: Scalar, env: Env): number => {
  const value = evaluate(node, env)
  return typeof value === "bigint" && value >= 0n
    ? Number(value)
    : outside("a limit that is not a natural number")
}
