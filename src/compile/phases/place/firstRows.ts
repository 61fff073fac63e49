import type { DistinctOn, Order, Relation } from "../../../algebra/Relation.ts"
import {
  aggregate,
  arith,
  compare,
  constant,
  type Direction,
  window,
  windowCall
} from "../../../algebra/Scalar.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import { bigintType, booleanType, doubleType, rowCountType } from "../../internalTypes.ts"
import { type Sort, type Term, typeOf } from "../../Placed.ts"
import type { Context } from "../../Program.ts"
import { type Draft, type Field, isSettled, isSliced, once } from "./Draft.ts"
import type { Finisher } from "./Finisher.ts"
import { draws } from "./keys.ts"
import type { Scope } from "./Scope.ts"
import { one, operator } from "./operator.ts"
import { looksAround } from "./varying.ts"

/** Rows in an order, and so many of its first keys as far as they vary. */
export interface Sorted {
  readonly draft: Draft
  readonly leading: number
}

/** The place among those alike in so many of the first keys, the rank, or the number of all. */
type Asked = number | "rank" | "rows"

/** What first rows need of the placing of relations. */
interface Places {
  readonly build: (node: Relation, outer: Scope | null) => Draft
  readonly sorted: (node: Order, below: Draft, outer: Scope | null, leading: number) => Sorted
}

/** What a slice counts. */
interface Counts {
  readonly limit: Term
  readonly offset: Term | null
}

/**
 * Places what keeps rows by their place in an order where LIMIT alone cannot say it: the first row
 * of those alike, and the rows that sort as the last one.
 *
 * **Laws** L6, L8: the rows a number or a rank keeps are the rows the server's own clause keeps.
 */
export const firstRows = ({ capabilities }: Context, finish: Finisher) => {
  const distinctOn = (
    { keys, self: by }: DistinctOn,
    { build, sorted }: Places,
    outer: Scope | null
  ): Draft => {
    if (by._tag !== "Order") return refuse("distinctOn: no order says which row is the first")
    const below = build(by.self, outer)
    if (isOneGroup(below)) return sorted(by, below, outer, 0).draft
    // What is drawn anew wherever it is said is no key to the server.
    const native = capabilities.distinctOn && !by.keys.slice(0, keys).some(draws)
    const open = native && isSettled(below) ? finish.nest(below, outer) : below
    const { draft, leading } = sorted(by, open, outer, keys)
    // Rows that are all alike are one.
    if (leading === 0) return { ...draft, limit: one() }
    if (native) return { ...draft, distinctOn: leading }
    const { numbers, rows } = numbered(draft, outer, [leading])
    return filteredBy(rows, [compared("eq", numbers[0]!, one())])
  }

  /** Whether the server's own clause keeps the rows that sort as the last one. */
  const tiesNatively = ({ order }: Draft): boolean =>
    capabilities.withTies &&
    order.length > 0 &&
    !(capabilities.dialect === "mariadb" && order.some(tiesWithNull))

  /** The rows up to the last one, and those that rank as it does. */
  const withTies = (sorted: Draft, counts: Counts, outer: Scope | null): Draft => {
    const limit = rowCount(counts.limit)
    const offset = counts.offset && rowCount(counts.offset)
    const { numbers, rows } = numbered(sorted, outer, offset === null ? ["rank"] : ["rank", 0])
    const [rank, place] = numbers
    return filteredBy(
      rows,
      offset === null
        ? [compared("lte", rank!, limit)]
        : [
            compared("gt", place!, offset),
            compared("lte", rank!, reckoned("add", offset, limit)),
            // None, and not those that rank as the last one left out.
            compared("gt", limit, zero())
          ]
    )
  }

  /**
   * The rows before whom less than a part of all rows stands: `(place - 1) * 100 < rows * part`,
   * which rounds up without dividing.
   */
  const withinShare = (sorted: Draft, share: Term, ties: boolean, outer: Scope | null): Draft => {
    const { numbers, rows } = numbered(sorted, outer, [ties ? "rank" : 0, "rows"])
    const before = reckoned("mul", reckoned("sub", numbers[0]!, one()), hundred())
    return filteredBy(rows, [compared("lt", before, reckoned("mul", numbers[1]!, share))])
  }

  /**
   * Sorted rows as a derived table with numbers beside them: their place within the rows alike in
   * so many of the first keys, their rank among all, or how many they are.
   */
  const numbered = (
    sorted: Draft,
    outer: Scope | null,
    asked: ReadonlyArray<Asked>
  ): { readonly rows: Draft; readonly numbers: ReadonlyArray<Term> } => {
    const open = isSettled(sorted) || isSliced(sorted) ? finish.nestSorted(sorted, outer) : sorted
    const own = open.fields ?? []
    const keys = open.order.map(({ term }) => unlabelled(() => term))
    const below = { ...open, fields: [...own, ...keys], order: [] }
    // What is no plain column becomes one first: a window is of no group, and draws nothing again.
    const direct =
      open.group === null &&
      open.order.every(isColumn) &&
      !own.some((field) => looksAround(field.term()))
    const plain = direct ? below : finish.nest(below, outer)
    const sorts = plain
      .fields!.slice(own.length)
      .map(({ term }, i): Sort => ({ direction: open.order[i]!.direction, term: term() }))
    const numbers = asked.map((kind) => unlabelled(() => numberOf(sorts, kind)))
    const rows = finish.nest({ ...plain, fields: [...plain.fields!, ...numbers] }, outer)
    const given = rows.fields!.map((field) => field.term)
    return {
      rows: {
        ...rows,
        fields: open.fields === null ? null : rows.fields!.slice(0, own.length),
        shape: open.shape,
        order: sorts.map(({ direction }, i): Sort => ({
          direction,
          term: given[own.length + i]!()
        }))
      },
      numbers: given.slice(own.length + sorts.length).map((term) => term())
    }
  }

  const numberOf = (sorts: ReadonlyArray<Sort>, kind: Asked): Term => {
    if (kind === "rows") return over(rowsCounted, [], [])
    if (kind !== "rank") return over(rowNumber, sorts.slice(0, kind), sorts)
    // MariaDB wants an order for a rank; without one all rows rank first.
    return sorts.length === 0 ? one() : over(rank, [], sorts)
  }

  return { distinctOn, tiesNatively, withTies, withinShare }
}

/**
 * One row at most, so that no order is said. PostgreSQL finds a least value as the first row of
 * many, and takes those that tie with it too.
 */
export const isOneGroup = ({ core, group, sets }: Draft): boolean =>
  core._tag === "Block" &&
  group !== null &&
  (sets === null ? group.length === 0 : sets.length === 1 && sets[0]!.length === 0)

/**
 * MariaDB 10.11 lets NULL tie with 0 where a sort key is an expression that is a decimal to it, as
 * sums of whole numbers are.
 */
const tiesWithNull = ({ term }: Sort): boolean => {
  const { _tag } = typeOf(term).sql
  return (_tag === "Bigint" || _tag === "Numeric") && !(term._tag === "Column" && term.stored)
}

const isColumn = ({ term }: Sort): boolean => term._tag === "Column"

const filteredBy = (draft: Draft, conditions: ReadonlyArray<Term>): Draft => ({
  ...draft,
  where: [...draft.where, ...conditions]
})

const zeroNode = constant(0, bigintType)
const zero = (): Term => operator(zeroNode, {})

/** A column that no expression of the statement is. */
const unlabelled = (make: () => Term): Field => ({
  node: zeroNode,
  term: once(make),
  combined: true
})

const rowNumber = windowCall("rowNumber", [], bigintType)
const rank = windowCall("rank", [], bigintType)
const rowsCounted = aggregate("count", [], false, bigintType)
const hundred = (): Term => operator(constant(100, bigintType), {})

const over = (
  call: typeof rank | typeof rowsCounted,
  partition: ReadonlyArray<Sort>,
  sorts: ReadonlyArray<Sort>
): Term => {
  const directions: ReadonlyArray<Direction> = sorts.map(({ direction }) => direction)
  const frame = { frame: null, offsets: [], name: null }
  return operator(window(call, { partition: [], order: [], directions, ...frame }), {
    self:
      call._tag === "Aggregate"
        ? operator(call, { args: [], filter: null, order: [] })
        : operator(call, { args: [] }),
    partition: partition.map(({ term }) => term),
    order: sorts.map(({ term }) => term),
    offsets: []
  })
}

/** A count that is compared: still refused where it is none. */
const rowCount = (term: Term): Term =>
  term._tag === "Parameter" ? { ...term, type: rowCountType } : term

const compared = (op: "eq" | "gt" | "lt" | "lte", left: Term, right: Term): Term =>
  operator(compare(op, zeroNode, zeroNode, booleanType), { left, right })

/** Of counts of rows: no server's integers are too short for a hundred times as many. */
const reckoned = (op: "add" | "mul" | "sub", left: Term, right: Term): Term =>
  operator(arith(op, zeroNode, zeroNode, doubleType), { left, right })
