/** The pitfalls of flushing, each as a plan that avoids it. */
import * as Result from "effect/Result"
import { describe, expect, test } from "vitest"
import type { Capabilities } from "../../../src/algebra/Dialect.ts"
import type { TableSource } from "../../../src/algebra/Source.ts"
import { boolean } from "../../../src/algebra/types.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import { capabilities } from "../../../src/compile/capabilities.ts"
import * as ConstraintModel from "../../../src/mapping/ConstraintModel.ts"
import { type FlushPlan, statementCount } from "../../../src/mapping/FlushPlan.ts"
import { between, diff, type Edit } from "../../../src/mapping/flush/diff.ts"
import { plan } from "../../../src/mapping/flush/plan.ts"
import { settle } from "../../../src/mapping/flush/settle.ts"
import { known, promised, promisedCell, type Row } from "../../../src/mapping/RowRef.ts"
import * as KnownRows from "../../../src/mapping/KnownRows.ts"
import { Broken, run } from "./simulator.ts"
import { lines, plannedOn, rowsOf } from "./planning.ts"
import { id, nullable, table } from "./tables.ts"

const postgres = capabilities("postgres")
const sqlite = capabilities("sqlite")
const mariadb = capabilities("mariadb")

const node: TableSource = table("nodes", {
  columns: { id, parentId: nullable, slot: {}, mark: nullable },
  foreignKeys: [{ columns: ["parentId"], target: () => node }],
  uniques: [["slot"], ["mark"]]
})
const model = ConstraintModel.make([node])

const row = (key: number, parentId: number | null, slot: number, mark: number | null): Row => ({
  id: key,
  parentId,
  slot,
  mark
})

const planned = (
  before: KnownRows.KnownRows,
  edits: ReadonlyArray<Edit>,
  server: Capabilities = postgres,
  constraints: ConstraintModel.ConstraintModel = model
): FlushPlan => plannedOn(before, edits, server, constraints)

const toState = (before: ReadonlyArray<Row>, after: ReadonlyArray<Row>, server?: Capabilities) =>
  planned(rowsOf(node, before), between(rowsOf(node, before), rowsOf(node, after)), server)

describe("unique values", () => {
  test("a swap of nullable unique values releases one early", () => {
    const one = toState(
      [row(1, null, 1, 1), row(2, null, 2, 2)],
      [row(1, null, 1, 2), row(2, null, 2, 1)]
    )
    expect(lines(one)).toEqual([
      "1. update nodes (mark), released early: nodes(2)",
      "2. update nodes (mark), one by one: nodes(1), nodes(2)"
    ])
  })

  test("a swap of NOT NULL unique values is unbreakable, and says which", () => {
    const [from, to] = [
      [row(1, null, 1, 1), row(2, null, 2, 2)],
      [row(1, null, 2, 1), row(2, null, 1, 2)]
    ]
    const before = rowsOf(node, from)
    const found = plan(model, postgres, diff(before, between(before, rowsOf(node, to))))
    expect(Result.isFailure(found) && found.failure).toMatchObject({
      _tag: "Unbreakable",
      message:
        "no order of statements satisfies " +
        "nodes -[nodes_slot_key]-> nodes -[nodes_slot_key]-> nodes"
    })
  })

  test("a ring of thousands is said in one line", () => {
    const ids = Array.from({ length: 2_000 }, (_, at) => at + 1)
    const before = rowsOf(
      node,
      ids.map((id) => row(id, null, id, id))
    )
    const after = rowsOf(
      node,
      ids.map((id) => row(id, null, (id % 2_000) + 1, id))
    )
    const found = plan(model, postgres, diff(before, between(before, after)))
    const refused = Result.isFailure(found) ? found.failure : null
    const message = refused?._tag === "Unbreakable" ? refused.message : ""
    expect(message).toMatch(/^no order of statements satisfies nodes .* … \(1992 more\) -> nodes$/)
    expect(message.length).toBeLessThan(400)
  })

  test("u = u + 1 over a unique column runs from the top, one row after the other", () => {
    const from = [1, 2, 3].map((key) => row(key, null, key, null))
    const one = toState(
      from,
      from.map((each) => ({ ...each, slot: (each["slot"] as number) + 1 }))
    )
    expect(lines(one)).toEqual(["1. update nodes (slot), one by one: nodes(3), nodes(2), nodes(1)"])
  })

  test("a value is free before another row takes it: delete, then insert", () => {
    expect(lines(toState([row(1, null, 1, 1)], [row(2, null, 1, 1)]))).toEqual([
      "1. delete nodes: nodes(1)",
      "2. insert nodes (id, parentId, slot, mark): nodes(2)"
    ])
  })
})

describe("rows that refer to rows of their own table", () => {
  const tree = [row(1, 3, 1, null), row(2, 1, 2, null), row(3, null, 3, null)]

  test("one INSERT lists the parent before the child", () => {
    for (const server of [sqlite, postgres, mariadb]) {
      expect(lines(toState([], tree, server))).toEqual([
        "1. insert nodes (id, parentId, slot, mark): nodes(3), nodes(1), nodes(2)"
      ])
    }
  })

  test("parent and child go in one DELETE, but not on MariaDB", () => {
    for (const server of [sqlite, postgres]) {
      expect(lines(toState(tree, [], server))).toEqual([
        "1. delete nodes: nodes(2), nodes(1), nodes(3)"
      ])
    }
    expect(lines(toState(tree, [], mariadb))).toEqual([
      "1. delete nodes: nodes(2)",
      "2. delete nodes: nodes(1)",
      "3. delete nodes: nodes(3)"
    ])
  })

  test("a row that refers to itself comes whole, and is released before MariaDB deletes it", () => {
    const own = [row(1, 1, 1, null)]
    expect(statementCount(toState([], own, mariadb))).toBe(1)
    expect(lines(toState(own, [], postgres))).toEqual(["1. delete nodes: nodes(1)"])
    expect(lines(toState(own, [], mariadb))).toEqual([
      "1. update nodes (parentId), released early: nodes(1)",
      "2. delete nodes: nodes(1)"
    ])
  })

  test("a new row that refers to its own promised key is filled in later", () => {
    const ref = promised(node, 1)
    const one = planned(KnownRows.empty, [
      { _tag: "Put", ref, row: { slot: 1, parentId: promisedCell(ref, "id") } }
    ])
    expect(lines(one)).toEqual([
      "1. insert nodes (parentId, slot, mark), returning id: nodes@1",
      "2. update nodes (parentId), filled in: nodes@1"
    ])
    const { resolved, world } = run({ rows: new Map([[node, []]]), nextKey: 7 }, one, "strict")
    expect(world.rows.get(node)).toEqual([{ id: 7, parentId: 7, slot: 1, mark: null }])
    expect([...settle(KnownRows.empty, one, resolved).values()][0]?.row).toEqual(
      world.rows.get(node)?.[0]
    )
  })
})

test("a ring of NOT NULL foreign keys is refused with the model, not by some later flush", () => {
  const hens: TableSource = table("hens", {
    columns: { id, eggId: {} },
    foreignKeys: [{ columns: ["eggId"], target: () => eggs }]
  })
  const eggs: TableSource = table("eggs", {
    columns: { id, henId: {} },
    foreignKeys: [{ columns: ["henId"], target: () => hens }]
  })
  expect(() => ConstraintModel.make([eggs, hens])).toThrow(
    /NOT NULL form a ring: \w+ -> \w+ -> \w+/
  )
})

describe("versions", () => {
  const doc = table("docs", {
    columns: { id, title: {}, place: nullable, version: { version: "counter" } },
    uniques: [["title"], ["place"]]
  })
  const docs = ConstraintModel.make([doc])
  const at = (key: number, title: number, place: number | null = null): Row => ({
    id: key,
    title,
    place,
    version: 4
  })

  test("are in WHERE and in SET, and expected to match", () => {
    const before = rowsOf(doc, [at(1, 1), at(2, 2)])
    const one = planned(
      before,
      [
        { _tag: "Patch", ref: known(doc, [1]), values: { title: 3 } },
        { _tag: "Remove", ref: known(doc, [2]) }
      ],
      postgres,
      docs
    )
    expect(one.steps).toMatchObject([
      {
        kind: "update",
        columns: ["title", "version"],
        keyColumns: ["id", "version"],
        run: "each",
        expects: 1,
        rows: [{ cells: [3, 5], key: [1, 4] }]
      },
      { kind: "delete", keyColumns: ["id", "version"], run: "each", rows: [{ key: [2, 4] }] }
    ])
    expect(settle(before, one, new Map()).get(known(doc, [1]).id)?.row).toEqual({
      ...at(1, 3),
      version: 5
    })
  })

  test("start at 1 and are counted once, at the first of several writes", () => {
    const before = rowsOf(doc, [at(1, 1, 1), at(2, 2, 2)])
    const one = planned(
      before,
      [
        { _tag: "Patch", ref: known(doc, [1]), values: { place: 2 } },
        { _tag: "Patch", ref: known(doc, [2]), values: { place: 1 } },
        { _tag: "Put", ref: known(doc, [3]), row: { id: 3, title: 3 } }
      ],
      postgres,
      docs
    )
    const versions = one.steps.flatMap(({ columns, rows }) =>
      columns.includes("version")
        ? rows.map(({ cells, ref }) => [ref.id.split(":")[1], cells.at(-1)])
        : []
    )
    expect(versions.toSorted(([a], [b]) => Number(a) - Number(b))).toEqual([
      ["1", 5],
      ["2", 5],
      ["3", 1]
    ])
    const { world } = run(
      { rows: new Map([[doc, [at(1, 1, 1), at(2, 2, 2)]]]), nextKey: 9 },
      one,
      "mariadb"
    )
    expect(
      world.rows.get(doc)?.map((each) => [each["id"], each["place"], each["version"]])
    ).toEqual([
      [1, 2, 5],
      [2, 1, 5],
      [3, null, 1]
    ])
  })

  test("a stale row is found by the number of rows its statement matched", () => {
    const one = planned(
      rowsOf(doc, [at(1, 1)]),
      [{ _tag: "Patch", ref: known(doc, [1]), values: { title: 3 } }],
      postgres,
      docs
    )
    const stale = new Map([[doc, [{ ...at(1, 1), version: 5 }]]])
    expect(() => run({ rows: stale, nextKey: 1 }, one, "strict")).toThrow(
      new Broken("docs: 0 rows of 1")
    )
  })

  test("a change of a row whose version nobody has read is refused", () => {
    const edit: Edit = { _tag: "Patch", ref: known(doc, [1]), values: { title: 3 } }
    expect(() => planned(KnownRows.empty, [edit], postgres, docs)).toThrow(/docs\(1\): its version/)
  })
})

describe("composite and natural keys", () => {
  const rule = (onUpdate: "no action" | "cascade", isNullable: boolean) => {
    const parent = table("parents", { columns: { code: {}, label: {} }, primaryKey: ["code"] })
    const child: TableSource = table("children", {
      columns: { id: {}, code: isNullable ? nullable : {} },
      foreignKeys: [{ columns: ["code"], target: () => parent, onUpdate }]
    })
    const before = KnownRows.make([
      { table: parent, row: { code: 1, label: 7 } },
      { table: child, row: { id: 1, code: 1 } }
    ])
    const edits: ReadonlyArray<Edit> = [
      { _tag: "Patch", ref: known(parent, [1]), values: { code: 2 } }
    ]
    const one = planned(before, edits, postgres, ConstraintModel.make([parent, child]))
    return { before, one, parent, child }
  }

  test("tuples are told apart: (1, 12) is not (11, 2), and 5 is 5n", () => {
    const pair = table("pairs", { columns: { a: {}, b: {} }, primaryKey: ["a", "b"] })
    expect(known(pair, [1, 12]).id).not.toBe(known(pair, [11, 2]).id)
    expect(known(pair, [5, 1]).id).toBe(known(pair, [5n, 1n]).id)
    expect(() => known(pair, [1, null])).toThrow(/holds null/)
    expect(() => known(pair, [1])).toThrow(/has 2 columns, not 1/)
  })

  test("ON UPDATE CASCADE carries a changed key on, and settle knows it", () => {
    const { before, child, one } = rule("cascade", false)
    expect(lines(one)).toEqual(["1. update parents (code): parents(1)"])
    const now = settle(before, one, new Map())
    expect(now.get(known(child, [1]).id)?.row).toEqual({ id: 1, code: 2 })
  })

  test("a key the cascade carries on is the row's own key from then on", () => {
    const parent = table("parents", { columns: { code: {} }, primaryKey: ["code"] })
    const part: TableSource = table("parts", {
      columns: { code: {}, place: {} },
      primaryKey: ["code", "place"],
      foreignKeys: [{ columns: ["code"], target: () => parent, onUpdate: "cascade" }]
    })
    const before = KnownRows.make([
      { table: parent, row: { code: 1 } },
      { table: part, row: { code: 1, place: 7 } }
    ])
    const edit: Edit = { _tag: "Patch", ref: known(parent, [1]), values: { code: 2 } }
    const one = planned(before, [edit], postgres, ConstraintModel.make([parent, part]))
    const now = settle(before, one, new Map())
    expect(now.has(known(part, [1, 7]).id)).toBe(false)
    expect(now.get(known(part, [2, 7]).id)?.row).toEqual({ code: 2, place: 7 })
    expect(now.get(known(part, [2, 7]).id)?.ref).toEqual(known(part, [2, 7]))
  })

  test("who refers to nothing does not follow a key that was null", () => {
    const parent = table("parents", { columns: { id: {}, code: nullable }, uniques: [["code"]] })
    const child: TableSource = table("children", {
      columns: { id: {}, code: nullable },
      foreignKeys: [
        { columns: ["code"], target: () => parent, targetColumns: ["code"], onUpdate: "cascade" }
      ]
    })
    const before = KnownRows.make([
      { table: parent, row: { id: 1, code: null } },
      { table: child, row: { id: 1, code: null } }
    ])
    const edit: Edit = { _tag: "Patch", ref: known(parent, [1]), values: { code: 2 } }
    const one = planned(before, [edit], postgres, ConstraintModel.make([parent, child]))
    const now = settle(before, one, new Map())
    expect(now.get(known(child, [1]).id)?.row).toEqual({ id: 1, code: null })
  })

  test("a nullable referrer is released, the key changed, the referrer filled", () => {
    const { one } = rule("no action", true)
    expect(lines(one)).toEqual([
      "1. update children (code), released early: children(1)",
      "2. update parents (code): parents(1)",
      "3. update children (code): children(1)"
    ])
  })

  test("for a NOT NULL referrer a new row comes, it is repointed, the old row goes", () => {
    const { before, one, parent } = rule("no action", false)
    expect(lines(one)).toEqual([
      "1. insert parents (code, label): parents(2)",
      "2. update children (code): children(1)",
      "3. delete parents: parents(1)"
    ])
    const now = settle(before, one, new Map())
    expect(now.has(known(parent, [1]).id)).toBe(false)
    expect(now.get(known(parent, [2]).id)?.row).toEqual({ code: 2, label: 7 })
  })
})

describe("delete and insert of one key", () => {
  const before = rowsOf(node, [row(1, null, 1, 5)])
  const replace = (isOther: boolean): ReadonlyArray<Edit> => [
    { _tag: "Remove", ref: known(node, [1]) },
    { _tag: "Put", ref: known(node, [1]), row: { id: 1, slot: 2 }, isOther }
  ]

  test("is one update of what differs", () => {
    const one = planned(before, replace(false))
    expect(lines(one)).toEqual(["1. update nodes (slot, mark): nodes(1)"])
  })

  test("stays a delete and an insert where the types differ", () => {
    expect(lines(planned(before, replace(true)))).toEqual([
      "1. delete nodes: nodes(1)",
      "2. insert nodes (id, parentId, slot, mark): nodes(1)"
    ])
  })
})

test("a statement stays within the server's parameters", () => {
  const rows = Array.from({ length: 10 }, (_, index) => row(index, null, index, null))
  const small = { ...postgres, maxParameters: 12 }
  expect(toState([], rows, small).steps.map(({ expects }) => expects)).toEqual([3, 3, 3, 1])
  expect(toState(rows, [], small).steps.map(({ expects }) => expects)).toEqual([10])
})

test("rows are written by table, then key: two flushes lock in one order", () => {
  const leaf: TableSource = table("a_leaves", {
    columns: { id, nodeId: nullable },
    foreignKeys: [{ columns: ["nodeId"], target: () => node }]
  })
  const constraints = ConstraintModel.make([leaf, node])
  const before = KnownRows.make([
    { table: leaf, row: { id: 9, nodeId: null } },
    { table: leaf, row: { id: 10, nodeId: null } },
    { table: node, row: row(2, null, 2, null) },
    { table: node, row: row(11, null, 11, null) }
  ])
  const edits: ReadonlyArray<Edit> = [
    { _tag: "Patch", ref: known(leaf, [10]), values: { nodeId: 2 } },
    { _tag: "Patch", ref: known(node, [11]), values: { mark: 1 } },
    { _tag: "Patch", ref: known(leaf, [9]), values: { nodeId: 11 } },
    { _tag: "Patch", ref: known(node, [2]), values: { mark: 2 } }
  ]
  for (const given of [edits, edits.toReversed()]) {
    expect(lines(planned(before, given, postgres, constraints))).toEqual([
      "1. update nodes (mark), as a list: nodes(2), nodes(11)",
      "2. update a_leaves (nodeId), as a list: a_leaves(9), a_leaves(10)"
    ])
  }
})

test("an update divides in two where that alone breaks a ring, without writing null", () => {
  const from = [row(1, null, 1, null)]
  const one = toState(from, [row(1, 2, 2, null), row(2, null, 1, null)])
  expect(lines(one)).toEqual([
    "1. update nodes (slot): nodes(1)",
    "2. insert nodes (id, parentId, slot, mark): nodes(2)",
    "3. update nodes (parentId): nodes(1)"
  ])
})

test("a column a check constraint reads is never null for a while", () => {
  const checked: TableSource = table("checked", {
    columns: { id, mark: nullable },
    uniques: [["mark"]],
    checks: () => [
      {
        name: "mark_given",
        comment: null,
        only: null,
        predicate: S.not(S.isNull(S.ref("checked", checked, ["mark"], boolean), boolean), boolean)
      }
    ]
  })
  const before = rowsOf(checked, [
    { id: 1, mark: 1 },
    { id: 2, mark: 2 }
  ])
  const after = rowsOf(checked, [
    { id: 1, mark: 2 },
    { id: 2, mark: 1 }
  ])
  const changes = diff(before, between(before, after))
  expect(plan(ConstraintModel.make([checked]), postgres, changes)).toMatchObject({
    failure: { _tag: "Unbreakable" }
  })
})

test("columns may be called as members of objects are", () => {
  const odd = table("odd", {
    columns: { id, constructor: nullable, ["__proto__"]: nullable, toString: {} },
    uniques: [["__proto__"]]
  })
  const oddModel = ConstraintModel.make([odd])
  const cells = (key: number, proto: number | null): Row =>
    Object.fromEntries([
      ["id", key],
      ["constructor", null],
      ["__proto__", proto],
      ["toString", 1]
    ])
  const before = rowsOf(odd, [cells(1, 5), cells(2, 6)])
  const one = planned(
    before,
    [
      { _tag: "Patch", ref: known(odd, [1]), values: cells(1, 6) },
      { _tag: "Patch", ref: known(odd, [2]), values: cells(2, 5) },
      { _tag: "Put", ref: promised(odd, 1), row: Object.fromEntries([["toString", 1]]) }
    ],
    postgres,
    oddModel
  )
  expect(lines(one)).toEqual([
    "1. insert odd (constructor, __proto__, toString), returning id: odd@1",
    "2. update odd (__proto__), released early: odd(2)",
    "3. update odd (__proto__), one by one: odd(1), odd(2)"
  ])
  const now = settle(before, one, new Map([[promised(odd, 1).id, { id: 3 }]]))
  expect([...now.values()].map(({ row: held }) => Object.entries(held).flat().join())).toEqual([
    "id,1,constructor,,__proto__,6,toString,1",
    "id,2,constructor,,__proto__,5,toString,1",
    "constructor,,__proto__,,toString,1,id,3"
  ])
})
