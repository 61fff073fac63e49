import type { Values } from "../../../algebra/Relation.ts"
import { constant, type Scalar } from "../../../algebra/Scalar.ts"
import { booleanType } from "../../internalTypes.ts"
import type { Context } from "../../Program.ts"
import { type Draft, draftOf, type Field } from "./Draft.ts"
import type { Finisher } from "./Finisher.ts"
import { emptyScope, type Scope } from "./Scope.ts"
import { operator } from "./operator.ts"
import type { PlaceTerm } from "./terms.ts"
import { typed } from "./typed.ts"

/** Row after row of a list. */
export const rowsIn = ({ cells, row }: Values): ReadonlyArray<ReadonlyArray<Scalar>> => {
  const width = row.fields.length
  return Array.from({ length: cells.length / width }, (_, i) =>
    cells.slice(i * width, (i + 1) * width)
  )
}

/**
 * Places a list of rows: the first is selected, which gives the columns their names and types, the
 * others follow it as VALUES where the server has them.
 */
export const valuesDraft = (
  node: Values,
  outer: Scope | null,
  { context, finish, term }: { context: Context; finish: Finisher; term: PlaceTerm }
): Draft => {
  const scope = emptyScope(outer)
  const { fields, shape } = node.row
  const of = (cells: ReadonlyArray<Scalar>): ReadonlyArray<Field> =>
    cells.map((cell, i) => ({
      node: cell,
      term: () => typed(term(cell, scope), fields[i]!.type, context),
      combined: false
    }))
  const rows = rowsIn(node)
  const { maxCompoundTerms, valuesRows } = context.capabilities
  if (!valuesRows && rows.length > maxCompoundTerms)
    context.refuse("maxCompoundTerms", `a list of ${rows.length} rows`)
  const never = operator(constant(false, booleanType), {})
  const parts =
    rows.length === 0
      ? [
          finish.query(
            { ...draftOf(null, scope), where: [never], fields: of(fields), shape },
            "row"
          )
        ]
      : rows.map((row) => finish.query({ ...draftOf(null, scope), fields: of(row), shape }, "row"))
  return {
    ...draftOf(null, scope),
    core: { _tag: "Compound", op: "unionAll", parts, list: true },
    fields: fields.map((field) => ({
      node: field,
      term: () => operator(field as never, {}),
      combined: true
    })),
    shape
  }
}
