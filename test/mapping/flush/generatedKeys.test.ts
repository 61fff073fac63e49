/** How new rows find the keys the server makes for them. */
import * as Result from "effect/Result"
import { describe, expect, test } from "vitest"
import type { TableSource } from "../../../src/algebra/Source.ts"
import { boolean, double, text } from "../../../src/algebra/types.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import { capabilities } from "../../../src/compile/capabilities.ts"
import * as ConstraintModel from "../../../src/mapping/ConstraintModel.ts"
import { statements } from "../../../src/mapping/FlushPlan.ts"
import { diff, type Edit } from "../../../src/mapping/flush/diff.ts"
import { plan } from "../../../src/mapping/flush/plan.ts"
import { settle } from "../../../src/mapping/flush/settle.ts"
import { absorb } from "../../../src/mapping/flush/toCommand.ts"
import { promised, promisedCell } from "../../../src/mapping/RowRef.ts"
import * as KnownRows from "../../../src/mapping/KnownRows.ts"
import { lines, plannedOn as planned } from "./planning.ts"
import { id, nullable, table } from "./tables.ts"

const postgres = capabilities("postgres")
const mysql = capabilities("mysql")

const node: TableSource = table("nodes", {
  columns: { id, parentId: nullable, slot: {}, mark: nullable },
  foreignKeys: [{ columns: ["parentId"], target: () => node }],
  uniques: [["slot"], ["mark"]]
})
const model = ConstraintModel.make([node])
const event = table("events", {
  columns: {
    id,
    at: { type: double },
    note: nullable,
    seen: { serverDefault: S.constant(0, boolean) }
  }
})
const events = ConstraintModel.make([event])
const moment = table("moments", { columns: { id, at: { type: double } } })
const pair = table("pairs", { columns: { id, note: nullable } })

const newEvents: ReadonlyArray<Edit> = [1, 2, 3].map((key) => ({
  _tag: "Put",
  ref: promised(event, key),
  row: { at: key / 2 }
}))

describe("generated keys", () => {
  const slots: ReadonlyArray<Edit> = [1, 2].map((key) => ({
    _tag: "Put",
    ref: promised(node, key),
    row: { slot: key, parentId: null, mark: null }
  }))

  test("rows of one INSERT are matched by unique columns the client knows", () => {
    expect(planned(KnownRows.empty, slots, postgres, model).steps).toMatchObject([
      { run: "together", returns: ["id"], matching: { _tag: "columns", columns: ["slot"] } }
    ])
  })

  test("rows that differ in what is told apart exactly go together, their twins apart", () => {
    const noted = newEvents.map((edit, i) => ({
      ...edit,
      row: { at: i / 2, note: i === 0 ? 1 : 2 }
    })) as ReadonlyArray<Edit>
    expect(lines(planned(KnownRows.empty, noted, postgres, events))).toEqual([
      "1. insert events (at, note), returning id, seen, matched by note: events@1, events@2",
      "2. insert events (at, note), returning id, seen: events@3"
    ])
  })

  test("rows nothing tells apart are inserted one by one", () => {
    const bare: ReadonlyArray<Edit> = [1, 2, 3].map((key) => ({
      _tag: "Put",
      ref: promised(moment, key),
      row: { at: 1 }
    }))
    expect(lines(planned(KnownRows.empty, bare, postgres, ConstraintModel.make([moment])))).toEqual(
      ["1. insert moments (at), one by one, returning id: moments@1, moments@2, moments@3"]
    )
  })

  test("rows alike in everything go together: which is which cannot be seen", () => {
    const alike: ReadonlyArray<Edit> = [1, 2].map((key) => ({
      _tag: "Put",
      ref: promised(pair, key),
      row: { note: 7 }
    }))
    expect(lines(planned(KnownRows.empty, alike, postgres, ConstraintModel.make([pair])))).toEqual([
      "1. insert pairs (note), returning id, matched by note: pairs@1, pairs@2"
    ])
  })

  test("what comes back to tell rows apart is not what they hold in the end", () => {
    const item: TableSource = table("items", {
      columns: { id, note: nullable, peerId: nullable },
      foreignKeys: [{ columns: ["peerId"], target: () => item }]
    })
    const own = promised(item, 1)
    const edits: ReadonlyArray<Edit> = [
      { _tag: "Put", ref: own, row: { note: 7, peerId: promisedCell(own, "id") } },
      { _tag: "Put", ref: promised(item, 2), row: { note: 7, peerId: null } }
    ]
    const one = planned(KnownRows.empty, edits, postgres, ConstraintModel.make([item]))
    expect(lines(one)).toEqual([
      "1. insert items (note, peerId), returning id, matched by note, peerId: items@1, items@2",
      "2. update items (peerId), filled in: items@1"
    ])
    const back = [5, 6].map((key) => ({ id: key, note: 7, peerId: null }))
    const [insert] = statements(one.steps[0]!)
    const resolved = new Map(Result.getOrThrow(absorb(insert!, back, new Map())))
    expect([...settle(KnownRows.empty, one, resolved).values()].map(({ row }) => row)).toEqual([
      { id: 5, note: 7, peerId: 5 },
      { id: 6, note: 7, peerId: null }
    ])
  })

  test("without RETURNING each row is a statement of its own, with its insert id", () => {
    const [step] = planned(KnownRows.empty, slots, mysql, model).steps
    expect(step).toMatchObject({ run: "each", matching: { _tag: "insertId", column: "id" } })
  })

  test("a key the server makes and cannot give back is refused", () => {
    const token = table("tokens", {
      columns: { key: { type: text, serverDefault: S.constant(0, boolean) } },
      primaryKey: ["key"]
    })
    const edit: Edit = { _tag: "Put", ref: promised(token, 1), row: {} }
    const changes = diff(KnownRows.empty, [edit])
    expect(plan(ConstraintModel.make([token]), mysql, changes)).toMatchObject({
      failure: {
        _tag: "Refusal",
        capability: "insertReturning",
        construct: expect.stringContaining("tokens")
      }
    })
  })

  test("a tree of new rows comes level by level", () => {
    const item: TableSource = table("items", {
      columns: { id, upId: nullable },
      foreignKeys: [{ columns: ["upId"], target: () => item }]
    })
    const edits: ReadonlyArray<Edit> = [1, 2, 3].map((key) => ({
      _tag: "Put",
      ref: promised(item, key),
      row: { upId: key === 3 ? null : promisedCell(promised(item, key + 1), "id") }
    }))
    expect(lines(planned(KnownRows.empty, edits, postgres, ConstraintModel.make([item])))).toEqual([
      "1. insert items (upId), returning id: items@3",
      "2. insert items (upId), returning id: items@2",
      "3. insert items (upId), returning id: items@1"
    ])
  })
})

test("what the server made and did not give back is not loaded, rather than stale", () => {
  const one = planned(KnownRows.empty, newEvents.slice(0, 1), mysql, events)
  const now = settle(KnownRows.empty, one, new Map([[promised(event, 1).id, { id: 5 }]]))
  expect([...now.values()].map((each) => each.row)).toEqual([{ id: 5, at: 0.5, note: null }])
})
