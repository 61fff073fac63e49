import * as Effect from "effect/Effect"
import { loose } from "./looseSession.ts"
import type { Work } from "./sessionPrograms.ts"
import { attempt, type Course, differs, merged, rowAt } from "./townCourse.ts"
import {
  keyIn,
  keyText,
  type KindName,
  kindOf,
  kinds,
  ledTo,
  relationOf,
  rowsOf,
  tableOf,
  type Way
} from "./townKinds.ts"
import {
  type Cells,
  checked,
  drop,
  keyOf,
  type Model,
  patch,
  put,
  type Rule,
  tables,
  tuple
} from "./townModel.ts"
import type { Step } from "./townSteps.ts"

/** Members that come to relations to many of a town and leave them. */

type Member = Extract<Step, { readonly _tag: "Member" }>

/** What becomes of who leaves. */
const ruleOf = (kind: KindName, { kind: of, theirs }: Way): Rule => {
  const table = tableOf(of)
  const { table: owner } = kinds[kind]
  return tables[table].references.find(
    ({ columns, to }) => to === owner && columns.join() === theirs.join()
  )!.rule
}

const isOf = (owner: Cells, { own, theirs }: Way, row: Cells): boolean =>
  tuple(row, theirs) === tuple(owner, own)

/** The maps without a member of a relation. */
const without = (
  model: Model,
  kind: KindName,
  owner: Cells,
  way: Way,
  member: Cells
): Model | null => {
  const { table } = kinds[kindOf(way.kind, member)]
  if (way.through !== undefined) {
    const [near, far] = way.through
    const link = keyOf("links", { [near]: owner["id"]!, [far]: member["id"]! })
    return { ...model, links: new Map([...model.links].filter(([key]) => key !== link)) }
  }
  const key = keyOf(table, member)
  const row = model[table].get(key)
  if (row === undefined || !isOf(owner, way, row)) return model
  return ruleOf(kind, way) === "delete"
    ? drop(model, table, key)
    : patch(model, table, key, Object.fromEntries(way.theirs.map((column) => [column, null])))
}

/** The maps with one more member, at the end. */
const withOne = (model: Model, owner: Cells, way: Way, member: Cells): Model => {
  const { table } = kinds[kindOf(way.kind, member)]
  if (way.through !== undefined) {
    const [near, far] = way.through
    const link = { [near]: owner["id"]!, [far]: member["id"]! }
    return { ...model, links: new Map([...model.links, [keyOf("links", link), link]]) }
  }
  // It may have gone with one that left.
  if (!model[table].has(keyOf(table, member))) return model
  const cells = Object.fromEntries(way.theirs.map((column, at) => [column, owner[way.own[at]!]!]))
  return patch(model, table, keyOf(table, member), cells)
}

/** Rooms are made, moved and let go, but never go to another house: that is their key. */
const isFixed = ({ kind }: Way): boolean => kind === "Room" || kind === "Shift"

const refOf = (way: Way, row: Cells): object =>
  kinds[kindOf(way.kind, row)].entity.ref(keyIn(way.kind, row))

const all = <A>(
  items: ReadonlyArray<A>,
  from: Model | null,
  f: (model: Model, item: A) => Model | null
) => items.reduce((model, item) => (model === null ? null : f(model, item)), from)

/** A room that is new, behind the others. */
const furnished = (
  one: Member,
  model: Model,
  owner: Cells,
  value: object,
  course: Course
): Work<Model> => {
  const places = ledTo(model, owner, kinds.House.ways["rooms"]!).map(
    (row) => row["place"] as number
  )
  const no = one.p[0]!
  const row: Cells = { houseId: owner["id"]!, no, label: null, place: Math.max(-1, ...places) + 1 }
  const next = put(model, "rooms", row)
  const work = loose.append(value, relationOf("House", "rooms"), { no, label: null })
  return attempt(course, model, next, work)
}

/** Places are the session's to choose: their order is what was asked for. */
const placed = (model: Model, rows: ReadonlyArray<Cells>): Work<Model> =>
  Effect.gen(function* () {
    let now = model
    let last = -Infinity
    for (const row of rows) {
      const value = (yield* loose.get(kinds.Room.entity, keyIn("Room", row))) as Cells
      const place = value["place"] as number
      if (place <= last) return yield* differs(`room ${keyText("Room", row)} is not in its place`)
      last = place
      now = patch(now, "rooms", keyText("Room", row), { place })
    }
    return now
  })

/** Members come, leave, or are all there are. */
export const joined = (one: Member, model: Model, course: Course): Work<Model> =>
  Effect.gen(function* () {
    const { entity, ways } = kinds[one.kind]
    const owner = rowAt(model, one.kind, one.at)
    const lists = Object.entries(ways).filter(([, way]) => way.isOne !== true)
    if (owner === undefined || lists.length === 0) return model
    const [name, way] = lists[one.relation % lists.length]!
    const value = yield* loose.get(entity, keyIn(one.kind, owner))
    const relation = relationOf(one.kind, name)
    if (one.verb === "append" && way.kind === "Room")
      return yield* furnished(one, model, owner, value, course)
    const now = ledTo(model, owner, way)
    const rows = isFixed(way) ? now : rowsOf(model, way.kind)
    const drawn = rows.length === 0 ? [] : one.members.map((at) => rows[at % rows.length]!)
    const given = [...new Set(drawn)]
    const refs = given.map((row) => refOf(way, row))
    const leave = (from: Model, row: Cells) => without(from, one.kind, owner, way, row)
    const come = (from: Model, row: Cells) => (isFixed(way) ? from : withOne(from, owner, way, row))
    if (one.verb === "remove") {
      const next = all(given, model, leave)
      const work = loose.remove(value, relation, ...refs)
      return yield* attempt(course, model, next === null ? null : checked(next), work)
    }
    if (one.verb === "append") {
      const next = all(given, model, come)
      const work = loose.append(value, relation, ...refs)
      return yield* attempt(course, model, next === null ? null : checked(next), work)
    }
    const gone = now.filter((row) => !given.includes(row))
    // Who comes from below one that leaves stays; by a code, which one leaves free, nobody does.
    const isByKey = way.own.includes("id")
    const next = isByKey
      ? all(gone, all(given, model, come), leave)
      : all(given, all(gone, model, leave), come)
    // A row that is below itself may leave its own list: what is given has no place to come to.
    if (next !== null && !next[kinds[one.kind].table].has(keyText(one.kind, owner))) return model
    const work =
      one.verb === "replace" || way.position !== undefined
        ? loose.replace(value, relation, refs)
        : loose.merge(entity, merged(idOf(owner), { [name]: refs } as never))
    const after = yield* attempt(course, model, next === null ? null : checked(next), work)
    return way.position === undefined ? after : yield* placed(after, given)
  })

const idOf = (row: Cells): Cells =>
  row["id"] === undefined ? { houseId: row["houseId"]!, no: row["no"]! } : { id: row["id"] }
