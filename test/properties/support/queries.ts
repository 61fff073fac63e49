import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import { projection, windows } from "../../../src/algebra/block.ts"
import { documentOf } from "./aggregates.ts"
import { aimsAt, aimsBelow, pull, rather, under } from "./aim.ts"
import type { Context, Home, Leaf } from "./context.ts"
import { chance, type Draw, many, pick, weigh, type Weighted } from "./draw.ts"
import { anySort, fieldsOf, type Fields, flatFields, flatShape } from "./fields.ts"
import { condition, scalar } from "./scalars.ts"
import { type Sort, type Tag, sortOf, typeOf, valueOf } from "./sorts.ts"
import { inClause, seeks } from "./seek.ts"
import { joinedOnto, sources } from "./sources.ts"
import { sameRelation } from "./userNodes.ts"

type Steps = ReadonlyArray<Weighted<() => Relation>>

/** A condition; deep inside only a leaf, so that queries stay small. */
const where = (draw: Draw, context: Context, depth: number): Scalar =>
  inClause(context.home, context.members === null ? "where" : "having", () =>
    under(context.home, "Filter", () =>
      condition(draw, context, depth < 0 ? 0 : Math.max(depth, 1))
    )
  )

/** How a clause tells first NULLs and last NULLs. */
export const direction = (draw: Draw): R.Direction => ({
  direction: pick(draw, ["asc", "desc"] as const),
  nulls: pick(draw, ["first", "last"] as const)
})

/** Sorted by some keys first; by every output column at the end where the order must be total. */
const ordered = (
  draw: Draw,
  self: Relation,
  keys: ReadonlyArray<Scalar>,
  total: boolean
): Relation => {
  const fields = total ? projection(self)!.fields : []
  const all = [...keys, ...fields]
  return R.order(
    self,
    all,
    all.map(() => direction(draw))
  )
}

const small = (draw: Draw, home: Home, counts: ReadonlyArray<number>): Scalar =>
  weigh<() => Scalar>(draw, [
    [6, () => S.bound(pick(draw, counts), T.integer)],
    [1, () => S.constant(pick(draw, counts), T.integer)],
    [
      1,
      () => {
        home.parameters["rows"] ??= pick(draw, counts)
        return S.named("rows", T.integer)
      }
    ]
  ])()

const limits: ReadonlyArray<number> = [1, 2, 3, 2, 3, 4, 0]
const offsets: ReadonlyArray<number> = [1, 0, 1, 2]

/** A set operation whose first part says one thing twice: no sort key names the second. */
const isAmbiguous = (self: Relation): boolean => {
  let at: Relation = self
  while ("self" in at && at._tag !== "Derived") at = at.self
  if (at._tag !== "Combine") return false
  const { fields } = projection(at)!
  return new Set(fields.map(({ key }) => key)).size < fields.length
}

const sliced = (draw: Draw, home: Home, self: Relation): Relation =>
  isAmbiguous(self) ? unsorted(self) : cut(draw, home, self)

/** An order means something only to a slice above it, or at the end. */
const unsorted = (self: Relation): Relation => (self._tag === "Order" ? unsorted(self.self) : self)

/** So many hundredths of the rows. */
const share = (draw: Draw): Scalar => S.bound(pick(draw, [50, 34, 100, 0, 12.5]), T.double)

const cut = (draw: Draw, home: Home, self: Relation): Relation => {
  const ties = chance(draw, 5)
  return weigh<() => Relation>(draw, [
    [3, () => R.slice(self, small(draw, home, limits), null, ties)],
    [1, () => R.slice(self, null, small(draw, home, offsets))],
    [2, () => R.slice(self, small(draw, home, limits), small(draw, home, offsets), ties)],
    [1, () => R.slice(self, share(draw), null, ties, true)]
  ])()
}

/** The first rows of those alike in some sort keys; the order is total. */
const firsts = (draw: Draw, self: Relation): Relation =>
  self._tag !== "Order" || isAmbiguous(self)
    ? unsorted(self)
    : R.distinctOn(self, Math.min(self.keys.length, pick(draw, [1, 2, 1, 0])))

/** A block before its projection: its relation and what expressions above it see. */
interface Open {
  readonly relation: Relation
  readonly context: Context
}

/** Now and then several different sets of different keys. */
const setsOf = (draw: Draw, home: Home, keys: ReadonlyArray<Scalar>): R.Group["sets"] => {
  if (keys.length === 0 || new Set(keys.map(({ key }) => key)).size < keys.length) return null
  if (!rather(draw, aimsAt(home, "Grouping"), 6)) return null
  return keys.length === 1
    ? pick(draw, [[[0], []], [[]], [[], [0]]])
    : pick(draw, [[[0, 1], [0], []], [[0, 1], [1], [0], []], [[1], [0]], [[0, 1]]])
}

const keying = <A>(home: Home, keyed: Tag, make: () => A): A =>
  inClause(home, "group by", () => under(home, keyed, make))

const grouped = (draw: Draw, open: Open, withKeys: boolean, depth: number): Open => {
  const { context } = open
  // A query in HAVING speaks of a key that is a column.
  const bare = seeks(context.home, "having") && context.home.seek?.correlated === true
  // What is asked whether it is grouped by is one of the keys.
  const keyed = context.home.aim?.parent === "Grouping" ? "Grouping" : "Group"
  const before = context.home.inKeys
  context.home.inKeys = true
  const keys = withKeys
    ? many(draw, "key", 1, 2, (): Leaf => {
        const sort = under(context.home, keyed, () => anySort(draw, context.home))
        return {
          sort,
          node: keying(context.home, keyed, () =>
            scalar(
              draw,
              context,
              sort,
              weigh(draw, [
                [bare ? 20 : 2, 0],
                [3, 1],
                [2, depth]
              ])
            )
          )
        }
      })
    : []
  context.home.inKeys = before
  const nodes = keys.map(({ node }) => node)
  const sets = setsOf(draw, context.home, nodes)
  // With sets, two rows of equal keys are told apart by what they are totals of.
  const totals = sets === null ? [] : nodes.map((node) => S.grouping(node, T.integer))
  const said = [...keys, ...totals.map((node): Leaf => ({ node, sort: "integer" }))]
  const leaves = context.loose === true ? [...said, ...context.leaves] : said
  const above: Context = { ...context, leaves, members: context }
  const group = R.group(open.relation, nodes, sets)
  const filters = seeks(context.home, "having") || chance(draw, 4)
  const relation = filters ? R.filter(group, where(draw, above, depth - 1)) : group
  return { relation, context: above }
}

/** Rows that go with what is around, by a column of each. */
const linked = (draw: Draw, self: Relation, { leaves, outer }: Context): Relation => {
  const sorts = new Set(outer.map(({ sort }) => sort))
  const fit = leaves.filter(({ sort }) => sorts.has(sort))
  if (fit.length === 0) return self
  const own = pick(draw, fit)
  const other = pick(
    draw,
    outer.filter(({ sort }) => sort === own.sort)
  )
  const op = pick(draw, ["eq", "ne", "lte", "same"] as const)
  return R.filter(self, S.compare(op, own.node, other.node, typeOf.boolean))
}

const opened = (draw: Draw, home: Home, outer: ReadonlyArray<Leaf>, depth: number): Open => {
  const links = home.link
  home.link = false
  if (home.seek !== null) home.wish = home.seek.outer
  const { known, relation } = sources(draw, home, outer, depth)
  home.wish = null
  const context: Context = {
    home,
    outer,
    members: null,
    leaves: known.flatMap(({ leaves }) => leaves)
  }
  const filtered = weigh(draw, [
    [8, 0],
    [4, 1],
    [1, 2]
  ])
  let self = links ? linked(draw, relation, context) : relation
  const filters = seeks(home, "where") ? Math.max(filtered, 1) : filtered
  for (let i = 0; i < filters; i++)
    self = R.filter(
      self,
      draw.span("where", () => where(draw, context, depth - 1))
    )
  return { relation: self, context }
}

/** What a query is asked for: one sort a column, or whatever comes; one group or any number. */
export interface Asked {
  readonly want: ReadonlyArray<Sort> | null
  readonly group: "any" | "one"
}

export const any: Asked = { want: null, group: "any" }

/** What is selected, and sorted by, may look at the other rows. */
const inFields = (context: Context): Context => ({
  ...context,
  around: !context.home.without.has("Window")
})

const block = (
  draw: Draw,
  home: Home,
  outer: ReadonlyArray<Leaf>,
  { want, group }: Asked,
  depth: number
): Relation => {
  const { loose } = home
  home.loose = false
  const below = opened(draw, home, outer, depth)
  const open: Open = { ...below, context: { ...below.context, loose } }
  const kind =
    group === "one"
      ? "one"
      : weigh(draw, [
          [6, "none"],
          [2 * pull(isKeyed(home) || seeks(home, "having", "group by", "aggregate")), "keys"],
          [1, "one"]
        ] as const)
  const made =
    kind === "none" ? open : draw.span("group", () => grouped(draw, open, kind === "keys", depth))
  const { fields, shape }: Fields = draw.span("fields", () =>
    want === null
      ? inClause(home, "select", () => fieldsOf(draw, inFields(made.context), depth))
      : inClause(home, "select", () => flatFields(draw, inFields(made.context), want, depth))
  )
  const projected = R.project(made.relation, fields, shape)
  return draw.span("tail", () => finished(draw, home, projected, made.context, depth))
}

/** A document of each group's rows beside another column: nothing tells documents apart. */
export const documented = (draw: Draw, home: Home, depth: number): Relation => {
  const open = opened(draw, home, [], depth)
  const { context, relation } = grouped(draw, open, chance(draw, 2), depth)
  const other = scalar(draw, inFields(context), anySort(draw, home), depth - 1)
  const fields = [documentOf(draw, context.members!), other]
  const projected = R.project(relation, fields, flatShape(fields.length))
  return chance(draw, 2) ? ordered(draw, projected, [other], false) : projected
}

/** DISTINCT, ORDER BY and LIMIT above a projection, and now and then clauses above those. */
const finished = (
  draw: Draw,
  home: Home,
  projected: Relation,
  context: Context,
  depth: number
): Relation => {
  const { fields } = projection(projected)!
  const distinct = projected._tag === "Combine" || rather(draw, aimsAt(home, "Distinct"), 6)
  const self =
    projected._tag === "Combine" ? projected : distinct ? R.distinct(projected) : projected
  const keys = () =>
    many(draw, "sortKey", 1, 2, () =>
      distinct && context.loose !== true
        ? pick(draw, fields)
        : inClause(home, "order by", () =>
            under(home, "Order", () =>
              scalar(draw, inFields(context), anySort(draw, home), depth - 1)
            )
          )
    )
  const custom = (one: Relation): Relation =>
    !home.without.has("CustomRelation") && rather(draw, aimsAt(home, "CustomRelation"), 30)
      ? R.customRelation(sameRelation.name, one, [], sameRelation.print)
      : one
  const steps: Steps = [
    [8, () => custom(self)],
    [3 * pull(seeks(home, "order by")), () => custom(ordered(draw, self, keys(), false))],
    [3, () => custom(sliced(draw, home, ordered(draw, self, chance(draw, 2) ? keys() : [], true)))],
    [
      2,
      () => {
        const first = firsts(draw, ordered(draw, self, chance(draw, 2) ? keys() : [], true))
        return custom(chance(draw, 3) ? sliced(draw, home, first) : first)
      }
    ],
    // Whatever the order leaves open, all that sort as the last one are there.
    [
      1,
      () => {
        const order = ordered(draw, self, keys(), false)
        return isAmbiguous(order)
          ? unsorted(order)
          : custom(
              chance(draw, 4)
                ? R.slice(order, share(draw), null, true, true)
                : R.slice(order, small(draw, home, limits), null, true)
            )
      }
    ],
    [
      pull(closes(home)),
      () => {
        // Clauses above see the whole scope, so the order is total over all of it.
        const scope = distinct ? [] : context.leaves.map(({ node }) => node)
        const total = ordered(draw, self, scope, true)
        return above(
          draw,
          home,
          chance(draw, 3) ? firsts(draw, total) : sliced(draw, home, total),
          context,
          distinct,
          depth
        )
      }
    ],
    [pull(closes(home)), () => (distinct ? above(draw, home, self, context, true, depth) : self)]
  ]
  return weigh(draw, steps)()
}

/** Whether what is aimed at asks for groups with keys. */
const isKeyed = (home: Home): boolean =>
  aimsAt(home, "Grouping") || (home.aim?.parent === "Group" && !closes(home))

/** Whether what is aimed at stands above a block that is closed already. */
const closes = (home: Home): boolean =>
  aimsBelow(home, "Distinct", "DistinctOn", "Combine", "Slice", "Filter")

/** A clause above a block that is closed already: the former becomes a subquery, its scope kept. */
const above = (
  draw: Draw,
  home: Home,
  self: Relation,
  context: Context,
  closed: boolean,
  depth: number
): Relation => {
  if (home.without.has("Above") || context.members !== null) return self
  const { fields, shape } = projection(self)!
  const seen: Context =
    closed && context.loose !== true
      ? { ...context, leaves: projectedLeaves(fields, context) }
      : context
  return weigh<() => Relation>(draw, [
    [3 * pull(aimsAt(home, "Filter")), () => R.filter(self, where(draw, seen, depth - 1))],
    [2, () => ordered(draw, self, [pick(draw, fields)], false)],
    [2, () => sliced(draw, home, ordered(draw, self, [], true))],
    [1, () => (self._tag === "Slice" ? sliced(draw, home, self) : self)],
    [1, () => firsts(draw, ordered(draw, self, [], true))],
    [pull(aimsAt(home, "Distinct")), () => R.distinct(self)],
    [1, () => R.project(R.filter(self, where(draw, seen, depth - 1)), fields, shape)],
    [
      pull(aimsAt(home, "Group")),
      () => {
        const made = flatFields(
          draw,
          { ...seen, leaves: [], members: seen },
          fields.map(({ type }) => sortOf(type)),
          depth - 1
        )
        return R.project(R.group(self, []), made.fields, made.shape)
      }
    ],
    [
      2 * pull(aimsAt(home, "Join")),
      () => {
        const joined = joinedOnto(draw, home, self, seen, depth)
        return R.project(
          joined.relation,
          fields.map((field) =>
            // A window's order is total over what was in scope, and not over what is joined to it.
            pick(draw, [!windows(field), false])
              ? field
              : scalar(draw, { ...seen, leaves: joined.leaves }, sortOf(field.type), 1)
          ),
          shape
        )
      }
    ]
  ])()
}

const projectedLeaves = (fields: ReadonlyArray<Scalar>, { leaves }: Context): ReadonlyArray<Leaf> =>
  leaves.filter(({ node }) => fields.some((field) => field.key === node.key))

export const combined = (
  draw: Draw,
  home: Home,
  outer: ReadonlyArray<Leaf>,
  asked: Asked,
  depth: number
): Relation => {
  const want = asked.want ?? many(draw, "sort", 1, 2, () => anySort(draw, home))
  const op = pick(draw, [
    "unionAll",
    "union",
    "intersect",
    "except",
    "intersectAll",
    "exceptAll"
  ] as const)
  const parts = many(draw, "part", 2, 3, () => query(draw, home, outer, want, depth - 1))
  const self = R.combine(op, parts)
  const context: Context = { home, outer, leaves: [], members: null }
  return draw.span("tail", () => finished(draw, home, self, context, depth))
}

/** A list of rows, mixed with NULLs. */
export const listed = (draw: Draw, home: Home, asked: Asked): Relation => {
  const want = asked.want ?? many(draw, "sort", 1, 2, () => anySort(draw, home))
  const types = want.map((sort) => typeOf[sort])
  const cells = many(draw, "row", 0, 3, () =>
    want.map((sort) => S.bound(chance(draw, 4) ? null : valueOf(draw, sort), typeOf[sort]))
  ).flat()
  const fields = types.map((type) => S.constant(null, type))
  return R.values({ fields, shape: flatShape(want.length) }, cells)
}

/** A query of the asked columns, or of any. */
export const query = (
  draw: Draw,
  home: Home,
  outer: ReadonlyArray<Leaf>,
  want: ReadonlyArray<Sort> | null,
  depth: number
): Relation =>
  draw.span("query", () => {
    const asked: Asked = { want, group: "any" }
    // What is wished for is now and then not in FROM, but the query itself.
    if (home.wish === "values" && !home.without.has("Values") && chance(draw, 2)) {
      home.wish = null
      return listed(draw, home, asked)
    }
    if (home.wish === "set operation" && chance(draw, 2)) {
      home.wish = null
      return combined(draw, home, outer, asked, Math.max(depth, 1))
    }
    if (!home.without.has("Values") && rather(draw, aimsAt(home, "Values"), 16))
      return listed(draw, home, asked)
    return depth > 0 && rather(draw, aimsAt(home, "Combine"), 7)
      ? combined(draw, home, outer, asked, depth)
      : block(draw, home, outer, asked, depth)
  })

/** A query of one column and at most one row. */
export const singleRow = (
  draw: Draw,
  home: Home,
  outer: ReadonlyArray<Leaf>,
  sort: Sort,
  depth: number
): Relation =>
  draw.span("query", () => {
    if (home.wish === "set operation" && chance(draw, 2)) {
      home.wish = null
      const op = pick(draw, ["unionAll", "union", "except", "intersect"] as const)
      const arms = many(draw, "part", 2, 3, () => query(draw, home, outer, [sort], depth - 1))
      return R.slice(ordered(draw, R.combine(op, arms), [], true), S.bound(1, T.integer), null)
    }
    const { context, relation } = opened(draw, home, outer, depth - 1)
    if (chance(draw, 2)) {
      const group = grouped(draw, { relation, context }, false, depth - 1)
      const made = flatFields(draw, inFields(group.context), [sort], depth - 1)
      return R.project(group.relation, made.fields, made.shape)
    }
    const made = flatFields(draw, inFields(context), [sort], depth - 1)
    const projected = R.project(relation, made.fields, made.shape)
    return R.slice(ordered(draw, projected, [], true), S.bound(1, T.integer), null)
  })

/** A query of one global group: exactly one row. */
export const oneGroup = (
  draw: Draw,
  home: Home,
  outer: ReadonlyArray<Leaf>,
  depth: number
): Relation =>
  draw.span("query", () => {
    const { context, relation } = opened(draw, home, outer, depth)
    const above: Context = { ...context, leaves: [], members: context }
    const made = fieldsOf(draw, above, depth)
    return R.project(R.group(relation, []), made.fields, made.shape)
  })
