import { declaredAliases } from "./declaredAliases.ts"
import { rewrite } from "./rewrite.ts"
import * as S from "./Scalar.ts"
import { saidFor, type TableSource } from "./Source.ts"
import { refuse } from "./StatementError.ts"

/** An expression over a source's columns, with the source under another alias than its name. */
export const underAlias = (node: S.Scalar, source: TableSource, alias: string): S.Scalar =>
  rewrite(node, (one) =>
    one._tag === "Ref" && one.alias === source.name && one.source === saidFor(source)
      ? S.ref(alias, source, one.path, one.type)
      : one
  )

/**
 * Refuses an expression with a query within that has a source of this name, as a statement does
 * where it stands in one: once it is said under another alias nobody could tell whose column is
 * meant.
 */
export const refuseShadow = (node: S.Scalar, name: string, place: string): void => {
  if (declaredAliases(node).has(name))
    refuse(`${place}: the alias "${name}" of a query within hides its rows': alias it there`)
}
