import { filter, project, type Relation, table } from "../../../algebra/Relation.ts"
import { type Bound, type BoundList, constant, type Scalar } from "../../../algebra/Scalar.ts"
import type { TableSource } from "../../../algebra/Source.ts"
import { children } from "../../../algebra/fold.ts"
import type { AnyType } from "../../../algebra/Type.ts"
import type { Dialect, Writer } from "../../Dialect.ts"
import { integerType } from "../../internalTypes.ts"
import { levels } from "../../levels.ts"
import { type Context } from "../../Program.ts"
import { mayMislead } from "../../dialects/checkedCast.ts"
import { isMembership, membershipWord } from "../../dialects/membershipWord.ts"
import { partsOf } from "../../dialects/membership.ts"
import { type Block, type ListParameter, type Parameter, type Term, typeOf } from "../../Placed.ts"
import { number } from "../bind.ts"
import { emulate } from "../emulate.ts"
import { normaliseTree } from "../normalise.ts"
import { place } from "../place.ts"
import { sayLiteral } from "./values.ts"

/**
 * An expression inside a schema statement, which takes no parameters: its values are written as
 * literals by the dialect's one function for them, its columns without their table.
 */
const placeConstant = (
  node: Scalar,
  source: TableSource,
  context: Context
): { readonly term: Term; readonly values: ReadonlyArray<Bound | BoundList> } => {
  const shape = { _tag: "Cell", index: 0 } as const
  const rows = table(source, aliasIn(node) ?? source.name)
  const query: Relation = number(project(filter(rows, node), [constant(1, integerType)], shape), 0)
  const root = normaliseTree(query)
  const placed = place(emulate({ root, ctes: [] }, context), context)
  const where = (placed.root as Block).where
  return {
    term: where ?? { _tag: "Constant", node: constant(true, node.type), kids: {} },
    values: node.binds
  }
}

const aliasIn = (node: Scalar): string | null => {
  if (node._tag === "Ref") return node.alias
  for (const one of children(node)) {
    const alias = aliasIn(one as Scalar)
    if (alias !== null) return alias
  }
  return null
}

/** An expression over a table's columns, its values written as literals. */
export const sayConstant = (
  node: Scalar,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  const { term, values } = placeConstant(node, table, context)
  writer.within(literally(writer.dialect, values), (inner) => inner.term(term))
}

/** The dialect, saying values instead of asking for them. */
const literally = (dialect: Dialect, values: ReadonlyArray<Bound | BoundList>): Dialect => ({
  ...dialect,
  terms: {
    ...dialect.terms,
    Column: ({ name }, writer) => writer.name(name),
    // A schema knows no functions of a connection.
    Cast: (term, writer, expect) => {
      if (dialect.name === "sqlite" && mayMislead(term))
        writer.refuse("cast", "a cast of text to a number in a schema statement")
      dialect.terms.Cast(term, writer, expect)
    },
    Parameter: (term, writer) => {
      const bind = valueOf(term, values)
      if (bind === null || bind._tag !== "Bound")
        writer.refuse("parameters", "a schema statement with parameters")
      else sayLiteral(bind.value, term.type, writer)
    }
  },
  membership: (term, writer, negated) => {
    writer.term(term.kids.self, levels.concat)
    if (isMembership(term.node) === null)
      writer.refuse("quantifiedList", "a comparison with a list in a schema statement")
    writer.put(` ${membershipWord(term.node, negated)} (`)
    const { list } = term.kids
    const bind = list._tag === "ListParameter" ? valueOf(list, values) : null
    if (bind === null || bind._tag !== "BoundList")
      writer.refuse("parameters", "a schema statement with parameters")
    else writer.commas(bind.values, (value) => sayElement(value, typeOf(list), writer))
    writer.put(")")
  }
})

const valueOf = (
  term: Parameter | ListParameter,
  values: ReadonlyArray<Bound | BoundList>
): Bound | BoundList | null =>
  term.origin._tag === "Bound" ? (values[term.origin.position] ?? null) : null

/** An element of a list: a value, or values side by side. */
const sayElement = (value: unknown, type: AnyType, writer: Writer): void => {
  const parts = partsOf(type)
  if (parts === null) return sayLiteral(value, type, writer)
  writer.put("(")
  writer.commas(parts, (part, i) => sayLiteral((value as ReadonlyArray<unknown>)[i], part, writer))
  writer.put(")")
}
