import type { FromNode } from "./From.ts"
import type { Relation } from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { type ForeignKey, saidFor, type TableSource } from "./Source.ts"
import { refuse } from "./StatementError.ts"
import * as T from "./types.ts"

/** A base table under its alias. */
interface Side {
  readonly alias: string
  readonly source: TableSource
}

/** The base tables whose columns a relation has in scope. */
const tablesIn = (rel: Relation): ReadonlyArray<Side> => {
  switch (rel._tag) {
    case "Table":
      return [rel]
    case "Unit":
    case "Values":
    case "TableFunction":
    case "Derived":
    case "Recursion":
    case "Cte":
      return []
    case "Join":
      return [...tablesIn(rel.left), ...tablesIn(rel.right)]
    case "Combine":
      return tablesIn(rel.parts[0]!)
    default:
      return tablesIn(rel.self)
  }
}

interface Link {
  readonly from: Side
  readonly to: Side
  readonly key: ForeignKey
}

const linksOf = (from: Side, to: Side): ReadonlyArray<Link> =>
  from.source
    .foreignKeys()
    .filter(({ target }) => target === to.source)
    .map((key) => ({ from, to, key }))

const column = ({ alias, source }: Side, key: string): Scalar =>
  S.ref(alias, source, [key], source.byKey.get(key)!.type)

const said = ({ from, key, to }: Link): string =>
  `"${from.alias}" (${key.columns.join(", ")}) refers to "${to.alias}"`

/**
 * The condition of a join that says none: the one foreign key between the source and the tables in
 * scope, in either direction.
 *
 * **Errors** `StatementError` naming both sides where there is none, or more than one.
 */
export const foreignOn = (
  rel: Relation,
  { alias, source }: FromNode<string, unknown>,
  asked: string
): Scalar => {
  const known = tablesIn(rel)
  const table = saidFor(source)
  const side = table._tag === "TableSource" ? { alias, source: table } : null
  const links =
    side === null ? [] : known.flatMap((one) => [...linksOf(side, one), ...linksOf(one, side)])
  const [link] = links
  const names = known.map((one) => `"${one.alias}"`).join(", ")
  if (link === undefined)
    return refuse(`${asked}: no foreign key between "${alias}" and ${names}: say the condition`)
  if (links.length > 1)
    return refuse(
      `${asked}: ${links.length} foreign keys between "${alias}" and ${names}, ` +
        `say the condition: ${links.map(said).join("; ")}`
    )
  const { from, key, to } = link
  return S.and(
    key.columns.map((one, i) =>
      S.compare("eq", column(from, one), column(to, key.targetColumns[i]!), T.boolean)
    ),
    T.boolean
  )
}
