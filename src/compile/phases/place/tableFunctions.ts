import type { TableFunction } from "../../../algebra/Relation.ts"
import {
  arith,
  cast,
  constant,
  type Presence,
  raw,
  type Ref,
  ref,
  type Scalar
} from "../../../algebra/Scalar.ts"
import type { DerivedSource } from "../../../algebra/Source.ts"
import type { AnyType } from "../../../algebra/Type.ts"
import { bigintType, textType } from "../../internalTypes.ts"
import type { Column, From, Term } from "../../Placed.ts"
import type { Context } from "../../Program.ts"
import { isRepeatable } from "../emulate/isRepeatable.ts"
import { type Draft, draftOf, type Field } from "./Draft.ts"
import type { Finisher } from "./Finisher.ts"
import { emptyScope, type Scope } from "./Scope.ts"
import { sourceScope } from "./sides.ts"
import { isPresent } from "./sources.ts"
import { operator } from "./operator.ts"
import type { PlaceTerm } from "./terms.ts"

/** What the rows of functions need of the placing of expressions. */
interface Places {
  readonly context: Context
  readonly term: PlaceTerm
}

type FunctionFrom = Extract<From, { readonly _tag: "FunctionFrom" }>

/** The keys of a function's columns; the place of the row is the last. */
const keysOf = ({ row: { shape } }: TableFunction): ReadonlyArray<string> =>
  shape._tag === "Record" ? shape.keys : []

/** What its columns may be called in the text, on whatever dialect. */
export const columnsOf = (node: TableFunction): ReadonlyArray<string> => [
  ...new Set([...keysOf(node), "key", "value", "type"])
]

/** A function's rows in FROM. */
export const functionDraft = (
  alias: string,
  node: TableFunction,
  outer: Scope | null,
  { context, term }: Places
): Draft => {
  const scope = outer ?? emptyScope(null)
  const { dialect } = context.capabilities
  const from: FunctionFrom & { ordinality: boolean } = {
    _tag: "FunctionFrom",
    node,
    args: argumentsOf(node, context).map((arg) => term(arg, scope)),
    alias,
    ordinality: false
  }
  const column = (name: string, type: AnyType): Column => ({
    _tag: "Column",
    table: alias,
    name,
    type,
    nullable: true,
    stored: false
  })
  const key = (): Column => column("key", dialect === "sqlite" ? bigintType : textType)
  const place = (): Term => {
    if (dialect === "sqlite") return sum("add", key(), one())
    from.ordinality = true
    return column("ordinality", bigintType)
  }
  /** `start + (place - 1) * step`: a series that is counted. */
  const counted = (): Term => {
    const [start, , step] = node.args.map((arg) => term(arg, scope))
    const before = dialect === "sqlite" ? key() : sum("sub", place(), one())
    return sum("add", start!, sum("mul", before, step!))
  }
  const valueOf = (name: string, type: AnyType): Term => {
    switch (node.name) {
      case "series":
        return dialect === "postgres" ? column(name, type) : counted()
      case "elements":
      case "entries":
        if (dialect === "postgres") return column(name, type)
        if (name === "key") return keyText(key(), context)
        if (dialect === "sqlite")
          return document(column("value", type), column("type", textType), type)
        return node.name === "entries" ? under(from.args[0]!, key(), type) : column(name, type)
      case "listed":
        return { _tag: "Typed", self: column(name, textType), as: type.sql, type }
      default:
        return column(name, type)
    }
  }
  const placeOf = (what: string): Term => {
    if (node.called === null || dialect === "postgres") return place()
    context.refuse("withOrdinality", what)
    return one()
  }
  const visible = {
    column: ({ path, type }: Ref): Term =>
      node.name !== "listed" && path[0] === keysOf(node).at(-1)
        ? placeOf("the place of a row of a user's function")
        : valueOf(path[0]!, type),
    present: (presence: Presence): Term =>
      isPresent(placeOf("whether a user's function has a row"), presence)
  }
  return draftOf(from, sourceScope(alias, visible, outer))
}

/** The place of each row as a column of FROM, which the server is told to number. */
export const numbered = (from: FunctionFrom): string => {
  ;(from as { ordinality: boolean }).ordinality = true
  return "ordinality"
}

/** A function's rows as a query of all their columns. */
export const functionRows = (
  node: TableFunction,
  outer: Scope | null,
  { context, finish, term }: Places & { readonly finish: Finisher }
): Draft => {
  const alias = finish.alias()
  const draft = functionDraft(alias, node, outer, { context, term })
  const source: DerivedSource = Object.freeze({ _tag: "DerivedSource", query: node })
  const keys = keysOf(node)
  const { fields, shape } = node.row
  return {
    ...draft,
    fields: fields.map((field, i): Field => ({
      node: field,
      term: () => term(ref(alias, source, [keys[i]!], field.type), draft.scope),
      combined: true
    })),
    shape
  }
}

/** What the server is given: where it has no series, how many numbers there are in one. */
const argumentsOf = (node: TableFunction, context: Context): ReadonlyArray<Scalar> => {
  const { args, called, name } = node
  const { dialect } = context.capabilities
  const isMysql = dialect === "mysql" || dialect === "mariadb"
  if (called !== null) {
    if (called.declares && dialect !== "postgres")
      context.refuse("recordFunctions", "a function whose columns the caller declares")
    else if (isMysql || called.names[dialect] === null)
      context.refuse("tableFunctions", "the rows of a user's function")
  }
  if (name === "unnest" && dialect !== "postgres") context.refuse("arrays", "the rows of an array")
  if ((name === "elements" || name === "entries") && !isRepeatable(args[0]!))
    context.refuse("jsonRows", "the rows of a drawn value")
  return name === "series" && dialect !== "postgres" ? [countOf(args, context)] : args
}

/** `(stop - start + step) / step`: no number where it is not above zero. */
const countOf = ([start, stop, step]: ReadonlyArray<Scalar>, context: Context): Scalar => {
  if (!isRepeatable(start!) || !isRepeatable(stop!))
    context.refuse("series", "a series between drawn values")
  const { type } = start!
  const span = arith("add", arith("sub", stop!, start!, type), step!, type)
  return arith("quot", span, step!, type)
}

const oneNode = constant(1, bigintType)
const one = (): Term => operator(oneNode, {})
const sum = (op: "add" | "sub" | "mul", left: Term, right: Term): Term =>
  operator(arith(op, oneNode, oneNode, bigintType), { left, right })

/** Read out of a document a text has no collation of the session; cast, it has. */
const keyText = (key: Term, { capabilities: { dialect } }: Context): Term =>
  dialect === "sqlite" ? key : operator(cast(constant(null, textType), textType), { self: key })

/** What a document has under a key. MariaDB 10.11 mixes no text with the text of JSON_QUOTE. */
const under = (self: Term, key: Term, type: AnyType): Term => {
  const parts = ["json_extract(", ", concat('$.', CAST(json_quote(", ") AS CHAR)))"]
  return operator(raw(parts, [], type), { holes: [self, key] })
}

/** What SQLite's function gives as a value of SQL, as the document it was. */
const document = (value: Term, kind: Term, type: AnyType): Term =>
  operator(
    raw(
      [
        "CASE WHEN ",
        " IN ('array', 'object') THEN ",
        " WHEN ",
        " IN ('true', 'false', 'null') THEN ",
        " WHEN ",
        " IS NOT NULL THEN json_quote(",
        ") END"
      ],
      [],
      type
    ),
    { holes: [kind, value, kind, kind, kind, value] }
  )
