import { describe, expect, test } from "vitest"
import type { TableSource } from "../../../src/algebra/Source.ts"
import type { Change } from "../../../src/mapping/ChangeSet.ts"
import * as ConstraintModel from "../../../src/mapping/ConstraintModel.ts"
import { loadId, survey } from "../../../src/mapping/flush/demand.ts"
import { diff, type Edit } from "../../../src/mapping/flush/diff.ts"
import { expand } from "../../../src/mapping/flush/expand.ts"
import { format, known, promised, promisedCell, type Row } from "../../../src/mapping/RowRef.ts"
import * as KnownRows from "../../../src/mapping/KnownRows.ts"
import * as Result from "effect/Result"
import { capabilities } from "../../../src/compile/capabilities.ts"
import * as FlushPlan from "../../../src/mapping/FlushPlan.ts"
import { plan } from "../../../src/mapping/flush/plan.ts"
import { settle } from "../../../src/mapping/flush/settle.ts"
import { id, nullable, table } from "./tables.ts"

const users = table("users", { columns: { id, name: {} }, uniques: [["name"]] })
const posts: TableSource = table("posts", {
  columns: { id, userId: {}, editorId: nullable },
  foreignKeys: [
    { columns: ["userId"], target: () => users },
    { columns: ["editorId"], target: () => users }
  ]
})
const comments: TableSource = table("comments", {
  columns: { id, postId: {}, parentId: nullable },
  foreignKeys: [
    { columns: ["postId"], target: () => posts },
    { columns: ["parentId"], target: () => comments }
  ]
})
const logs: TableSource = table("logs", {
  columns: { id, userId: {} },
  foreignKeys: [{ columns: ["userId"], target: () => users, onDelete: "cascade" }]
})

const model = ConstraintModel.make(
  [users, posts, comments, logs],
  [
    { child: posts, columns: ["userId"], children: "delete" },
    { child: posts, columns: ["editorId"], children: "detach" },
    { child: comments, columns: ["postId"], children: "delete" },
    { child: comments, columns: ["parentId"], children: "detach" },
    { child: logs, columns: ["userId"], children: "database" }
  ]
)

const at = (owner: TableSource, row: Row) => ({ table: owner, row })

const all = [
  at(users, { id: 1, name: 1 }),
  at(users, { id: 2, name: 2 }),
  at(posts, { id: 10, userId: 1, editorId: 2 }),
  at(posts, { id: 11, userId: 2, editorId: 1 }),
  at(comments, { id: 100, postId: 10, parentId: null }),
  at(comments, { id: 101, postId: 10, parentId: 100 }),
  at(logs, { id: 7, userId: 1 })
]
const before = KnownRows.make(all)

const short = (change: Change): string => {
  const set = change._tag === "Update" ? ` ${JSON.stringify(change.set)}` : ""
  return `${change._tag} ${format(change.ref)}${set}`
}

const expanded = (...edits: ReadonlyArray<Edit>): ReadonlyArray<string> =>
  expand(model, before, diff(before, edits)).changes.map(short)

const remove = (owner: TableSource, key: number): Edit => ({
  _tag: "Remove",
  ref: known(owner, [key])
})

describe("expand", () => {
  test("deletes and detaches through every level that is known", () => {
    expect(expanded(remove(users, 1))).toEqual([
      "Delete comments(100)",
      "Delete comments(101)",
      "Delete logs(7)",
      "Delete posts(10)",
      'Update posts(11) {"editorId":null}',
      "Delete users(1)"
    ])
  })

  test("a child that moves away in the same flush stays", () => {
    const moved: Edit = { _tag: "Patch", ref: known(posts, [10]), values: { userId: 2 } }
    expect(expanded(remove(users, 1), moved)).toEqual([
      "Delete logs(7)",
      'Update posts(10) {"userId":2}',
      'Update posts(11) {"editorId":null}',
      "Delete users(1)"
    ])
  })

  test("an orphan goes with its own children; a nullable key nobody owns by does not", () => {
    expect(expanded({ _tag: "Patch", ref: known(posts, [10]), values: { userId: null } })).toEqual([
      "Delete comments(100)",
      "Delete comments(101)",
      "Delete posts(10)"
    ])
    expect(
      expanded({ _tag: "Patch", ref: known(posts, [10]), values: { editorId: null } })
    ).toEqual(['Update posts(10) {"editorId":null}'])
  })

  test("a new parent that is removed takes its new children with it", () => {
    const user = promised(users, 1)
    const post = promised(posts, 2)
    expect(
      expanded(
        { _tag: "Put", ref: user, row: { name: 5 } },
        { _tag: "Put", ref: post, row: { userId: promisedCell(user, "id"), editorId: null } },
        {
          _tag: "Put",
          ref: promised(comments, 3),
          row: { postId: promisedCell(post, "id"), parentId: null }
        },
        { _tag: "Remove", ref: user }
      )
    ).toEqual([])
  })

  test("a new child of a removed parent goes, too", () => {
    const child: Edit = {
      _tag: "Put",
      ref: promised(comments, 1),
      row: { postId: 10, parentId: 101 }
    }
    expect(expanded(remove(posts, 10), child)).toEqual([
      "Delete comments(100)",
      "Delete comments(101)",
      "Delete posts(10)"
    ])
  })

  test("a row deleted for what the database takes along goes after children that come anew", () => {
    const anew: ReadonlyArray<Edit> = [
      { _tag: "Put", ref: known(users, [1]), row: { id: 1, name: 9 } },
      { _tag: "Put", ref: known(posts, [10]), row: { id: 10, userId: 1, editorId: null } }
    ]
    const whole = [
      "Delete comments(100)",
      "Delete comments(101)",
      "Delete logs(7)",
      "Delete posts(10)",
      "Delete users(1)",
      "Insert posts(10)",
      "Insert users(1)",
      'Update posts(11) {"editorId":null}'
    ]
    // The post may have been read by the flush only.
    const unread = expand(model, before, diff(KnownRows.empty, [remove(users, 1), ...anew]))
    expect(unread.changes.map(short).toSorted()).toEqual(whole)
    expect(expanded(remove(posts, 10), remove(users, 1), ...anew).toSorted()).toEqual(whole)
  })

  test("twice is once", () => {
    const once = expand(model, before, diff(before, [remove(users, 1)]))
    expect(expand(model, before, once)).toEqual(once)
  })
})

/** Answers requests from all rows, as a session does, and counts the rounds. */
const load = (start: KnownRows.KnownRows, edits: ReadonlyArray<Edit>) => {
  const rows = new Map(start)
  const loaded = new Set<string>()
  const rounds: Array<ReadonlyArray<string>> = []
  for (;;) {
    const { changes, requests } = survey(model, rows, edits, loaded)
    if (requests.length === 0) return { changes: changes.changes.map(short), rounds }
    rounds.push(
      requests.map(
        ({ columns, keys, table: asked }) =>
          `${asked.name} by ${columns.join()} in ${keys.join(";")}`
      )
    )
    for (const { columns, ids, keys, table: asked } of requests) {
      for (const one of ids) loaded.add(one)
      for (const { row, table: owner } of all) {
        const isAsked =
          owner === asked &&
          keys.some((key) => columns.every((column, index) => row[column] === key[index]))
        const ref = known(
          owner,
          owner.primaryKey.map((key) => row[key])
        )
        if (isAsked && !rows.has(ref.id)) rows.set(ref.id, { ref, row })
      }
    }
  }
}

describe("demand", () => {
  test("asks level by level, for all keys of a level at once, until nothing is missing", () => {
    const { changes, rounds } = load(KnownRows.empty, [remove(users, 1), remove(users, 2)])
    expect(rounds).toEqual([
      ["posts by userId in 1;2", "posts by editorId in 1;2"],
      ["comments by postId in 10;11"],
      ["comments by parentId in 100;101"]
    ])
    expect(changes).toEqual([
      "Delete comments(100)",
      "Delete comments(101)",
      "Delete posts(10)",
      "Delete posts(11)",
      "Delete users(1)",
      "Delete users(2)"
    ])
  })

  test("asks nothing for what the database cascades, nor for an update", () => {
    expect(
      load(KnownRows.empty, [{ _tag: "Patch", ref: known(posts, [10]), values: { editorId: 1 } }])
        .rounds
    ).toEqual([])
    const passive = ConstraintModel.make(
      [users, logs],
      [{ child: logs, columns: ["userId"], children: "database" }]
    )
    expect(survey(passive, KnownRows.empty, [remove(users, 1)], new Set()).requests).toEqual([])
  })

  test("what the database takes along has no statement, its values are free after it", () => {
    const keys: TableSource = table("keys", {
      columns: { id, logId: {}, text: {} },
      uniques: [["text"]],
      foreignKeys: [{ columns: ["logId"], target: () => logs, onDelete: "cascade" }]
    })
    const notes: TableSource = table("notes", {
      columns: { id, keyId: {} },
      foreignKeys: [{ columns: ["keyId"], target: () => keys }]
    })
    const owned = ConstraintModel.make(
      [users, logs, keys, notes],
      [{ child: notes, columns: ["keyId"], children: "delete" }]
    )
    const held = KnownRows.make([
      at(users, { id: 1, name: 1 }),
      at(users, { id: 2, name: 2 }),
      at(logs, { id: 7, userId: 1 }),
      at(logs, { id: 8, userId: 2 }),
      at(keys, { id: 70, logId: 7, text: 5 }),
      at(notes, { id: 700, keyId: 70 })
    ])
    const edits: ReadonlyArray<Edit> = [
      remove(users, 1),
      { _tag: "Put", ref: known(keys, [80]), row: { id: 80, logId: 8, text: 5 } }
    ]
    const { changes } = survey(owned, held, edits, new Set())
    expect(changes.changes.map(short)).toEqual([
      "Delete keys(70)",
      "Insert keys(80)",
      "Delete logs(7)",
      "Delete notes(700)",
      "Delete users(1)"
    ])
    const planned = Result.getOrThrow(plan(owned, capabilities("mariadb"), changes))
    expect(FlushPlan.format(planned).split("\n")).toEqual([
      "1. delete notes: notes(700)",
      "2. delete users: users(1)",
      "3. insert keys (id, logId, text): keys(80)"
    ])
    expect([...settle(held, planned, FlushPlan.unresolved).keys()].length).toBe(3)
  })

  test("asks for a row that is changed unread only where another change may wait for it", () => {
    const rename: Edit = { _tag: "Patch", ref: known(users, [1]), values: { name: 9 } }
    const reuse: Edit = { _tag: "Put", ref: promised(users, 1), row: { name: 1 } }
    expect(load(KnownRows.empty, [rename]).rounds).toEqual([])
    expect(load(KnownRows.empty, [rename, reuse]).rounds).toEqual([["users by id in 1"]])
  })

  test("what is loaded is said by id, equal for equal keys", () => {
    expect(loadId(posts, ["userId"], [1])).toBe(loadId(posts, ["userId"], [1n]))
    const requests = survey(
      model,
      before,
      [remove(posts, 11)],
      new Set([loadId(comments, ["postId"], [11])])
    ).requests
    expect(requests).toEqual([])
  })
})
