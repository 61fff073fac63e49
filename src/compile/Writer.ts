import type { Refusal } from "../algebra/Dialect.ts"
import type { Bound, BoundList } from "../algebra/Scalar.ts"
import type { AnyType } from "../algebra/Type.ts"
import { agrees } from "./agreement.ts"
import { enumOf } from "../algebra/schema/namedOf.ts"
import * as T from "../algebra/types.ts"
import type { Encode, SchemaPlace, Slot } from "./Compiled.ts"
import type { Dialect, Expect, Writer } from "./Dialect.ts"
import { identifier } from "./identifiers.ts"
import { schemaText } from "./schemas.ts"
import { operandsOf } from "./kids.ts"
import { levels } from "./levels.ts"
import { namesOf } from "./names.ts"
import { sayLiteral } from "./phases/render/values.ts"
import { closedLiteral } from "./literalText.ts"
import type { Context } from "./Program.ts"
import type { ListParameter, Parameter, Query, Term } from "./Placed.ts"

/** What a walk has written. */
export interface Written {
  readonly writer: Writer
  readonly text: () => string
  readonly slots: ReadonlyArray<Slot>
  readonly schemas: ReadonlyArray<SchemaPlace>
  readonly refusal: () => Refusal | null
}

/**
 * A writer for one statement.
 *
 * **Laws** L22: as many placeholders as slots, in one order, because one call writes both.
 */
export const makeWriter = (
  dialect: Dialect,
  context: Context,
  pretty: boolean,
  render: (writer: Writer, query: Query) => void,
  values: ReadonlyArray<Bound | BoundList> | null = null
): Written => {
  let text = ""
  let depth = 0
  const slots: Array<Slot> = []
  const schemas: Array<SchemaPlace> = []
  let numbers: Map<string, number> | null = null
  const names = namesOf(dialect, context.capabilities)

  /** `identity` is null for a slot that never stands twice. */
  const place = (slot: Slot, identity: string | null): void => {
    if (!dialect.numbersPlaceholders || identity === null) {
      slots.push(slot)
      text += dialect.placeholder(slots.length)
      return
    }
    numbers ??= new Map()
    let number = numbers.get(identity)
    if (number === undefined) {
      slots.push(slot)
      numbers.set(identity, (number = slots.length))
    }
    text += dialect.placeholder(number)
  }
  /** The value itself in place of its placeholder. */
  const said = (value: unknown, type: AnyType, encode: Encode): void => {
    const sent: unknown = value === null ? null : (encode as (one: unknown) => unknown)(value)
    text += closedLiteral(sent, type, dialect, context.refuse)
  }
  const newLine = (): void => {
    text += pretty ? `\n${"  ".repeat(depth)}` : " "
  }
  const writer: Writer = {
    dialect,
    capabilities: context.capabilities,
    refuse: context.refuse,
    put: (more) => {
      text += more
    },
    line: newLine,
    edge: () => {
      if (pretty) newLine()
    },
    deeper: (body) => {
      depth++
      body()
      depth--
    },
    name: (name) => {
      text += names.name(name)
    },
    column: (table, name) => {
      text += names.column(table, name)
    },
    schema: (schema, as) => {
      const start = text.length
      if (schema !== null) text += schemaText(identifier(schema, dialect, context.capabilities), as)
      schemas.push({ schema, start, end: text.length, ...(as === undefined ? {} : { as }) })
    },
    type: (sql) => {
      const named = enumOf(sql._tag === "Array" ? sql.of : sql)
      if (named === null) text += dialect.castName(sql)
      else {
        writer.schema(named.schema)
        writer.name(named.name)
        if (sql._tag === "Array") text += "[]"
      }
    },
    said: (whole) => {
      const at = text.length
      for (const place of whole.schemas)
        schemas.push({ ...place, start: at + place.start, end: at + place.end })
      text += whole.text
    },
    term: (term, level = levels.open, expect = null) => sayTerm(writer, term, level, expect),
    within: (other, body) => {
      const inner: Writer = {
        ...writer,
        dialect: other,
        term: (term, level = levels.open, expect = null) => sayTerm(inner, term, level, expect)
      }
      body(inner)
    },
    commas: (items, each) => {
      for (let i = 0; i < items.length; i++) {
        if (i > 0) text += ", "
        each(items[i]!, i)
      }
    },
    query: (query) => {
      text += "("
      depth++
      if (pretty) newLine()
      render(writer, query)
      depth--
      if (pretty) newLine()
      text += ")"
    },
    slot: (parameter, path, encode) => {
      const { origin } = parameter
      if (values !== null && origin._tag === "Bound")
        return said((values[origin.position] as Bound).value, parameter.type, encode)
      switch (origin._tag) {
        case "Bound":
          return place(
            { _tag: "Bound", index: origin.position, path, encode },
            dialect.numbersPlaceholders ? `b${origin.position}` : null
          )
        case "Named":
          return place(
            { _tag: "Named", name: origin.name, path, encode },
            `n${parameter.type.key} ${origin.name}`
          )
        case "Generated":
          return place(
            { _tag: "Generated", generator: origin.generator, path, type: parameter.type, encode },
            null
          )
      }
    },
    literal: (parameter, say) => {
      const { origin } = parameter
      const bind = origin._tag === "Bound" ? context.values[origin.position] : undefined
      if (origin._tag !== "Bound" || bind?._tag !== "Bound") return false
      context.fixed.push({ position: origin.position, value: bind.value })
      if (say === undefined) sayLiteral(bind.value, parameter.type, writer)
      else say(bind.value)
      return true
    },
    agree: (left, right) => {
      const others = parametersIn(right)
      return parametersIn(left).every((one, i) => {
        const other = others[i]
        if (one.origin._tag !== "Bound" || other?.origin._tag !== "Bound") return true
        if (one.origin.position === other.origin.position) return true
        const { encode } = one.type.codec.row[dialect.name]
        const pair = { left: one.origin.position, right: other.origin.position, encode }
        return agrees(context, pair)
      })
    },
    listSlot: (list, path, encode, part = 0) => {
      const { origin } = list
      if (origin._tag === "Named") {
        const slot: Slot = { _tag: "Named", name: origin.name, path, encode }
        return place(slot, `m${part} ${list.type.key} ${origin.name}`)
      }
      const index = positionIn(list)
      if (values !== null) return said((values[index] as BoundList).values, T.text, encode)
      place({ _tag: "List", index, path, encode }, `l${part} ${index}`)
    },
    elementSlot: (list, at, path, encode) => {
      const index = positionIn(list)
      if (values === null) return place({ _tag: "Element", index, at, path, encode }, null)
      const given = (values[index] as BoundList).values
      said(given[Math.min(at, given.length - 1)], list.type, encode)
    }
  }
  return { writer, text: () => text, slots, schemas, refusal: context.refusal }
}

const sayTerm = (writer: Writer, term: Term, level: number, expect: Expect | null): void => {
  const { dialect } = writer
  const loose = level > levels.open && dialect.level(term) < level
  if (loose) writer.put("(")
  const { terms } = dialect
  // The commonest by name: a look-up of one of forty is dear.
  if (term._tag === "Column") terms.Column(term, writer, expect)
  else if (term._tag === "Parameter") terms.Parameter(term, writer, expect)
  else if (term._tag === "Compare") terms.Compare(term, writer, expect)
  else
    (terms[term._tag] as (one: Term, to: Writer, known: Expect | null) => void)(
      term,
      writer,
      expect
    )
  if (loose) writer.put(")")
}

/** The values in a term, in the order they stand in. */
const parametersIn = (term: Term): ReadonlyArray<Parameter | ListParameter> =>
  term._tag === "Parameter" || term._tag === "ListParameter"
    ? [term]
    : operandsOf(term).flatMap(parametersIn)

const positionIn = (list: ListParameter | Parameter): number =>
  list.origin._tag === "Bound" ? list.origin.position : -1
