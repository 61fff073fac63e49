import type {
  CustomRelation,
  Filter,
  Group,
  Order,
  Project,
  Relation,
  Sample,
  Slice
} from "../../../algebra/Relation.ts"
import { windows } from "../../../algebra/block.ts"
import { constant, type Scalar } from "../../../algebra/Scalar.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { Context } from "../../Program.ts"
import { type From, labelsOf, type Query, type Sort, type Term } from "../../Placed.ts"
import { settledWhereAbsent } from "./absentRows.ts"
import { leavesTwins, toldApart } from "./distinctRows.ts"
import {
  type Draft,
  draftOf,
  type Field,
  isBare,
  isSettled,
  isSliced,
  isUngrouped,
  isWindowed,
  once
} from "./Draft.ts"
import { placeAggregate } from "./aggregateOrder.ts"
import { combiner } from "./combine.ts"
import { finisher } from "./finish.ts"
import { joiner } from "./joins.ts"
import type { Finisher } from "./Finisher.ts"
import { firstRows, isOneGroup, type Sorted } from "./firstRows.ts"
import { groupKeys } from "./groupKeys.ts"
import { checkSets, flag, keyAsked } from "./groupings.ts"
import { draws, grouping, keysDetermine, saidAgain, saidBeside } from "./keys.ts"
import { mistakesHaving } from "./having.ts"
import { someRow } from "./oneGroup.ts"
import { hintedDraft } from "./hints.ts"
import { lockedDraft } from "./locks.ts"
import { recursionPlacer } from "./recursions.ts"
import { isSteady } from "./repeatable.ts"
import { keySayer, runsOf } from "./keySayer.ts"
import { sourceScope } from "./sides.ts"
import type { Said } from "./saidInside.ts"
import { emptyScope, isSame, type Scope } from "./Scope.ts"
import { isDrawnAlone, placesNulls, selectedTerm } from "./sortLabels.ts"
import {
  type Offered,
  presentColumn,
  projectionOf,
  queryVisible,
  tableVisible,
  unsayable
} from "./sources.ts"
import { aggregates, asksMembership, isValue } from "./contents.ts"
import { apart, dies } from "./deadlyKeys.ts"
import { one, operator } from "./operator.ts"
import { checkAggregate, freeReferencesOf } from "./references.ts"
import { type PlaceTerm, termPlacer } from "./terms.ts"
import { asKey, varies } from "./varying.ts"
import { underDeclared } from "../../textColumns.ts"
import { countOf } from "./countOf.ts"
import { belowWindows, keysFirst, windowColumns } from "./windowColumns.ts"
import { functionDraft, functionRows } from "./tableFunctions.ts"
import { someValue } from "./someValue.ts"
import { valuesDraft } from "./values.ts"

/** Places whole queries and single expressions of one statement. */
export interface Placer {
  readonly query: (query: Relation, outer: Scope | null, rows: "row" | "any") => Query
  readonly term: PlaceTerm
  /** The query and what it offers to those who read it by name. */
  readonly offered: (
    query: Relation,
    outer: Scope | null
  ) => { readonly query: Query; readonly offered: Offered }
  /** What stands beside the table of a command. */
  readonly beside: (relation: Relation) => { readonly from: From; readonly scope: Scope }
  readonly finish: Finisher
  /** Common table expressions as often as they were placed. */
  readonly used: ReadonlyArray<object>
}

/**
 * Turns relations into SELECT blocks: each node extends the block below it where SQL evaluates its
 * clause later, and else makes that block a derived table.
 *
 * **Laws** L2: placing keeps the meaning; L28: generated aliases meet no alias of the statement.
 */
export const placer = (
  context: Context,
  /** Common table expressions said before the statement, and those written where they are used. */
  named: Map<string, Offered>,
  inlined: ReadonlyMap<string, Relation>,
  freshAlias: () => string,
  said: Said
): Placer => {
  const query = (relation: Relation, outer: Scope | null, rows: "row" | "any"): Query =>
    finish.query(build(relation, outer), rows)
  const onMariadb = context.capabilities.dialect === "mariadb"
  const onSqlite = context.capabilities.dialect === "sqlite"
  const term = termPlacer(context, query, () => finish)
  const finish = finisher(context, term, freshAlias)

  const keyed = groupKeys({ context, nest: finish.nest, said, term })

  const used: Array<object> = []
  // What few statements need is made where it is asked for.
  const first = () => firstRows(context, finish)
  const join = joiner(context, {
    build: (node, outer) => build(node, outer),
    term,
    finish,
    named
  })

  const build = (node: Relation, outer: Scope | null): Draft => {
    switch (node._tag) {
      case "Unit":
        return draftOf(null, emptyScope(outer))
      case "Table": {
        const from: Extract<From, { _tag: "TableFrom" }> & { flag: string | null } = {
          _tag: "TableFrom",
          source: node.source,
          alias: node.alias,
          only: node.only,
          indexes: [],
          sample: null,
          flag: null
        }
        const visible = tableVisible(node.source, node.alias, () => {
          ;(from as { flag: string | null }).flag = presentColumn
        })
        return draftOf(from, sourceScope(node.alias, visible, outer))
      }
      case "Cte": {
        const inline = node.source._tag === "CteSource" ? inlined.get(node.source.name) : undefined
        if (inline !== undefined)
          return derived(node.alias, inline, outer, inline._tag === "Recursion" && node.source.name)
        if (node.source._tag === "CteSource") used.push(node.source)
        return draftOf(
          { _tag: "CteFrom", name: node.source.name, alias: node.alias },
          sourceScope(node.alias, queryVisible(node.alias, named.get(node.source.name)!), outer)
        )
      }
      case "Derived":
        return node.self._tag === "TableFunction"
          ? functionDraft(node.alias, node.self, outer, { context, term })
          : derived(node.alias, node.self, outer)
      case "TableFunction":
        return functionRows(node, outer, { context, finish, term })
      case "Join":
        return join(node, outer)
      case "Filter":
        return filtered(node, build(node.self, outer), outer)
      case "Group":
        return group(node, build(node.self, outer), outer)
      case "Project":
        return project(node, build(node.self, outer), outer)
      case "Distinct":
        return distinct(build(node.self, outer), outer)
      case "DistinctOn":
        return first().distinctOn(node, { build, sorted }, outer)
      case "Order":
        return order(node, build(node.self, outer), outer)
      case "Slice":
        return slice(node, build(node.self, outer), outer)
      case "Combine":
        return combiner(context, finish, build)(node, outer)
      case "Recursion":
        return recursionPlacer(context, build, finish, named)(node)
      case "Hint":
        return hintedDraft(node.hint, build(node.self, outer))
      case "Lock":
        return lockedDraft(node, build(node.self, outer), context)
      case "Values":
        return valuesDraft(node, outer, { context, finish, term })
      case "Sample":
        return sampled(node, outer)
      case "CustomRelation":
        return custom(node, outer)
    }
  }

  /**
   * MariaDB 10.11 counts the rows before DISTINCT against an OFFSET where all that is selected is
   * constant to it: a value of a derived table, a column of the one row a key names. Of such rows
   * it gives each as a tie of the last one, too.
   */
  const miscounts = (node: Slice, below: Draft, ties: boolean): boolean =>
    onMariadb && below.distinct && !isSliced(below) && (node.offset !== null || ties)

  /**
   * MariaDB 10.11 forgets HAVING in a query without FROM beside a window, and PostgreSQL has no
   * GROUPING in a window's FILTER. SQLite 3.53 pushes a WHERE without columns into a derived table
   * that is one group, and forgets that it is where only a PARTITION BY or HAVING says so.
   */
  const mistakesGroups = ({ group, sets }: Draft): boolean =>
    group !== null && (onMariadb || sets !== null || (onSqlite && group.length === 0))

  /** A derived table; of a recursion, under the name its step reads. */
  const derived = (
    alias: string,
    self: Relation,
    outer: Scope | null,
    name: string | false = false
  ): Draft => {
    const { offered: columns, query } = offered(self, outer)
    return draftOf(
      name === false
        ? { _tag: "QueryFrom", query, alias }
        : { _tag: "RecursionFrom", name, query, alias },
      sourceScope(alias, queryVisible(alias, columns), outer)
    )
  }

  const offered: Placer["offered"] = (relation, outer) => {
    const own = query(relation, outer, "row")
    // To a user's text no column can be added, and somebody may ask whether a row is there.
    const placed = own._tag === "CustomQuery" && own.node.replaces ? finish.wrap(own) : own
    // No recursion can be cut, and no condition is pushed into one.
    if (relation._tag !== "Recursion") finish.keepKeys(placed)
    const { fields, shape } = projectionOf(relation)
    const flag = once(() => finish.flag(placed))
    const settle = (): void => finish.settle(placed)
    return {
      query: placed,
      offered: {
        shape,
        labels: labelsOf(placed),
        types: fields.map((field) => field.type),
        flag,
        settle,
        absent: onMariadb ? settledWhereAbsent(placed, settle) : undefined,
        query: placed
      }
    }
  }

  const distinct = (below: Draft, outer: Scope | null): Draft => {
    const draft =
      isSliced(below) || below.core._tag === "CustomQuery" ? finish.nest(below, outer) : below
    if (draft.fields === null) return refuse("distinct() of a query that selects nothing")
    // Without a slice the order below means nothing here, and with DISTINCT it may be
    // unsayable.
    const unordered = { ...draft, order: [] }
    if (draft.core._tag === "Block") {
      // Of rows that are all alike one is left; MariaDB forgets to count it against an OFFSET.
      const alike = !draft.fields.some((field) => varies(field.term()))
      if (alike) return { ...unordered, limit: one(), scope: finish.closed(draft, outer) }
      const rows = onMariadb && leavesTwins(draft) ? finish.nest(unordered, outer) : unordered
      const fields = onMariadb ? rows.fields!.map(toldApart) : rows.fields
      return { ...rows, fields, distinct: true }
    }
    const already = draft.core._tag === "Compound" && !draft.core.op.endsWith("All")
    return already ? unordered : { ...finish.nest(unordered, outer), distinct: true }
  }

  /** A condition on the table's rows may come after: each row is chosen by itself. */
  const sampled = (node: Sample, outer: Scope | null): Draft => {
    if (!context.capabilities.tableSample) context.refuse("tableSample", "TABLESAMPLE")
    const draft = build(node.self, outer)
    const { from } = draft
    if (from?._tag !== "TableFrom") return refuse("sample: only a base table has samples")
    const count = (one: Scalar): Term => term(one, emptyScope(null))
    const seed = node.seed === null ? null : count(node.seed)
    const { method, percent } = node
    ;(from as { sample: typeof from.sample }).sample = { method, percent: count(percent), seed }
    return draft
  }

  const filtered = (node: Filter, below: Draft, outer: Scope | null): Draft => {
    const nests =
      isSettled(below) ||
      isSliced(below) ||
      isWindowed(below) ||
      (onMariadb && mistakesHaving(below, node.predicate)) ||
      asksOfGroup(below, [node.predicate])
    const draft = nests ? finish.nest(below, outer) : below
    const predicate = term(node.predicate, draft.scope)
    return draft.group === null
      ? { ...draft, where: [...draft.where, predicate] }
      : { ...draft, having: [...draft.having, predicate] }
  }

  const group = (node: Group, below: Draft, outer: Scope | null): Draft => {
    const open = isUngrouped(below) ? below : finish.nest(below, outer)
    const { sets } = node
    if (sets !== null) checkSets(node.keys)
    const { draft, keys, found, asked } = keyed(node, askedFirst(open), open, outer)
    const inner = draft.scope
    const isLeftOut = (index: number): boolean =>
      sets !== null && !sets.some((set) => set.includes(index))
    const asUnion = sets !== null && !context.capabilities.groupingSets
    const checkRepeated = (repeats: boolean): void => {
      if (asUnion && !repeats)
        context.refuse("groupingSets", "grouping sets over what may answer twice differently")
    }
    // A constant key says "one group if there is a row"; printed it could be a column's number.
    const spoken = sets === null ? keys.filter(varies) : [...keys]
    const has = (part: Scalar): boolean | null => {
      if (part._tag === "Ref" || part._tag === "Presence") {
        if (inner.visible(part.alias, part) === null || keysDetermine(node.keys, part)) return true
        return node.keys.some((key) => key.key === part.key)
      }
      if (part._tag === "Aggregate" || part._tag === "Grouping") return true
      return node.keys.some((key) => key.binds.length === 0 && key.key === part.key) ? true : null
    }
    const same = (one: Scalar, other: Scalar): boolean => isSame(one, other, context)
    const saysKey = keySayer(node, found, has, same)
    const keySaid = (index: number): Term => {
      const at = node.keys[index]!
      if (isLeftOut(index)) return operator(constant(null, at.type), {})
      return onMariadb ? saidBeside(keys[index]!, at) : saidAgain(keys[index]!)
    }
    const scope: Scope = {
      known: (one) => saysKey(one, keySaid),
      runs: runsOf(node.keys, same),
      visible: (alias, reference) => {
        const visible = inner.visible(alias, reference)
        if (visible === null) return null
        if (sets !== null) return unsayable("is no key of the grouping sets")
        if (!keysDetermine(node.keys, reference))
          return unsayable("is neither grouped nor inside an aggregate")
        return grouping(visible, spoken, context.capabilities.groupsByKey)
      },
      aggregate: (one) => {
        if (one._tag === "Grouping") {
          const index = keyAsked(one, node.keys)
          if (sets === null || isLeftOut(index)) return flag(sets === null ? 0 : 1)
          return operator(one, { self: keys[index]! })
        }
        checkRepeated(!draws(one))
        checkAggregate(one, inner)
        const placed = placeAggregate(one, (kid) => asked.get(kid)?.() ?? term(kid, inner))
        return onMariadb && outer !== null ? someValue(placed) : placed
      },
      outer
    }
    const having = keys.length > 0 && spoken.length === 0 ? [someRow()] : []
    const grouped: Draft = {
      ...draft,
      group: spoken,
      sets,
      having,
      order: [],
      fields: null,
      shape: null,
      scope
    }
    if (sets === null || !asUnion) return grouped
    checkRepeated(isSteady(node.self))
    return finish.groupings(grouped, node.keys, keys, sets, outer, saysKey)
  }

  /**
   * What aggregates ask of queries becomes a column of a derived table first: MariaDB 10.11 calls
   * an aggregate of a query that reads a grouped one an invalid use of a group function.
   */
  const askedFirst = ({ scope }: Draft): ReadonlyArray<Scalar> =>
    !onMariadb
      ? []
      : said.aggregated().filter((node) => {
          const free = freeReferencesOf(node)
          return free.length === 0 || free.some((one) => scope.visible(one.alias, one) !== null)
        })

  /**
   * MariaDB 10.11 takes `min(x) IN (SELECT …)` of a group of no rows for FALSE, and of one with a
   * constant key too; without keys, whatever stands on the left. A query around the group asks.
   */
  const asksOfGroup = ({ group }: Draft, nodes: ReadonlyArray<Scalar>): boolean =>
    onMariadb &&
    group !== null &&
    nodes.some((node) =>
      asksMembership(node, group.length === 0 ? (self) => !isValue(self) : aggregates)
    )

  const project = (node: Project, below: Draft, outer: Scope | null): Draft => {
    const around = node.fields.some(windows) && (isSliced(below) || mistakesGroups(below))
    const nests = isSettled(below) || around || asksOfGroup(below, node.fields)
    const alone = nests ? finish.nest(below, outer) : below
    const draft =
      onMariadb && node.fields.some(windows)
        ? belowWindows(
            node.fields,
            { ...alone, fields: null, shape: null },
            outer,
            term,
            finish.nest
          )
        : alone
    const fields = node.fields.map((field): Field => ({
      node: field,
      term: once(() => term(field, draft.scope)),
      combined: false
    }))
    return { ...draft, fields, shape: node.shape }
  }

  const order = (node: Order, below: Draft, outer: Scope | null): Draft =>
    sorted(node, below, outer, 0).draft

  const sorted = (node: Order, below: Draft, outer: Scope | null, leading: number): Sorted => {
    // SQLite 3.53 loses the label of a set operation's column that is a constant of an outer query.
    const loses = onSqlite && outer !== null && below.core._tag === "Compound"
    const projected =
      isSettled(below) &&
      !loses &&
      below.core._tag !== "CustomQuery" &&
      !isSliced(below) &&
      node.keys.every(
        (key, i) =>
          finish.labelOf(below, key) !== null &&
          placesNulls(node.directions[i]!, context.capabilities)
      )
    const nests =
      isSliced(below) ||
      (isSettled(below) && !projected) ||
      (node.keys.some(windows) && mistakesGroups(below)) ||
      asksOfGroup(below, node.keys)
    const alone = nests ? finish.nest(below, outer) : below
    // What reads a query outside is no column of a derived table: see `apart`.
    const moved = outer === null ? node.keys : []
    const keyed =
      onMariadb && !projected ? keysFirst(moved, node.keys, alone, outer, term, finish.nest) : alone
    // MariaDB 10.11 refuses a window in the ORDER BY of some queries, and never a column of one.
    const draft =
      onMariadb && !projected && node.keys.some(windows)
        ? windowColumns(node.keys, keyed, outer, term, finish.nest)
        : keyed
    const place = (key: Scalar): Term =>
      projected
        ? finish.labelOf(draft, key)!()
        : // Only here a plain value may stand for the column it is projected as.
          ((isValue(key) ? draft.scope.known?.(key) : null) ??
          selectedTerm(draft, key) ??
          term(key, draft.scope))
    const keyTerm = (key: Scalar): Term => {
      if (isDrawnAlone(key, draft.fields)) return place(key)
      const said = asKey(place(key))
      const isName = said._tag === "Label" || said._tag === "Column"
      // Of a query of one value no more than that may be left.
      const isPlain = isName || !varies(said)
      return onMariadb && !isPlain && dies(key, draft.scope) ? apart(said) : said
    }
    const sorts = node.keys.map((key, i): Sort => {
      return { term: keyTerm(key), direction: node.directions[i]! }
    })
    // Ordering by a constant orders nothing, and printed it could be a column's number.
    const isSaid = (sort: Sort): boolean => varies(sort.term)
    return {
      draft: { ...draft, order: sorts.filter(isSaid) },
      leading: sorts.slice(0, leading).filter(isSaid).length
    }
  }

  const slice = (node: Slice, below: Draft, outer: Scope | null): Draft => {
    const count = (one: Scalar | null): Term | null => one && term(one, emptyScope(null))
    const [limit, offset] = [count(node.limit), count(node.offset)]
    if (node.percent) return first().withinShare(below, limit!, node.ties, outer)
    const ties = node.ties && !isOneGroup(below)
    if (ties && limit !== null && !first().tiesNatively(below))
      return first().withTies(below, { limit, offset }, outer)
    const draft = miscounts(node, below, ties)
      ? orderedAgain(node.self, finish.nest({ ...below, order: [] }, outer), outer)
      : below.limit !== null || below.offset !== null
        ? finish.nestSorted(below, outer)
        : below.core._tag === "CustomQuery"
          ? finish.nest(below, outer)
          : below
    // What is alike in every row is no sort key any more, and then all of them tie.
    if (ties && limit !== null && draft.order.length === 0)
      return first().withTies(draft, { limit, offset }, outer)
    const said = (one: Scalar | null): Term | null => one && countOf(one, term, context)
    return { ...draft, limit: said(node.limit), offset: said(node.offset), ties }
  }

  /** The order of a relation said over its rows as a derived table, which has none. */
  const orderedAgain = (node: Relation, rows: Draft, outer: Scope | null): Draft =>
    node._tag === "Order"
      ? order(node, rows, outer)
      : node._tag === "Hint"
        ? orderedAgain(node.self, rows, outer)
        : rows

  const custom = (node: CustomRelation, outer: Scope | null): Draft => {
    const below = build(node.self, outer)
    if (node.print[context.capabilities.dialect] === null)
      context.refuse(node.name, `the user's query node ${node.name}`)
    const args = node.args.map((arg) => term(arg, below.scope))
    return settled(
      { _tag: "CustomQuery", node, self: underDeclared(finish.query(below, "row"), node), args },
      below,
      outer
    )
  }

  const settled = (core: Draft["core"], first: Draft, outer: Scope | null): Draft => ({
    ...draftOf(null, emptyScope(outer)),
    core,
    fields: first.fields,
    shape: first.shape
  })

  const beside: Placer["beside"] = (relation) => {
    const draft = build(relation, null)
    const stays = isBare(draft) && draft.from !== null && draft.outward.length === 0
    const { from, scope } = stays ? draft : finish.nest(draft, null)
    return { from: from!, scope }
  }

  return { query, term, offered, beside, finish, used }
}
