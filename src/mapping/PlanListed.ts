import type { Capabilities } from "../algebra/Dialect.ts"
import { type Expr, expr } from "../algebra/Expression.ts"
import * as S from "../algebra/Scalar.ts"
import { fromNode } from "../algebra/SelectQuery.ts"
import { tableFrom, tableRefs } from "../algebra/schema/tableSource.ts"
import type { AnyType } from "../algebra/Type.ts"
import * as T from "../algebra/types.ts"
import { makeCodec, makeType, refused } from "../algebra/types/make.ts"
import type { JoinSource } from "../algebra/nodes.ts"
import type { RelationFacts } from "./EntityClass.ts"
import { chunksOf, type LinkKeys } from "./LinkKeys.ts"
import { type LinkMark, markIn, valueMark } from "./linkMark.ts"
import { inOrder, linksOf } from "./links.ts"
import { isNumeric, numbersIn } from "./numericOrder.ts"
import type { Level } from "./PlanAttach.ts"
import { among, type AnySelect, type Columns, sortedBy } from "./PlanSources.ts"
import type { LoadStep } from "./PlanSteps.ts"

/**
 * Rows by way of a link table that are read once each, beside the links as two lists of keys.
 *
 * **Shape** of 3,000 links to 200 rows one row with two lists is read, and 200 rows.
 */

/** Links as a server lists them: those at one place of both lists are linked. */
export interface Listed {
  readonly near: ReadonlyArray<unknown>
  readonly far: ReadonlyArray<unknown>
}

const isWhole = ({ sql }: AnyType): boolean => sql._tag === "Integer" || sql._tag === "Smallint"

type Through = NonNullable<JoinSource["through"]>

const linkType = ({ table }: Through, key: string): AnyType => table.byKey.get(key)!.type

/** May a step's rows be asked for so? Keys of one whole number are lists that every server has. */
export const isListable = ({ columns, part, relation, steps, tree }: LoadStep): boolean => {
  const { related, target, through } = relation
  if (through === null || target.primaryKey.length === 0) return false
  const isOne = [through.near, through.far].every(
    (keys) => keys.length === 1 && isWhole(linkType(through, keys[0]!))
  )
  const isPlain = part === null && tree === null && columns === null && related.members === null
  return isOne && isPlain && steps.every(({ via }) => via === "selectIn")
}

/** Without their keys: one value for each relation, so that it prints once. */
interface Prepared {
  readonly links: AnySelect
  readonly link: Columns
  readonly rows: AnySelect
  readonly target: Columns
}

/** How servers list keys that they take as an array, as JSON, or each by itself. */
type Way = Capabilities["listParameter"]

const made: Readonly<Record<Way, WeakMap<RelationFacts, Prepared>>> = {
  array: new WeakMap(),
  json: new WeakMap(),
  expand: new WeakMap()
}

const preparedOf = (relation: RelationFacts, { listParameter }: Capabilities): Prepared => {
  let prepared = made[listParameter].get(relation)
  if (prepared === undefined)
    made[listParameter].set(relation, (prepared = prepare(relation, listParameter)))
  return prepared
}

const none = { filter: null, order: [], directions: [] }

const listOf = (node: S.Scalar, way: Way): Expr<unknown, string> => {
  const type = keysType(node.type)
  if (way === "array") return expr(S.aggregate("arrayAgg", [node], false, type, none))
  return way === "json"
    ? expr(S.aggregate("jsonAgg", [node], false, type, none))
    : expr(S.aggregate("stringAgg", [node, S.bound(",", T.text)], false, type, none))
}

const prepare = (relation: RelationFacts, way: Way): Prepared => {
  const { target } = relation
  const through = relation.through!
  const { table } = through
  const link = tableRefs(table, table.name) as Columns
  const [near, far] = [link[through.near[0]!]!.node, link[through.far[0]!]!.node]
  const c = tableRefs(target, target.name) as Columns
  const moved = (node: S.Scalar): S.Scalar => node
  const rows: AnySelect = fromNode(tableFrom<string, object>(target, target.name))
  return {
    link,
    links: fromNode(tableFrom<string, object>(table, table.name))
      // Both lists leave out the same: a key that is asked for is not NULL.
      .where(expr<boolean, string>(S.not(S.isNull(far, T.boolean), T.boolean)))
      .select({ near: listOf(near, way), far: listOf(far, way) } as never),
    rows: isNumeric(relation)
      ? rows
      : rows.orderBy(...sortedBy(relation, null, { moved, target: c })),
    target: c
  }
}

/** Keys as a server lists them: a text of JSON, an array's, or commas between them. */
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
  const commas = form((raw) => `[${raw}]`)
  const codec = makeCodec({ sqlite: json, postgres: array, mysql: commas, json })
  return makeType(`keys(${type.key})`, { _tag: "Json" }, codec)
}

/** What lists the links of rows with these keys: nothing without keys. */
export const linkQueries = (
  { relation }: LoadStep,
  keys: LinkKeys,
  capabilities: Capabilities
): ReadonlyArray<AnySelect> => {
  const { link, links } = preparedOf(relation, capabilities)
  return keyed(links, link, relation.through!.near, keys, capabilities)
}

/** The lists of such rows; of no links there is none. */
const listsIn = (rows: ReadonlyArray<object>): ReadonlyArray<Listed> =>
  (rows as ReadonlyArray<Listed>).filter(({ near }) => near !== null)

/** Links between keys that are marked: one place of both lists a link. */
export interface ListedLinks {
  readonly near: ReadonlyArray<LinkMark>
  /** Of each link the place of its key among those it leads to, which are there once each. */
  readonly far: Int32Array
  readonly places: ReadonlyMap<LinkMark, number>
  readonly keys: LinkKeys
}

/** The links that such rows list. */
export const listedLinks = ({ relation }: LoadStep, rows: ReadonlyArray<object>): ListedLinks => {
  const through = relation.through!
  const lists = listsIn(rows)
  const nearMark = valueMark(linkType(through, through.near[0]!))
  const farMark = valueMark(linkType(through, through.far[0]!))
  const count = lists.reduce((sum, { near }) => sum + near.length, 0)
  const [near, far] = [new Array<LinkMark>(count), new Int32Array(count)]
  const places = new Map<LinkMark, number>()
  const values: Array<unknown> = []
  let link = 0
  for (const list of lists)
    for (let at = 0; at < list.near.length; at++, link++) {
      near[link] = nearMark(list.near[at])
      const mark = farMark(list.far[at])
      let place = places.get(mark)
      if (place === undefined) {
        places.set(mark, (place = values.length))
        values.push(list.far[at])
      }
      far[link] = place
    }
  return { near, far, places, keys: { width: 1, values } }
}

/** What finds the rows that links lead to. */
export const farQueries = (
  { relation }: LoadStep,
  { keys }: ListedLinks,
  capabilities: Capabilities
): ReadonlyArray<AnySelect> => {
  const { rows, target } = preparedOf(relation, capabilities)
  return keyed(rows, target, relation.targetColumns, keys, capabilities)
}

const keyed = (
  query: AnySelect,
  c: Columns,
  columns: ReadonlyArray<string>,
  keys: LinkKeys,
  capabilities: Capabilities
): ReadonlyArray<AnySelect> =>
  chunksOf(keys, capabilities).map((chunk) =>
    query.where(expr<boolean, string>(among(c, columns, chunk)))
  )

const asTheyCame = (position: number): number => position

/** Puts links and rows together: the rows of each in the order they came in. */
export const listedLevel = (
  step: LoadStep,
  { far, near, places }: ListedLinks,
  rows: ReadonlyArray<object>
): Level => {
  const { target, targetColumns } = step.relation
  const keyOf = markIn(target, targetColumns)
  /** Where the row of a key is; of one that has gone since its links were read, nowhere. */
  const found = new Int32Array(places.size).fill(-1)
  for (let at = 0; at < rows.length; at++) found[places.get(keyOf(rows[at]!)!)!] = at
  const positions = new Int32Array(far.length)
  let isAny = false
  for (let at = 0; at < far.length; at++) isAny = (positions[at] = found[far[at]!]!) < 0 || isAny
  const links = isAny
    ? linksOf(
        near.filter((_, at) => positions[at]! >= 0),
        positions.filter((position) => position >= 0)
      )
    : linksOf(near, positions)
  return { step, values: rows, links: inOrder(links, numbersIn(step.relation, rows) ?? asTheyCame) }
}
