import * as Schema from "effect/Schema"
import { Column, Expr, Fn, Query, sql, Table, Type } from "athanor"

export const people = Table.make("people", {
  id: Column.id(),
  name: Column.varchar(50).unique(),
  bossId: Column.integer().nullable(),
  flags: Column.integer()
})
export const notes = Table.make("notes", {
  id: Column.id(),
  personId: Column.integer(),
  stars: Column.integer(),
  seen: Column.boolean().nullable(),
  at: Column.timestamp().nullable()
})

/** One way of saying something, and the words by which a server says it itself. */
export interface Construct {
  readonly name: string
  readonly statement: Query.Statement<any, any>
  /** Where the text of a dialect has these, the server does it; else it is said by others. */
  readonly words: RegExp
  /** The rows it gives of the tests' own, where only the server knows what it means. */
  readonly gives?: ReadonlyArray<unknown> | "drawn"
}

const shape = Schema.Struct({ at: Schema.Number })
const document = Type.json(shape)
const { bossId, flags, id, name } = people.c
const { personId, stars } = notes.c
const mine = personId.eq(id)
const all = Query.from(people)
const every = Query.from(notes)
const theirs = every.correlate(people).where(mine)

const ids = all.select({ id })
const persons = every.select({ id: personId })
const latest = theirs.select({ stars: Fn.max(stars) }).as("latest")
const some = theirs.select({ stars }).as("some")
const cte = ids.cte("listed")
const kept = all.select({ id }).cte("kept", { materialized: true })
const tree = Query.recursive("tree", all.where(bossId.isNull()).select({ id }), (above) =>
  all.join(above, above.c.id.eq(bossId)).select({ id })
)
const over = { partitionBy: [personId], orderBy: [stars, notes.c.id] }
const framed = (frame: Query.FrameSpec) => Fn.sum(stars).over({ ...over, frame })
const ann = { name: "Ann", flags: 1 }
const upsert = Query.insert(people).values(ann).onConflict(name)
const updated = Query.update(notes).set({ stars: 1 }).where(stars.eq(0))
const removed = Query.deleteFrom(notes).where(stars.eq(0))

const digit = Query.series(1, 9, 2).as("digit")
const fed = Query.series(0, flags).as("fed")
const listed = Expr.value([{ at: 7 }, { at: 8 }], Type.json(Schema.Array(shape)))
const element = Query.elements(listed, { at: Type.integer }).as("element")
const placed = Query.elements(listed, { at: Type.integer }).withOrdinality().as("placed")
const entry = Query.entries(Expr.value({ at: 7 }, document), Type.integer).as("entry")
const item = Query.unnest(Expr.value([1, 2], Type.array(Type.integer))).as("item")
const jsonTexts = { sqlite: "json_each", postgres: "jsonb_array_elements_text" }
const texts = (...values: ReadonlyArray<string>) => [
  Expr.value(values, Type.json(Schema.Array(Schema.String)))
]
const called = Query.call(jsonTexts, Type.text, texts("a", "b")).as("called")
const numbered = Query.call(jsonTexts, Type.text, texts("a")).withOrdinality().as("numbered")
const declared = Query.call(
  "jsonb_to_recordset",
  { at: Type.integer },
  [Expr.value([{ at: 7 }], Type.json(Schema.Unknown))],
  { declare: true }
).as("declared")

const value = (said: Parameters<typeof all.select>[0]) => all.select(said)
const where = (said: Parameters<typeof all.where>[0]) => all.where(said).select(id)
const note = (said: Parameters<typeof every.select>[0]) => every.select(said)
const from = (construct: Omit<Construct, "name">, named: string): Construct => ({
  ...construct,
  name: named
})
const is = (
  statement: Query.Statement<any, any>,
  words: RegExp,
  gives?: NonNullable<Construct["gives"]>
): Omit<Construct, "name"> => ({ statement, words, ...(gives === undefined ? {} : { gives }) })
const dan = { name: "Dan", flags: 1 }

const families = {
  "Conditions and values": {
    "Compare: =, <>, <, <=, >, >=": is(where(id.eq(1)), /=/),
    "Compare: same, NULL as a value": is(where(bossId.same(1)), /IS NOT DISTINCT FROM|<=>| IS \?/),
    "And, Or, Not": is(where(Expr.or(id.eq(1), Expr.and(id.gt(2), id.lt(9)))), / OR /),
    IsNull: is(where(bossId.isNull()), /IS NULL/),
    "Not of what may be NULL": is(where(bossId.eq(1).isNotTrue()), /IS NOT (TRUE|1)/),
    "Arith: + - *": is(value({ n: id.add(1).mul(2).sub(3) }), /\*/),
    "Arith: true division": is(value({ n: id.div(2) }), /\//),
    "Arith: integer division": is(value({ n: id.quot(2) }), /DIV| \/ /),
    "Arith: remainder": is(value({ n: id.rem(2) }), /%/),
    Negate: is(value({ n: id.neg() }), /-/),
    "bits: and, or": is(value({ n: Fn.bitAnd(flags, 1) }), /&/),
    "bits: xor": is(value({ n: Fn.bitXor(flags, 1) }), /#|\^/),
    Like: is(where(name.like("A%")), /LIKE/),
    "Like, whatever the case": is(where(name.ilike("a%")), /ILIKE/),
    InList: is(where(id.in([1, 2])), /IN \(|ANY/),
    InQuery: is(where(id.in(persons)), /IN \(SELECT/),
    "InQuery by ANY": is(where(id.gt(Expr.any(persons))), /ANY \(/),
    "InQuery by ALL": is(where(id.gte(Expr.all(persons))), /ALL \(/),
    Tuple: is(where(Expr.tuple(id, flags).gt([1, 2])), /\(people.id, people.flags\)/),
    "Tuple in a list": is(where(Expr.tuple(id, flags).in([[1, 2]])), /\(people.id, people.flags\)/),
    Between: is(where(id.between(1, 3)), /BETWEEN/),
    "Between symmetric": is(where(id.between(3, 1, { symmetric: true })), /SYMMETRIC/),
    Case: is(value({ n: Expr.when(id.eq(1), "one").else("more") }), /CASE WHEN/),
    Cast: is(value({ n: id.cast(Type.text) }), /CAST/),
    "Cast, NULL where it fails": is(value({ n: Fn.tryCast(name, Type.integer) }), /TRY_CAST/),
    "Call: coalesce": is(value({ n: bossId.coalesce(0) }), /coalesce/),
    "Call: concat": is(value({ n: name.concat("!") }), /\|\||concat/),
    Raw: is(value({ n: sql(Type.integer)`${id} + 1` }), /\+/, [{ n: 2 }, { n: 3 }, { n: 4 }]),
    "CustomScalar: a function": is(value({ n: Expr.call("abs", Type.integer, id) }), /abs/, [
      { n: 1 },
      { n: 2 },
      { n: 3 }
    ]),
    "CustomScalar: a regular expression": is(where(Fn.matches(name, "^A")), /~|REGEXP|regexp/, [1]),
    "Presence: whether an outer join found a row": is(
      all.leftJoin(notes, mine).select({ notes }),
      /SELECT/
    ),
    "Generated: what is drawn when it runs": is(
      value({ n: Expr.computed(() => 1, Type.integer) }),
      /\?|\$1/,
      [{ n: 1 }, { n: 1 }, { n: 1 }]
    ),
    "JsonAt: inside a document": is(
      value({ n: Expr.value({ at: 7 }, document).at("at") }),
      /->|json_extract/i,
      [{ n: 7 }, { n: 7 }, { n: 7 }]
    ),
    "JsonEdit: a document with another value": is(
      value({ n: Fn.jsonSet(Expr.value({ at: 7 }, document), ["at"], 8) }),
      /jsonb?_set/i,
      [{ n: { at: 8 } }, { n: { at: 8 } }, { n: { at: 8 } }]
    ),
    "Named: a parameter": is(where(id.eq(Expr.param("n", Type.integer))), /\?|\$1/),
    "BoundList: a list by name": is(
      where(id.in(Expr.paramList("ids", Type.integer))),
      /ANY|json_each|json_table/i,
      [1, 2]
    )
  },
  "Aggregates and windows": {
    Aggregate: is(note({ n: Fn.count(), s: Fn.sum(stars) }), /count/),
    "Aggregate distinct": is(note({ n: Fn.count(stars).distinct() }), /DISTINCT/),
    "Aggregate filter": is(note({ n: Fn.count().filter(stars.gt(1)) }), /FILTER/),
    "Aggregate: text in an order": is(all.select({ n: Fn.stringAgg(name, ",", id) }), /ORDER BY/),
    "Aggregate: JSON in an order": is(all.select({ n: Fn.jsonAgg(name, id) }), /ORDER BY/, [
      { n: ["Ann", "Bob", "cleo"] }
    ]),
    "Aggregate: JSON by key": is(
      all.select({ n: Fn.jsonObjectAgg(name, id, id) }),
      /json_group_object|jsonb_object_agg|json_quote/,
      [{ n: { Ann: 1, Bob: 2, cleo: 3 } }]
    ),
    "Aggregate: array": is(all.select({ n: Fn.arrayAgg(flags, id) }), /array_agg/),
    "Aggregate: percentile": is(
      note({ n: Fn.percentileDisc(0.5, stars) }),
      /WITHIN GROUP|percentile/
    ),
    "Aggregate: mode": is(note({ n: Fn.mode(stars) }), /mode/),
    Group: is(every.groupBy(personId).select({ personId, n: Fn.count() }), /GROUP BY/),
    "Group: rollup, cube, grouping sets": is(
      every.groupBy(Query.rollup(personId, stars)).select({ personId, n: Fn.count() }),
      /ROLLUP|GROUPING SETS/
    ),
    Grouping: is(
      every.groupBy(Query.rollup(personId)).select({ n: Fn.grouping(personId) }),
      /grouping\(/i
    ),
    Window: is(note({ n: Fn.rowNumber().over(over) }), /OVER/),
    "Window without an order: lag": is(note({ n: Fn.lag(stars).over({}) }), /lag/, "drawn"),
    "Window: the default of lag": is(
      note({ n: Fn.lag(stars, 1, 0).over(over) }),
      /lag\([^)]*,[^)]*,/
    ),
    "Window: rows": is(note({ n: framed({ rows: [{ preceding: 1 }, { following: 1 }] }) }), /ROWS/),
    "Window: range": is(
      note({
        n: Fn.sum(stars).over({
          orderBy: [stars],
          frame: { range: [{ preceding: 1 }, { following: 1 }] }
        })
      }),
      /RANGE/
    ),
    "Window: groups": is(
      note({ n: framed({ groups: [{ preceding: 1 }, { following: 1 }] }) }),
      /GROUPS/
    ),
    "Window: exclude": is(
      note({ n: framed({ rows: [{ preceding: 1 }, { following: 1 }], exclude: "current row" }) }),
      /EXCLUDE/
    )
  },
  "Sources and joins": {
    Table: is(all, /FROM/),
    "Table: its own rows only": is(Query.from(Query.only(people)), /ONLY/),
    Derived: is(Query.from(ids.limit(3).as("d")), /FROM \(SELECT/),
    Cte: is(Query.from(cte), /WITH/),
    "Cte: materialised": is(Query.from(kept), /MATERIALIZED/),
    Recursion: is(Query.from(tree), /WITH RECURSIVE/),
    Values: is(Query.values({ n: Type.integer }, [{ n: 1 }, { n: 2 }]), /VALUES/),
    Sample: is(Query.from(Query.sample(people, 50)), /TABLESAMPLE/, "drawn"),
    "TableFunction: a series": is(Query.from(digit).select(digit.c.value), /generate_series/),
    "TableFunction: elements of a document": is(Query.from(element), /json/),
    "TableFunction: entries of a document": is(Query.from(entry), /json/),
    "TableFunction: elements of an array": is(Query.from(item), /unnest/, [
      { value: 1 },
      { value: 2 }
    ]),
    "TableFunction: a user's": is(Query.from(called), /elements_text|each/, [
      { value: "a" },
      { value: "b" }
    ]),
    "TableFunction: a user's, declared": is(Query.from(declared), /recordset/, [{ at: 7 }]),
    "TableFunction: the place of a row": is(Query.from(placed), /json|ordinality/),
    "TableFunction: the place of a user's row": is(Query.from(numbered), /ORDINALITY/, [
      { value: "a", ordinality: 1 }
    ]),
    "TableFunction joined to its row": is(
      all.joinLateral(fed).select({ id, n: fed.c.value }),
      /generate_series/
    ),
    "Join: inner": is(all.join(notes, mine).select(id), /JOIN/),
    "Join: left": is(all.leftJoin(notes, mine).select(id), /LEFT JOIN/),
    "Join: right": is(all.rightJoin(notes, mine).select(notes.c.id), /RIGHT JOIN/),
    "Join: full": is(all.fullJoin(notes, mine).select({ id, stars }), /FULL JOIN/),
    "Join: cross": is(all.crossJoin(notes).select(id), /CROSS JOIN/),
    "Join: lateral, one row": is(
      all.leftJoinLateral(latest).select({ id, s: latest.c.stars }),
      /LATERAL/
    ),
    "Join: lateral, several rows": is(
      all.leftJoinLateral(some).select({ id, s: some.c.stars }),
      /LATERAL/
    ),
    "CustomRelation: raw SQL as a table": is(
      Query.raw({ n: Type.integer })`SELECT 1 AS n`,
      /SELECT 1/,
      [{ n: 1 }]
    )
  },
  Queries: {
    Filter: is(where(id.gt(1)), /WHERE/),
    Project: is(value({ id, name }), /SELECT/),
    Distinct: is(every.select(stars).distinct(), /DISTINCT/),
    "Distinct on": is(
      every.orderBy(personId, stars).distinctOn(personId).select({ personId, stars }),
      /DISTINCT ON/
    ),
    "Order: the place of NULL": is(
      all.orderBy(bossId.desc().nullsFirst(), id).select(id),
      /NULLS LAST/
    ),
    Slice: is(all.orderBy(id).limit(2).offset(1).select(id), /LIMIT/),
    "Slice by percentage": is(all.orderBy(id).limit(50, { percent: true }).select(id), /PERCENT/),
    "Slice with ties": is(every.orderBy(stars).limit(2, { ties: true }).select(stars), /WITH TIES/),
    "Combine: union": is(ids.union(persons), / UNION /),
    "Combine: union all": is(ids.unionAll(persons), /UNION ALL/),
    "Combine: intersect, except": is(ids.intersect(persons).except(ids), /INTERSECT.*EXCEPT/),
    "Combine: intersect all, except all": is(ids.exceptAll(persons), /EXCEPT ALL/),
    Subquery: is(value({ n: theirs.select(Fn.max(stars)).scalar() }), /\(SELECT/),
    Exists: is(where(theirs.exists()), /EXISTS/),
    "Lock: update": is(all.lock("update").select(id), /FOR UPDATE/),
    "Lock: share": is(all.lock("share").select(id), /SHARE/),
    "Lock: keys alone": is(all.lock("key share").select(id), /FOR KEY SHARE/),
    "Lock: nowait": is(all.lock("update", { wait: "nowait" }).select(id), /NOWAIT/),
    "Lock: skip locked": is(all.lock("update", { wait: "skip locked" }).select(id), /SKIP LOCKED/),
    "Lock: of a table": is(
      all
        .join(notes, mine)
        .lock("update", { of: [people] })
        .select(id),
      /OF people/
    ),
    "Hint: a comment": is(all.select(id).pipe(Query.comment("why")), /\/\* why/)
  },
  Writes: {
    Insert: is(Query.insert(people).values(dan), /INSERT/),
    "Insert: of a query": is(
      Query.insert(notes).fromSelect(all.select({ personId: id, stars: flags })),
      /INSERT INTO notes.*SELECT/
    ),
    "Insert: a row of defaults": is(
      Query.insert(people).values({ ...dan, id: Expr.byDefault() } as never),
      /DEFAULT/
    ),
    "Insert … returning": is(Query.insert(people).values(dan).returning(id), /RETURNING/),
    "Insert: upsert": is(upsert.doUpdate({ flags: 2 }), /ON CONFLICT|ON DUPLICATE/),
    "Insert: nothing on conflict": is(upsert.doNothing(), /DO NOTHING|IGNORE/),
    Update: is(updated, /UPDATE/),
    "Update … returning": is(updated.returning(notes.c.id), /RETURNING/),
    "Update … from": is(
      Query.update(notes).from(people, mine).set({ stars: flags }),
      /UPDATE notes SET.*FROM people|JOIN/
    ),
    "Update: several tables": is(
      Query.update(notes).from(people, mine).set({ stars: 1 }).also(people, { flags: 1 }),
      /SET/
    ),
    "Update: a row of a query": is(
      Query.update(people)
        .setRow(every.where(notes.c.id.eq(1)).select({ bossId: personId, flags: stars }))
        .everyRow(),
      /SET \(/
    ),
    "Update: the first rows": is(
      Query.update(notes).set({ stars: 1 }).everyRow().limit(2, notes.c.id),
      /LIMIT [^)]+$/
    ),
    Delete: is(removed, /DELETE/),
    "Delete … returning": is(removed.returning(notes.c.id), /RETURNING/),
    "Delete … using": is(
      Query.deleteFrom(notes).using(people, mine).where(flags.eq(9)),
      /USING|JOIN/
    ),
    "Delete: several tables": is(
      Query.deleteFrom(notes).using(people, mine).also(people),
      /DELETE/
    ),
    "Delete: an alias": is(
      Query.deleteFrom(Query.alias(notes, "n")).where(Query.alias(notes, "n").c.id.eq(1)),
      /AS n/
    ),
    "Cte: what a write gives back": is(
      Query.insert(notes).fromSelect(
        Query.from(updated.returning({ personId, stars }).cte("changed"))
      ),
      /WITH/
    ),
    Merge: is(
      Query.merge(notes).using(people, mine).whenMatched().doUpdate({ stars: flags }),
      /MERGE/
    ),
    Default: is(Query.update(people).set({ bossId: Expr.byDefault() }).where(id.eq(-1)), /DEFAULT/)
  }
} satisfies Readonly<Record<string, Readonly<Record<string, Omit<Construct, "name">>>>>

/** Every construct, family by family. */
export const constructs: Readonly<Record<string, ReadonlyArray<Construct>>> = Object.fromEntries(
  Object.entries(families).map(([family, members]) => [
    family,
    Object.entries(members).map(([named, one]) => from(one, named))
  ])
)
