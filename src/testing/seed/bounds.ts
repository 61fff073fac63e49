import type { Scalar } from "../../algebra/Scalar.ts"
import { namedOf } from "../../algebra/schema/namedOf.ts"
import type { TableSource } from "../../algebra/Source.ts"

/** The least and the greatest that a column's checks leave, where they say it in plain words. */
export interface Bounds {
  readonly least: number
  readonly most: number
}

const columnOf = (scalar: Scalar): string | null =>
  scalar._tag === "Ref" && scalar.path.length === 1 ? scalar.path[0]! : null

const numberOf = (scalar: Scalar): number | null => {
  if (scalar._tag !== "Bound") return null
  const { value } = scalar
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : null
}

const turned: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" }

type Found = readonly [column: string, bounds: Partial<Bounds>]

const compared = (column: string, op: string, value: number): Found | null => {
  switch (op) {
    case "=":
      return [column, { least: value, most: value }]
    case "<":
      return [column, { most: value - 1 }]
    case "<=":
      return [column, { most: value }]
    case ">":
      return [column, { least: value + 1 }]
    case ">=":
      return [column, { least: value }]
    default:
      return null
  }
}

/** A truth is 1, its denial 0. */
const isTruth = (scalar: Scalar, value: 0 | 1): ReadonlyArray<Found> => {
  const column = columnOf(scalar)
  return column === null ? [] : [[column, { least: value, most: value }]]
}

/**
 * What a predicate demands of numbers and truths, each of its parts; nothing of what it says
 * otherwise.
 */
const demands = (predicate: Scalar): ReadonlyArray<Found> => {
  switch (predicate._tag) {
    case "Ref":
      return isTruth(predicate, 1)
    case "Not":
      return isTruth(predicate.self, 0)
    case "And":
      return predicate.parts.flatMap(demands)
    case "Between": {
      const column = columnOf(predicate.self)
      const [least, most] = [numberOf(predicate.low), numberOf(predicate.high)]
      return column === null || least === null || most === null ? [] : [[column, { least, most }]]
    }
    case "Compare": {
      const { left, op, right } = predicate
      const [a, b] = [columnOf(left), columnOf(right)]
      const found =
        a !== null && numberOf(right) !== null
          ? compared(a, op, numberOf(right)!)
          : b !== null && numberOf(left) !== null
            ? compared(b, turned[op] ?? op, numberOf(left)!)
            : null
      return found === null ? [] : [found]
    }
    default:
      return []
  }
}

/** What is demanded of a table's columns: by its checks, and by those of their domains. */
const demandsOn = ({ checks, columns }: TableSource): ReadonlyArray<Found> => [
  ...checks().flatMap(({ predicate }) => demands(predicate)),
  ...columns.flatMap(({ key, type }) => {
    const domain = namedOf(type)
    if (domain?._tag !== "DomainType" || domain.check === null) return []
    return demands(domain.check.predicate).map(([, bounds]): Found => [key, bounds])
  })
]

/** Bounds of a table's columns by key. */
export const boundsOf = (table: TableSource): ReadonlyMap<string, Bounds> => {
  const bounds = new Map<string, Bounds>()
  for (const [column, { least = -Infinity, most = Infinity }] of demandsOn(table)) {
    const before = bounds.get(column) ?? { least: -Infinity, most: Infinity }
    bounds.set(column, {
      least: Math.max(before.least, least),
      most: Math.min(before.most, most)
    })
  }
  return bounds
}
