import type { Kids } from "../algebra/fold.ts"
import type { Generator } from "../algebra/Generator.ts"
import type { Scalar } from "../algebra/Scalar.ts"
import type { AnyType } from "../algebra/Type.ts"
import type { Query } from "./Query.ts"

type Leaf = "Ref" | "Presence" | "Bound" | "BoundList" | "Named" | "Generated"

/** Expression nodes that keep their meaning when placed. */
export type OperatorTag = Exclude<Scalar["_tag"], Leaf>

/** A placed operator: the node says what, `kids` are its placed children. */
export type Operator<T extends OperatorTag> = T extends OperatorTag ? {
    readonly _tag: T
    readonly node: Extract<Scalar, { readonly _tag: T }>
    readonly kids: Kids<Extract<Scalar, { readonly _tag: T }>, Term, Query>
  }
  : never

/** A column of something in FROM; without a table inside commands. */
export interface Column {
  readonly _tag: "Column"
  readonly table: string | null
  readonly name: string
  readonly type: AnyType
  /** May be NULL here: by declaration, or as the absent side of an outer join. */
  readonly nullable: boolean
  /** A base table's column: the server knows its type as we do. */
  readonly stored: boolean
}

/** Where a parameter takes its value from. */
export type Origin =
  | { readonly _tag: "Bound"; readonly position: number }
  | { readonly _tag: "Named"; readonly name: string }
  | { readonly _tag: "Generated"; readonly generator: Generator }

export interface Parameter {
  readonly _tag: "Parameter"
  readonly origin: Origin
  readonly type: AnyType
}

/** A list of values on the right of IN; `size` is its size class, null when known only at run time. */
export interface ListParameter {
  readonly _tag: "ListParameter"
  readonly origin: Origin
  readonly size: number | null
  readonly type: AnyType
}

/** TRUE where `self` is TRUE, else FALSE: never NULL. */
export interface IsTrue {
  readonly _tag: "IsTrue"
  readonly self: Term
  readonly type: AnyType
}

/** An output column by its label, in ORDER BY. */
export interface Label {
  readonly _tag: "Label"
  readonly name: string
  readonly type: AnyType
}

/** An expression whose references are resolved to columns in scope. */
export type Term = Operator<OperatorTag> | Column | Parameter | ListParameter | IsTrue | Label

/** The type of a term's value. */
export const typeOf = (term: Term): AnyType => "node" in term ? term.node.type : term.type
