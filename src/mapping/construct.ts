import { canCompile, recordMaker } from "../algebra/recordMaker.ts"
import { shownColumn } from "../algebra/schema/tableSource.ts"
import { EntityId, isOfEntity, type Mapped } from "./EntityClass.ts"
import { rowOf } from "./RowRef.ts"

type Cells = Readonly<Record<string, unknown>>

/** A value of an entity from columns and loaded relations: frozen, an instance of its class. */
export const construct = (entity: Mapped, cells: Cells): object => {
  const { prototype } = entity
  const value = Object.create(prototype) as Record<string, unknown>
  for (const key of Object.keys(cells)) {
    // A getter of the class must not swallow a column of its name.
    if (key in prototype) Object.defineProperty(value, key, { value: cells[key], enumerable: true })
    else value[key] = cells[key]
  }
  return Object.freeze(value)
}

type Lists = ReadonlyArray<ReadonlyArray<unknown>>

/** A value with what lists have for it at one place. */
export type Graft = (row: object, lists: Lists, at: number) => object

/** Values of one class that have the same keys, and how they are made with more. */
interface Alike {
  readonly entity: Mapped
  readonly keys: ReadonlyArray<string>
  readonly kept: ReadonlyArray<string>
  rows: number
  make: Graft
}

const known = new WeakMap<object, Map<string, Alike>>()

/** How many are made before code made for them costs less than it saves. */
const interpretedRows = 100

/**
 * Makes values with more keys than rows have: each named one is a list's.
 *
 * **Laws** what `construct` makes of the same cells.
 */
export const grafting = (
  entity: Mapped,
  names: ReadonlyArray<string>,
  isShown: (key: string) => boolean
): Graft => {
  let last: Alike | null = null
  return (row, lists, at) => {
    const own = isOfEntity(row) ? row[EntityId] : entity
    const keys = Object.keys(row)
    if (last === null || last.entity !== own || !isSame(last.keys, keys))
      last = alikeOf(own, keys, names, isShown)
    if (++last.rows === interpretedRows && canCompile) last.make = compiled(last, names)
    return last.make(row, lists, at)
  }
}

/** The same where some of the lists have nothing for a row: of that name it has none then. */
export const graftingEach: typeof grafting = (entity, names, isShown) => {
  const known = new Map<string, readonly [Graft, ReadonlyArray<number>]>()
  return (row, lists, at) => {
    const places = [...names.keys()].filter((place) => lists[place]![at] !== undefined)
    const text = places.join()
    let found = known.get(text)
    if (found === undefined) {
      const own = places.map((place) => names[place]!)
      known.set(text, (found = [grafting(entity, own, isShown), places]))
    }
    const [graft, own] = found
    return graft(
      row,
      own.map((place) => lists[place]!),
      at
    )
  }
}

const isSame = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean => {
  if (left.length !== right.length) return false
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false
  return true
}

const alikeOf = (
  entity: Mapped,
  keys: ReadonlyArray<string>,
  names: ReadonlyArray<string>,
  isShown: (key: string) => boolean
): Alike => {
  let all = known.get(entity)
  if (all === undefined) known.set(entity, (all = new Map()))
  const kept = keys.filter(isShown)
  const text = JSON.stringify([keys, kept, names])
  let alike = all.get(text)
  if (alike === undefined) {
    alike = { entity, keys, kept, rows: 0, make: interpreted(entity, kept, names) }
    all.set(text, alike)
  }
  return alike
}

const interpreted =
  (entity: Mapped, kept: ReadonlyArray<string>, names: ReadonlyArray<string>): Graft =>
  (row, lists, at) => {
    const cells: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    for (const key of kept) cells[key] = (row as Cells)[key]
    names.forEach((name, place) => {
      cells[name] = lists[place]![at]
    })
    return construct(entity, cells)
  }

/** A value with what is known of its columns by now. */
type Revise = (old: Cells, now: Cells) => object

/** The values of one class that were revised last: all have these keys. */
interface Revision {
  readonly keys: ReadonlyArray<string>
  rows: number
  make: Revise
}

const revisions = new WeakMap<Mapped, Revision>()

/**
 * A value over an older one: its columns by what is known of them, and all it has beside.
 *
 * **Laws** what `construct` makes of the same cells.
 */
export const revised = (entity: Mapped, old: Cells, now: Cells): object => {
  const keys = Object.keys(old)
  let alike = revisions.get(entity)
  if (alike === undefined || !isSame(alike.keys, keys)) {
    alike = { keys, rows: 0, make: revisedOneByOne(entity, keys) }
    revisions.set(entity, alike)
  }
  if (++alike.rows === interpretedRows && canCompile) alike.make = revisedAtOnce(entity, keys)
  return alike.make(old, now)
}

const revisedOneByOne =
  (entity: Mapped, keys: ReadonlyArray<string>): Revise =>
  (old, now) => {
    const cells = rowOf()
    for (const key of keys) {
      const isRead = shownColumn(entity.source, key) !== undefined && now[key] !== undefined
      cells[key] = isRead ? now[key] : old[key]
    }
    return construct(entity, cells)
  }

const revisedAtOnce = ({ prototype, source }: Mapped, keys: ReadonlyArray<string>): Revise => {
  const cells = keys.map((key) => {
    const name = JSON.stringify(key)
    return shownColumn(source, key) === undefined
      ? `old[${name}]`
      : `now[${name}] === undefined ? old[${name}] : now[${name}]`
  })
  // oxlint-disable-next-line typescript/no-implied-eval -- made of quoted keys only
  return new Function("R", `"use strict"; return (old, now) => new R(${cells.join(", ")})`)(
    recordMaker(keys, prototype, null)
  ) as Revise
}

/** One call of a constructor a value: its text is made of indices and quoted keys. */
const compiled = ({ entity, kept }: Alike, names: ReadonlyArray<string>): Graft => {
  const keys = [...new Set([...kept, ...names])]
  const cells = keys.map((key) => {
    const place = names.indexOf(key)
    return place < 0 ? `row[${JSON.stringify(key)}]` : `lists[${place}][at]`
  })
  // oxlint-disable-next-line typescript/no-implied-eval -- made of indices and quoted keys only
  return new Function("R", `"use strict"; return (row, lists, at) => new R(${cells.join(", ")})`)(
    recordMaker(keys, entity.prototype, null)
  ) as Graft
}
