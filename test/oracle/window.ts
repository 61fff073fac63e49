import type { Frame, Window, WindowCall } from "../../src/algebra/Scalar.ts"
import { type Env, looked, type Scope } from "./Meaning.ts"
import { compareKeys } from "./relation.ts"
import { aggregateIn, evaluate } from "./scalar.ts"
import { outside, token, tokens, type Value } from "./Value.ts"

/** A partition in order, and where in it a row and those that sort alike stand. */
interface Place {
  readonly rows: ReadonlyArray<Scope>
  readonly keys: ReadonlyArray<ReadonlyArray<Value>>
  /** Of each row, the number of its group of rows that sort alike. */
  readonly groups: ReadonlyArray<number>
  readonly index: number
}

/** The environment of another row of the same relation. */
const at = (env: Env, scope: Scope): Env => ({
  world: env.world,
  scopes: [scope, ...env.scopes.slice(1)],
  around: null
})

type Partition = Omit<Place, "index">

/** The partitions of a relation's rows, each row with its own. */
const partitionsOf = (
  node: Window,
  around: ReadonlyArray<Scope>,
  env: Env
): ReadonlyMap<Scope, Partition> => {
  const of = (keys: Window["partition"], scope: Scope) =>
    keys.map((key) => evaluate(key, at(env, scope)))
  const parts = Map.groupBy(around, (scope) => tokens(of(node.partition, scope)))
  const found = new Map<Scope, Partition>()
  for (const scopes of parts.values()) {
    const sorted = scopes
      .map((scope) => ({ scope, keys: of(node.order, scope) }))
      .sort((a, b) => compareKeys(a.keys, b.keys, node.directions))
    const groups: Array<number> = []
    sorted.forEach(({ keys }, i) => {
      const alike = i > 0 && compareKeys(sorted[i - 1]!.keys, keys, node.directions) === 0
      groups.push(i === 0 ? 0 : groups[i - 1]! + (alike ? 0 : 1))
    })
    const rows = sorted.map(({ scope }) => scope)
    const partition = { rows, keys: sorted.map(({ keys }) => keys), groups }
    for (const scope of scopes) found.set(scope, partition)
  }
  return found
}

/** What was found of a relation's rows: each list of rows is of one evaluation. */
const known = new WeakMap<ReadonlyArray<Scope>, Map<Window, ReadonlyMap<Scope, Partition>>>()

const placeOf = (node: Window, env: Env): Place => {
  const here = env.scopes[0] ?? outside("a window without rows")
  const around = env.around ?? outside("a window where none may stand")
  let windows = known.get(around)
  if (windows === undefined) known.set(around, (windows = new Map()))
  let partitions = windows.get(node)
  if (partitions === undefined) windows.set(node, (partitions = partitionsOf(node, around, env)))
  const partition = partitions.get(here) ?? outside("a window over rows of another relation")
  return { ...partition, index: partition.rows.indexOf(here) }
}

const moved = (value: Value, by: Value, sign: 1 | -1): Value =>
  value === null || by === null
    ? null
    : typeof value === "bigint" && typeof by === "bigint"
      ? value + by * BigInt(sign)
      : Number(value) + Number(by) * sign

/** The first row at or after a bound, or the last at or before it. */
const edge = (
  node: Window,
  frame: Frame,
  place: Place,
  side: "start" | "end",
  offset: Value
): number => {
  const { groups, index, keys, rows } = place
  const bound = frame[side]
  if (bound === "unbounded preceding") return 0
  if (bound === "unbounded following") return rows.length - 1
  const sign = bound === "preceding" ? -1 : 1
  if (frame.unit === "rows") return index + (bound === "current row" ? 0 : sign * Number(offset))
  const first = (found: (i: number) => boolean): number => {
    const i = rows.findIndex((_, one) => found(one))
    return i < 0 ? rows.length : i
  }
  const last = (found: (i: number) => boolean): number => rows.findLastIndex((_, one) => found(one))
  if (frame.unit === "groups" || bound === "current row") {
    const group = groups[index]! + (bound === "current row" ? 0 : sign * Number(offset))
    return side === "start" ? first((i) => groups[i]! >= group) : last((i) => groups[i]! <= group)
  }
  const ascending = node.directions[0]!.direction === "asc"
  const edgeKey = [moved(keys[index]![0]!, offset, (ascending ? sign : -sign) as 1 | -1)]
  const order = (i: number): number => compareKeys(keys[i]!, edgeKey, node.directions)
  return side === "start" ? first((i) => order(i) >= 0) : last((i) => order(i) <= 0)
}

const whole: Frame = {
  unit: "range",
  start: "unbounded preceding",
  end: "unbounded following",
  exclude: "no others"
}

/** The rows a row's frame holds, in order. */
const frameOf = (node: Window, place: Place, env: Env): ReadonlyArray<Scope> => {
  const frame: Frame =
    node.frame ?? (node.order.length === 0 ? whole : { ...whole, end: "current row" })
  const offsets = node.offsets.map((offset) => evaluate(offset, { ...env, around: null }))
  if (offsets.some((offset) => offset === null || Number(offset) < 0))
    return outside("a frame's offset that is null or negative")
  const takes = (bound: Frame["start"]): Value =>
    bound === "preceding" || bound === "following" ? offsets.shift()! : null
  const start = edge(node, frame, place, "start", takes(frame.start))
  const end = edge(node, frame, place, "end", takes(frame.end))
  const { groups, index, rows } = place
  return rows.filter((_, i) => {
    if (i < start || i > end) return false
    const alike = groups[i] === groups[index]
    switch (frame.exclude) {
      case "no others":
        return true
      case "current row":
        return i !== index
      case "group":
        return !alike
      case "ties":
        return !alike || i === index
    }
  })
}

const bucketOf = (index: number, rows: number, buckets: number): number => {
  const size = Math.floor(rows / buckets)
  const larger = rows % buckets
  const inLarger = larger * (size + 1)
  return index < inLarger
    ? Math.floor(index / (size + 1)) + 1
    : larger + Math.floor((index - inLarger) / size) + 1
}

const callIn = (node: Window, call: WindowCall, place: Place, env: Env): Value => {
  const { groups, index, rows } = place
  const here = { ...env, around: null }
  const group = groups[index]!
  const first = groups.indexOf(group)
  const argument = (i: number): Value => evaluate(call.args[i]!, here)
  const valueAt = (row: Scope | undefined): Value =>
    row === undefined ? null : evaluate(call.args[0]!, at(env, row))
  switch (call.name) {
    case "rowNumber":
      return BigInt(index + 1)
    case "rank":
      return BigInt(first + 1)
    case "denseRank":
      return BigInt(group + 1)
    case "percentRank":
      return rows.length === 1 ? 0 : first / (rows.length - 1)
    case "cumeDist":
      return (groups.lastIndexOf(group) + 1) / rows.length
    case "ntile":
      return BigInt(bucketOf(index, rows.length, Number(argument(0))))
    case "lag":
    case "lead": {
      const by = call.args.length > 1 ? Number(argument(1)) : 1
      const row = rows[call.name === "lag" ? index - by : index + by]
      return row === undefined && call.args.length > 2 ? argument(2) : valueAt(row)
    }
    case "firstValue":
      return valueAt(frameOf(node, place, env)[0])
    case "lastValue":
      return valueAt(frameOf(node, place, env).at(-1))
    case "nthValue":
      return valueAt(frameOf(node, place, env)[Number(argument(1)) - 1])
  }
}

const valueIn = (node: Window, place: Place, env: Env): Value =>
  node.self._tag === "WindowCall"
    ? callIn(node, node.self, place, env)
    : aggregateIn(node.self, frameOf(node, place, env), env)

const positional: ReadonlySet<string> = new Set(["rowNumber", "ntile", "lag", "lead"])

/** Whether a value depends on where a row stands among those that sort alike. */
const countsRows = ({ frame, self }: Window): boolean =>
  frame?.unit === "rows" || (self._tag === "WindowCall" && positional.has(self.name))

/** A window function's value in the row of the environment. */
export const windowOf = (node: Window, env: Env): Value => {
  const place = placeOf(node, env)
  looked(env, place.rows.length)
  const value = valueIn(node, place, env)
  if (!countsRows(node)) return value
  // Equal rows stand in any order, in each window in another one.
  place.groups.forEach((group, index) => {
    if (group !== place.groups[place.index] || index === place.index) return
    const other = { ...env, scopes: [place.rows[index]!, ...env.scopes.slice(1)] }
    const its = valueIn(node, { ...place, index }, other)
    if (token(its) !== token(value)) outside("a window that tells rows apart that sort alike")
  })
  return value
}
