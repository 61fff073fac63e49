import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { aggregateForms } from "./aggregates.ts"
import { aimsAt, asksWindow, isThere, leadsThere, pull, sortFrom, under } from "./aim.ts"
import { type Context, seenInside } from "./context.ts"
import { chance, type Draw, many, pick, weigh, type Weighted } from "./draw.ts"
import { callGiving } from "./functions.ts"
import { query, singleRow } from "./queries.ts"
import { found, inClause, type Seek, seeks } from "./seek.ts"
import { type Sort, typeOf, valueOf } from "./sorts.ts"
import { customs, raws, regexes } from "./userNodes.ts"
import { windowForms } from "./windows.ts"

type Form = () => Scalar
/** How often a form is taken, how it is made, and the kind of its node: see `favoured`. */
export type Forms = ReadonlyArray<readonly [weight: number, form: Form, kind?: Scalar["_tag"]]>
type FormList = Array<Forms[number]>

/**
 * One of the forms. A statement favours a few kinds of node, so that all of them meet one another
 * somewhere, and may aim at one below another.
 */
const taken = (draw: Draw, { home }: Context, forms: Forms): Scalar => {
  const there = isThere(home)
  const [form, kind] = weigh(
    draw,
    forms.map(([weight, form, kind]): Weighted<readonly [Form, Scalar["_tag"] | null]> => {
      if (kind === undefined) return [weight, [form, null]]
      const pulled =
        leadsThere(home, kind) && home.aimed < enough ? 60 : home.favour.includes(kind) ? 20 : 1
      const wanted = there && home.aim?.child === kind
      return [weight * pulled * (wanted ? 200 : 1), [form, kind]]
    })
  )
  if (kind !== null && leadsThere(home, kind)) home.aimed++
  return under(home, kind, form)
}

/** How often a statement goes out of its way for the sake of an aim: it is to stay small. */
const enough = 4

/** Kinds that stand where an expression may have no parts. */
const leafKinds: ReadonlySet<string> = new Set([
  "Ref",
  "Presence",
  "Bound",
  "Constant",
  "Named",
  "Generated",
  "Grouping"
])

/** How deep an expression may be: a few times, as deep as what is aimed at asks for. */
const reach = ({ home }: Context, depth: number): number => {
  if (depth >= 2 || !isThere(home) || leafKinds.has(home.aim!.child) || home.aimed > enough)
    return depth
  home.aimed++
  return 2
}

const yes = typeOf.boolean

/** An expression of a sort over a context, at most `depth` nodes deep and possibly NULL. */
export const scalar = (draw: Draw, context: Context, sort: Sort, depth: number): Scalar =>
  draw.span(sort, () => {
    const seek = context.flat === true ? null : found(draw, context.home)
    if (seek !== null) return asked(draw, context, sort, seek)
    const leaves = leafForms(draw, context, sort)
    const deep = reach(context, depth)
    if (deep <= 0) return taken(draw, context, leaves)
    const larger = formsOf(draw, context, sort, deep - 1)
    // Leaves come first, so that shrinking finds them; a fixed share keeps queries small.
    return taken(draw, context, draw.below(leafShare) === 0 ? leaves : larger)
  })

/** A query where one is sought. */
const asked = (draw: Draw, context: Context, sort: Sort, seek: Seek): Scalar => {
  const { home } = context
  const inside = seenInside(context)
  home.wish = seek.inner
  home.link = seek.correlated
  if (seek.ask === "Subquery")
    return S.subquery(singleRow(draw, home, inside, sort, 2), typeOf[sort])
  const of = pick(draw, ["integer", "text", "boolean"] as const)
  const [op, quantifier] = chance(draw, 4) ? quantification(draw) : (["eq", "any"] as const)
  const holds =
    seek.ask === "Exists"
      ? S.exists(query(draw, home, inside, null, 1), yes)
      : S.inQuery(
          scalar(draw, context, of, 0),
          query(draw, home, inside, [of], 1),
          yes,
          op,
          quantifier
        )
  if (sort === "boolean") return holds
  const self = () => scalar(draw, context, sort, 0)
  return S.caseOf([holds], [self()], self(), typeOf[sort])
}

/** A condition. */
export const condition = (draw: Draw, context: Context, depth: number): Scalar =>
  scalar(draw, context, "boolean", depth)

/** How much rarer a leaf is where something larger can stand. */
const leafShare = 3

const leafForms = (draw: Draw, context: Context, sort: Sort): Forms => {
  const { home } = context
  const type = typeOf[sort]
  const local = context.leaves.filter((leaf) => leaf.sort === sort)
  const outer = context.outer.filter((leaf) => leaf.sort === sort)
  const forms: FormList = [[4, () => S.bound(valueOf(draw, sort), type), "Bound"]]
  if (local.length > 0) forms.push([20, () => pick(draw, local).node, "Ref"])
  if (outer.length > 0) forms.push([8, () => pick(draw, outer).node, "Ref"])
  const totals = isThere(home) ? local.filter(({ node }) => node._tag === "Grouping") : []
  if (totals.length > 0) forms.push([1, () => pick(draw, totals).node, "Grouping"])
  if (sort === "boolean") forms.push([1, () => S.constant(chance(draw, 2), type), "Constant"])
  if (sort === "integer" || sort === "bigint" || sort === "count") {
    forms.push([1, () => S.constant(draw.below(4), type), "Constant"])
  }
  forms.push([1, () => S.constant(null, type), "Constant"], [1, () => S.bound(null, type)])
  forms.push([
    1,
    () => {
      const name = `${sort}${draw.below(2)}`
      home.parameters[name] ??= valueOf(draw, sort)
      return S.named(name, type)
    },
    "Named"
  ])
  if (!home.inKeys)
    forms.push([
      1,
      () => S.generated({ _tag: "Value", value: valueOf(draw, sort) }, type),
      "Generated"
    ])
  return forms
}

const comparable: ReadonlyArray<Weighted<Sort>> = [
  [4, "integer"],
  [4, "text"],
  [4, "boolean"],
  [2, "bigint"],
  [1, "count"],
  [1, "double"]
]

/** Forms that exist for every sort. */
const commonForms = (draw: Draw, context: Context, sort: Sort, depth: number): Forms => {
  const type = typeOf[sort]
  const self = () => scalar(draw, context, sort, depth)
  const forms: FormList = [
    [
      2,
      () => {
        const whens = many(draw, "when", 1, 2, () => condition(draw, context, depth))
        return S.caseOf(whens, whens.map(self), self(), type)
      },
      "Case"
    ],
    [2, () => S.call("coalesce", many(draw, "arg", 2, 3, self), type), "Call"],
    [1, () => S.call("nullif", [self(), self()], type), "Call"]
  ]
  if (depth > 0 && context.flat !== true) {
    forms.push([
      2,
      () => S.subquery(singleRow(draw, context.home, seenInside(context), sort, depth), type),
      "Subquery"
    ])
  }
  const rawsHere = context.home.without.has("Raw") ? [] : raws.filter((one) => one.sort === sort)
  if (rawsHere.length > 0) {
    forms.push([
      1,
      () => {
        const { args, parts } = pick(draw, rawsHere)
        return S.raw(
          parts,
          args.map((arg) => scalar(draw, context, arg, depth)),
          type
        )
      },
      "Raw"
    ])
  }
  const customsHere = customs.filter((one) => one.sort === sort)
  if (customsHere.length > 0) {
    forms.push([
      1,
      () => {
        const { args, name, print } = pick(draw, customsHere)
        return S.customScalar(
          name,
          args.map((arg) => scalar(draw, context, arg, depth)),
          print,
          type
        )
      },
      "CustomScalar"
    ])
  }
  const documents = aimsAt(context.home, "JsonAt", "JsonEdit")
  const edits = documents && context.home.aim?.parent === "JsonEdit"
  if (sort !== "boolean" || depth > 0)
    forms.push([
      2 * pull(documents),
      () => callGiving(draw, sort, (one) => scalar(draw, context, one, depth), { documents, edits })
    ])
  const { home } = context
  const within = (clause: "aggregate" | "window", inner: Forms): Forms =>
    inner.map(([weight, form, kind]) => [
      seeks(home, clause) ? weight * 60 : weight,
      () => inClause(home, clause, form),
      ...(kind === undefined ? ([] as const) : ([kind] as const))
    ])
  if (context.members !== null)
    forms.push(...within("aggregate", aggregateForms(draw, context.members, sort, depth)))
  const windows = asksWindow(home) || seeks(home, "window")
  if (context.around === true && (chance(draw, 2) || windows))
    forms.push(...within("window", windowForms(draw, context, sort, depth)))
  return forms
}

const booleanForms = (draw: Draw, context: Context, depth: number): Forms => {
  const any = () => scalar(draw, context, sortFrom(draw, context.home, comparable), depth)
  const parts = () => many(draw, "part", 0, 3, () => condition(draw, context, depth))
  const forms: FormList = [
    [
      8,
      () => {
        const sort = sortFrom(draw, context.home, comparable)
        const op = pick(draw, ["eq", "ne", "lt", "lte", "gt", "gte", "same", "notSame"] as const)
        return S.compare(
          op,
          scalar(draw, context, sort, depth),
          scalar(draw, context, sort, depth),
          yes
        )
      },
      "Compare"
    ],
    [3, () => tupleForm(draw, context, depth), "Tuple"],
    [3, () => S.and(parts(), yes), "And"],
    [3, () => S.or(parts(), yes), "Or"],
    [3, () => S.not(condition(draw, context, depth), yes), "Not"],
    [3, () => S.isNull(any(), yes), "IsNull"],
    [
      3,
      () => {
        const insensitive = chance(draw, 3)
        const escape = pick(draw, ["\\", "!", "'"])
        const text = scalar(draw, context, "text", depth)
        return S.like(text, pattern(draw, context, depth, escape), yes, insensitive, escape)
      },
      "Like"
    ],
    [
      3,
      () => {
        const sort = sortFrom(draw, context.home, comparable.slice(0, 4))
        const values = many(draw, "value", 0, 3, () => valueOf(draw, sort))
        const list = S.boundList(values, typeOf[sort])
        // Only PostgreSQL compares with a list otherwise; the others refuse.
        const [op, quantifier] = chance(draw, 12) ? quantification(draw) : (["eq", "any"] as const)
        return S.inList(scalar(draw, context, sort, depth), list, yes, op, quantifier)
      },
      "InList"
    ],
    [
      2,
      () => {
        const sort = sortFrom(draw, context.home, comparable)
        const part = () => scalar(draw, context, sort, depth)
        return S.between(part(), part(), part(), yes, chance(draw, 4))
      },
      "Between"
    ],
    [1, () => S.cast(scalar(draw, context, "integer", depth), yes), "Cast"],
    [
      1,
      () => {
        const { args, form, name, print } = pick(draw, regexes)
        const text = scalar(draw, context, "text", depth)
        return S.customScalar(name, [text, args[1]!], print, yes, form)
      },
      "CustomScalar"
    ]
  ]
  if (context.flat === true) return forms
  const rarely = depth > 0 ? 4 : 1
  forms.push([
    rarely,
    () => {
      const sort = sortFrom(draw, context.home, comparable)
      const inner = query(draw, context.home, seenInside(context), [sort], depth)
      const self = scalar(draw, context, sort, depth)
      const [op, quantifier] = chance(draw, 2) ? quantification(draw) : (["eq", "any"] as const)
      return S.inQuery(self, inner, yes, op, quantifier)
    },
    "InQuery"
  ])
  forms.push([
    rarely,
    () => S.exists(query(draw, context.home, seenInside(context), null, depth), yes),
    "Exists"
  ])
  return forms
}

const comparisons = ["eq", "ne", "lt", "lte", "gt", "gte"] as const

const quantification = (draw: Draw): readonly [S.Comparison, S.Quantifier] => [
  pick(draw, comparisons),
  pick(draw, ["any", "all"] as const)
]

/** Values side by side: compared with as many, or a member of a list or of a query's rows. */
const tupleForm = (draw: Draw, context: Context, depth: number): Scalar => {
  const sorts = many(draw, "sort", 2, 3, () => sortFrom(draw, context.home, comparable.slice(0, 4)))
  const type = T.tuple(sorts.map((sort) => typeOf[sort]))
  const tuple = (): Scalar =>
    S.tuple(
      sorts.map((sort) => scalar(draw, context, sort, depth)),
      type
    )
  const forms: Array<Form> = [
    () => S.compare(pick(draw, [...comparisons, "same", "notSame"]), tuple(), tuple(), yes),
    () => {
      const values = many(draw, "value", 0, 3, () => sorts.map((sort) => valueOf(draw, sort)))
      return S.inList(tuple(), S.boundList(values, type), yes)
    }
  ]
  if (context.flat !== true && depth > 0) {
    forms.push(() => {
      const inner = query(draw, context.home, seenInside(context), sorts, depth)
      return S.inQuery(tuple(), inner, yes)
    })
  }
  return pick(draw, forms)()
}

const patterns = ["%", "a%", "_", "%a", "a\\_", "\\%", "%\\\\%", "é%", "A", "", "__"]

/** Patterns whose every escape character escapes something. */
const pattern = (draw: Draw, context: Context, depth: number, escape: string): Scalar =>
  weigh<Form>(draw, [
    [4, () => S.bound(pick(draw, patterns).replaceAll("\\", escape), typeOf.text)],
    [2, () => scalar(draw, context, "text", depth)]
  ])()

const numericForms = (draw: Draw, context: Context, sort: Sort, depth: number): Forms => {
  const type = typeOf[sort]
  const self = () => scalar(draw, context, sort, depth)
  const ops =
    sort === "double"
      ? (["add", "sub", "mul", "div"] as const)
      : (["add", "sub", "mul", "quot", "rem"] as const)
  return [
    [6, () => S.arith(pick(draw, ops), self(), self(), type), "Arith"],
    ...bitForms(draw, sort, self),
    [2, () => S.negate(self(), type), "Negate"],
    [2, () => S.call("abs", [self()], type), "Call"]
  ]
}

/** A count is a number, which a shift might take beyond those that are exact. */
const bitForms = (draw: Draw, sort: Sort, self: Form): Forms => {
  const type = typeOf[sort]
  if (sort === "double") return []
  const shifts: Forms = [
    [
      1,
      () => {
        const by = draw.below(sort === "integer" ? 32 : 64)
        const op = pick(draw, ["shiftLeft", "shiftRight"] as const)
        return S.arith(op, self(), S.constant(by, typeOf.integer), type)
      }
    ]
  ]
  return [
    [2, () => S.arith(pick(draw, ["bitAnd", "bitOr", "bitXor"] as const), self(), self(), type)],
    [1, () => S.arith("bitXor", self(), S.constant(-1, type), type)],
    ...(sort === "count" ? [] : shifts)
  ]
}

const castForms = (
  draw: Draw,
  context: Context,
  sort: Sort,
  from: ReadonlyArray<Sort>,
  depth: number
): Forms => [
  [
    2,
    () => {
      const choices = from.map((one): Weighted<Sort> => [1, one])
      const self = scalar(draw, context, sortFrom(draw, context.home, choices), depth)
      return S.cast(self, typeOf[sort])
    },
    "Cast"
  ]
]

const formsOf = (draw: Draw, context: Context, sort: Sort, depth: number): Forms => {
  const common = commonForms(draw, context, sort, depth)
  const of = (one: Sort) => scalar(draw, context, one, depth)
  switch (sort) {
    case "boolean":
      return [...booleanForms(draw, context, depth), ...common]
    case "integer":
      return [
        ...numericForms(draw, context, sort, depth),
        [2, () => S.call("length", [of("text")], typeOf.integer)],
        [1, () => S.cast(S.cast(of("integer"), typeOf.text), typeOf.integer)],
        ...castForms(draw, context, sort, ["boolean", "bigint"], depth),
        ...common
      ]
    case "bigint":
    case "count":
      return [
        ...numericForms(draw, context, sort, depth),
        ...castForms(draw, context, sort, ["integer"], depth),
        ...common
      ]
    case "double": {
      const divided = pick.bind(null, draw, ["integer", "bigint"] as const) as () => Sort
      return [
        [
          3,
          () => {
            const operands = divided()
            return S.arith("div", of(operands), of(operands), typeOf.double)
          }
        ],
        ...numericForms(draw, context, sort, depth),
        ...castForms(draw, context, sort, ["integer", "bigint"], depth),
        ...common
      ]
    }
    case "text":
      return [
        [
          3,
          () =>
            S.call(
              "concat",
              many(draw, "arg", 2, 3, () => of("text")),
              typeOf.text
            )
        ],
        [
          3,
          () => S.call(pick(draw, ["lower", "upper", "trim"] as const), [of("text")], typeOf.text)
        ],
        ...castForms(draw, context, sort, ["integer", "bigint", "text"], depth),
        ...common
      ]
  }
}
