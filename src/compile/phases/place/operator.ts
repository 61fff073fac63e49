import { call, caseOf, constant, type Scalar } from "../../../algebra/Scalar.ts"
import { childFields } from "../../../algebra/fold.ts"
import { type Operator, type OperatorTag, type Query, type Term, typeOf } from "../../Placed.ts"
import { booleanType, integerType } from "../../internalTypes.ts"

/** An operator over children that are terms already. */
export const operator = <T extends OperatorTag>(
  node: Operator<T>["node"],
  kids: { readonly [field: string]: Term | Query | null | ReadonlyArray<Term> }
): Term => ({ _tag: node._tag, node, kids }) as unknown as Operator<OperatorTag>

/** The number one. */
export const one = (): Term => operator(constant(1, integerType), {})

/** `CASE WHEN condition THEN value END` */
export const when = (condition: Term, value: Term): Term => {
  const type = typeOf(value)
  const absent = constant(null, type)
  return operator(caseOf([], [], absent, type), {
    whens: [condition],
    thens: [value],
    otherwise: operator(absent, {})
  })
}

/** TRUE. */
export const yes = (): Term => operator(constant(true, booleanType), {})

/** An operator whose children are all expressions. */
export const placeKids = (node: Scalar, place: (kid: Scalar) => Term): Term => {
  const kids: Record<string, Term | null | ReadonlyArray<Term>> = {}
  type Fields = Readonly<Record<string, Scalar | null | ReadonlyArray<Scalar>>>
  for (const field of childFields[node._tag] as ReadonlyArray<string>) {
    const child = (node as unknown as Fields)[field]!
    kids[field] =
      child === null
        ? null
        : Array.isArray(child)
          ? (child as ReadonlyArray<Scalar>).map(place)
          : place(child as Scalar)
  }
  return operator(node as Operator<OperatorTag>["node"], kids)
}

/** The same value from a call, which servers leave as it is. */
export const inCall = (term: Term): Term => {
  const type = typeOf(term)
  return operator(call("coalesce", [], type), { args: [term, operator(constant(null, type), {})] })
}
