import type { Command } from "../../../src/algebra/Command.ts"
import type { DialectName } from "../../../src/algebra/Dialect.ts"
import { children } from "../../../src/algebra/fold.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"

type Node = Scalar | Relation | Command

const aliasesIn = (node: Node): ReadonlySet<string> => {
  const found = new Set<string>()
  const visit = (one: Node): void => {
    if ("alias" in one) found.add(one.alias)
    for (const child of children(one)) visit(child)
  }
  visit(node)
  return found
}

const conjuncts = (on: Scalar): ReadonlyArray<Scalar> => (on._tag === "And" ? on.parts : [on])

/** An outer join with a condition that reads an enclosing query and neither of its own sides. */
const outerConditionAlone = (node: Node): boolean => {
  if (node._tag === "Join" && node.kind !== "inner" && node.kind !== "cross") {
    const own = new Set([...aliasesIn(node.left), ...aliasesIn(node.right)])
    const alone = conjuncts(node.on).some((one) => {
      const read = [...aliasesIn(one)]
      return read.length > 0 && !read.some((alias) => own.has(alias))
    })
    if (alone) return true
  }
  return children(node).some(outerConditionAlone)
}

/**
 * Statements a server is known to answer wrongly whatever it is told, with no spelling of ours at
 * fault. The law passes them over on that server and counts them.
 *
 * MariaDB 10.11.19: in a subquery, a part of an outer join's ON that reads only the enclosing query
 * is evaluated for its first row and kept: `(select min(b.id) from a left join b on outer.flag)`.
 */
export const isServerDefect = (node: Relation | Command, dialect: DialectName): boolean =>
  dialect === "mariadb" &&
  (outerConditionAlone(node) || node.ctes.some(({ query }) => outerConditionAlone(query)))

/** The server met an overflow the meaning does not reach: SQL leaves open what is evaluated. */
export const isOverflow = (error: Error): boolean =>
  /^(smallint|integer|bigint) out of range$|value is out of range in|integer overflow/.test(
    error.message
  )
