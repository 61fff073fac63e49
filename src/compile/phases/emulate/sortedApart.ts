import type { Command } from "../../../algebra/Command.ts"
import { children, rewriteTree } from "../../../algebra/fold.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import { raw, type Scalar, type Window, window } from "../../../algebra/Scalar.ts"
import { doubleType } from "../../internalTypes.ts"
import type { Context } from "../../Program.ts"
import { kindsOf } from "../../facts.ts"
import { facts } from "../../survey.ts"

const windows = kindsOf(["Window"])

/**
 * MariaDB 10.11 sorts once for windows of which one's sort begins as the other's, and looks only at
 * neighbours: between two of different sorts `OVER ()`, which begins as both, hides that they
 * differ, and one of them sees the rows in the order of the other. Such a window is partitioned by
 * what is one value and no constant, so that it begins as no other.
 *
 * **Laws** L2.
 */
export const sortedApart = <N extends Relation | Command>(tree: N, context: Context): N => {
  if (context.capabilities.dialect !== "mariadb") return tree
  const { inner, kinds } = facts(tree)
  if ((kinds & windows) === 0) return tree
  const apart = new Map<string, number>()
  for (const node of inner) {
    if (node._tag !== "Project" && node._tag !== "Order") continue
    const own = node._tag === "Order" ? [...node.keys, ...fieldsUnder(node.self)] : node.fields
    for (const one of hiding(own.flatMap(windowsIn)))
      if (!apart.has(one)) apart.set(one, apart.size)
  }
  if (apart.size === 0) return tree
  return rewriteTree(tree, (node) => {
    if (node._tag !== "Window") return node
    const place = apart.get(sortOf(node).join("\n"))
    return place === undefined
      ? node
      : window(node.self, { ...node, partition: [sole(place), ...node.partition] })
  })
}

/** One value in all rows, and another one at another place. */
const sole = (place: number): Scalar => raw([`rand() * 0 + ${place}`], [], doubleType)

const fieldsUnder = (self: Relation): ReadonlyArray<Scalar> =>
  self._tag === "Project"
    ? self.fields
    : "self" in self && self._tag !== "Derived"
      ? fieldsUnder(self.self)
      : []

/** The windows of an expression's own query. */
const windowsIn = (node: Scalar): ReadonlyArray<Window> =>
  node._tag === "Window"
    ? [node]
    : (children(node) as ReadonlyArray<Scalar>)
        .filter((kid) => !("query" in node && kid === (node.query as unknown)))
        .flatMap(windowsIn)

/** What a window's rows are sorted by, its partition first, but for what is one value. */
const sortOf = ({ directions, order, partition }: Window): ReadonlyArray<string> => [
  ...partition.flatMap((one) => (varies(one) ? [`${one.key} asc first`] : [])),
  ...order.flatMap((one, i) =>
    varies(one) ? [`${one.key} ${directions[i]!.direction} ${directions[i]!.nulls}`] : []
  )
]

const values: ReadonlySet<Scalar["_tag"]> = new Set<Scalar["_tag"]>([
  "Bound",
  "BoundList",
  "Named",
  "Generated",
  "Constant"
])

/** Whether an expression may differ from row to row. */
const varies = (node: Scalar): boolean => {
  if (values.has(node._tag)) return false
  const parts = children(node) as ReadonlyArray<Scalar>
  return parts.length === 0 || "query" in node || parts.some(varies)
}

const begins = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length < b.length && a.every((key, i) => key === b[i])

/** The sorts of windows that begin as two do that differ. */
const hiding = (windows: ReadonlyArray<Window>): ReadonlyArray<string> => {
  const sorts = [...new Map(windows.map((one) => [sortOf(one).join("\n"), sortOf(one)])).values()]
  if (sorts.length < 3) return []
  return sorts
    .filter((sort) => {
      const longer = sorts.filter((other) => begins(sort, other))
      return longer.some((a) => longer.some((b) => a !== b && !begins(a, b) && !begins(b, a)))
    })
    .map((sort) => sort.join("\n"))
}
