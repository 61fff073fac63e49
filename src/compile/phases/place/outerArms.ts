import type { From, Query } from "../../Placed.ts"
import { labelsOf } from "../../Placed.ts"
import { mayReadOutside } from "./ground.ts"
import { aliasesIn } from "./sides.ts"

/**
 * The arms of a union in a query inside another: first those that join on a column outside.
 *
 * From the third arm on MariaDB 10.11 finds no such column: `EXISTS (SELECT … UNION ALL SELECT …
 * UNION ALL SELECT … FROM b JOIN c ON c.id = a.id)` has an "Unknown column in ON". Of several
 * unions the order does not matter, and the first arm names the columns.
 */
export const outerArmsFirst = (parts: ReadonlyArray<Query>): ReadonlyArray<Query> => {
  if (!parts.some((part, at) => armsBefore(parts, at) > 1 && joinsOutside(part))) return parts
  const [first, ...others] = [
    ...parts.filter(joinsOutside),
    ...parts.filter((part) => !joinsOutside(part))
  ]
  const labels = labelsOf(parts[0]!)
  return first?._tag === "Block"
    ? [
        { ...first, items: first.items.map((item, at) => ({ ...item, label: labels[at]! })) },
        ...others
      ]
    : parts
}

/** How many arms are written before a part: those of a first one are not in parentheses. */
export const armsBefore = (parts: ReadonlyArray<Query>, at: number): number =>
  at === 0 ? 0 : at - 1 + armsIn(parts[0]!)

const armsIn = (query: Query): number =>
  query._tag === "Compound" ? armsBefore(query.parts, query.parts.length) : 1

const joinsOutside = (query: Query): boolean =>
  query._tag === "Block" &&
  query.from !== null &&
  readsOutside(query.from, new Set(aliasesIn(query.from)))

const readsOutside = (from: From, own: ReadonlySet<string>): boolean =>
  from._tag === "JoinFrom" &&
  ((from.on !== null && mayReadOutside(from.on, own)) ||
    readsOutside(from.left, own) ||
    readsOutside(from.right, own))
