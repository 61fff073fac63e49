import type { Capabilities } from "../algebra/Dialect.ts"
import { expr } from "../algebra/Expression.ts"
import { paramList } from "../algebra/Expr.ts"
import { type From, FromId } from "../algebra/From.ts"
import * as S from "../algebra/Scalar.ts"
import { fromNode } from "../algebra/Select.ts"
import { tableFrom, tableRefs } from "../algebra/schema/tableSource.ts"
import type { AnyType } from "../algebra/Type.ts"
import { ParamListId } from "../algebra/Value.ts"
import * as T from "../algebra/types.ts"
import { makeCodec, makeType, refused } from "../algebra/types/make.ts"
import type { RelationFacts } from "./EntityClass.ts"
import { type LinkMark, markIn } from "./linkMark.ts"
import type { Level } from "./PlanAttach.ts"
import { chunksOf } from "./PlanQueries.ts"
import { type AnySelect, type Columns, sortedBy } from "./PlanSources.ts"
import { freshIn } from "./PlanStatement.ts"
import type { LinkKey, LoadStep } from "./PlanSteps.ts"

/**
 * Rows by way of a link table that come once each, with the keys of all they belong to.
 *
 * **Shape** of 3,000 links to 200 rows 200 rows are read, each with a list of 15 keys.
 */

/** How a server says a list of keys. */
type Way = "array" | "json"

const isWhole = ({ sql }: AnyType): boolean => sql._tag === "Integer" || sql._tag === "Smallint"

/**
 * Those a step's rows come so from; null where they come once for each of their links.
 *
 * **Shape** where lists of keys go to the server as one value, they come back as one.
 */
export const listedWay = (
  { columns, part, relation, steps, tree }: LoadStep,
  { listParameter }: Capabilities
): Way | null => {
  const { related, target, through } = relation
  if (listParameter === "expand" || through === null || through.near.length !== 1) return null
  const isKeyed = target.primaryKey.length > 0
  const isOne = isWhole(through.table.byKey.get(through.near[0]!)!.type)
  const isPlain = part === null && tree === null && columns === null && related.members === null
  return isKeyed && isOne && isPlain && steps.every(({ via }) => via === "selectIn")
    ? listParameter
    : null
}

const keysName = "keys of the rows above"

/** A statement, and the values of its parameters. */
export interface Told {
  readonly query: AnySelect
  readonly named: Readonly<Record<string, ReadonlyArray<unknown>>>
}

/** What finds the rows that belong to rows with these keys: nothing without keys. */
export const listedQueries = (
  { relation }: LoadStep,
  way: Way,
  keys: ReadonlyArray<LinkKey>,
  capabilities: Capabilities
): ReadonlyArray<Told> => {
  const query = preparedOf(relation, way)
  return chunksOf(keys, 1, capabilities).map((chunk) => ({
    query,
    named: { [keysName]: chunk.map(([key]) => key) }
  }))
}

const made = { array: new WeakMap<RelationFacts, AnySelect>(), json: new WeakMap() }

const preparedOf = (relation: RelationFacts, way: Way): AnySelect => {
  let query = made[way].get(relation) as AnySelect | undefined
  if (query === undefined) made[way].set(relation, (query = prepare(relation, way)))
  return query
}

const prepare = (relation: RelationFacts, way: Way): AnySelect => {
  const { target, targetColumns, through } = relation
  const { far, near, table } = through!
  const link = tableRefs(table, table.name) as Columns
  const key = link[near[0]!]!
  const { type } = key.node
  const name = way === "array" ? "arrayAgg" : "jsonAgg"
  const none = { filter: null, order: [], directions: [] }
  const keys = expr(S.aggregate(name, [key.node], false, keysType(type), none))
  const asked = paramList(keysName, type as never)
  const marks = far.map((one, at) => [`far${at}`, link[one]!] as const)
  const linked = fromNode(tableFrom<string, object>(table, table.name))
    .where(expr<boolean, string>(S.inList(key.node, asked[ParamListId], T.boolean)))
    .groupBy(...far.map((one) => link[one]!))
    .select({ ...Object.fromEntries(marks), keys } as never)
    .as(freshIn([], [target.name])("linked")) as unknown as From<string, object> & {
    readonly c: Columns
  }
  const c = tableRefs(target, target.name) as Columns
  const same = marks.map(([one], at) =>
    S.compare("eq", linked.c[one]!.node, c[targetColumns[at]!]!.node, T.boolean)
  )
  const from = tableFrom<string, object>(target, target.name)
  const on = same.length === 1 ? same[0]! : S.and(same, T.boolean)
  const query = fromNode(linked[FromId])
    .join({ [FromId]: from } as From<string, object>, expr<boolean, string>(on))
    .select({ keys: linked.c["keys"]!, row: { [FromId]: from } } as never)
  const moved = (node: S.Scalar): S.Scalar => node
  return (query as AnySelect).orderBy(...sortedBy(relation, null, { moved, target: c }))
}

/** Keys as a server lists them: a text of JSON, or an array's. */
const keysType = (type: AnyType): AnyType => {
  const one = type.codec.json.decode as (key: unknown) => unknown
  const read = (text: string): ReadonlyArray<unknown> => {
    const keys = JSON.parse(text) as Array<unknown>
    for (let at = 0; at < keys.length; at++) keys[at] = one(keys[at])
    return keys
  }
  const form = (textOf: (raw: string) => string) => ({
    decode: (raw: unknown) => (typeof raw === "string" ? read(textOf(raw)) : refused("keys")),
    encode: () => refused("nothing: keys are listed by the server alone")
  })
  const json = form((raw) => raw)
  const array = form((raw) => `[${raw.slice(1, -1)}]`)
  const codec = makeCodec({ sqlite: json, postgres: array, mysql: json, json })
  return makeType(`keys(${type.key})`, { _tag: "Json" }, codec)
}

interface Listed {
  readonly keys: ReadonlyArray<unknown>
  readonly row: object
}

/** How many links such rows stand for. */
export const linksIn = (rows: ReadonlyArray<object>): number =>
  (rows as ReadonlyArray<Listed>).reduce((count, { keys }) => count + keys.length, 0)

/** Gathers the rows of such queries. */
export const listedLevel = (step: LoadStep, rows: ReadonlyArray<object>): Level => {
  const { target, through } = step.relation
  const [near] = through!.near
  const markOf = markIn(through!.table, through!.near)
  const keyOf = markIn(target, target.primaryKey)
  const values: Array<object> = []
  const links = new Map<LinkMark, Array<number>>()
  const known = new Map<LinkMark, number>()
  for (const { keys, row } of rows as ReadonlyArray<Listed>) {
    // Where the keys took several queries a row may be met in each.
    const own = keyOf(row)!
    let position = known.get(own)
    if (position === undefined) known.set(own, (position = values.push(row) - 1))
    for (const key of keys) {
      const mark = Number.isSafeInteger(key) ? (key as number) : markOf({ [near!]: key })!
      const list = links.get(mark)
      if (list === undefined) links.set(mark, [position])
      else list.push(position)
    }
  }
  return { step, values, links }
}
