import * as Effect from "effect/Effect"
import type { Capabilities } from "../algebra/Dialect.ts"
import { onReadOf } from "../algebra/RowShape.ts"
import type { Database } from "../effects/Database.ts"
import type { DecodeFailed, ReadError } from "../effects/DatabaseError.ts"
import { EntityId, isOfEntity, type Mapped } from "../mapping/EntityClass.ts"
import { construct } from "../mapping/construct.ts"
import { filledIn, missingIn, wholeColumns } from "../mapping/PlanColumns.ts"
import { columnQueries } from "../mapping/PlanQueries.ts"
import { linkMark, type LinkMark } from "../mapping/linkMark.ts"
import { decoding } from "./decoding.ts"
import { loadQuery, unexpected } from "./loadQuery.ts"

type Cells = Readonly<Record<string, unknown>>

/** A row of a family, and whose it is. */
interface Told {
  readonly member: Mapped
  readonly cells: Cells
}

/** The key of a family's column that is NULL where a member's part of the row is missing. */
const keptKey = ({ source }: Mapped, tag: unknown): string | undefined => {
  const at = source.over?.members?.()?.classes.get(tag)?.kept?.at
  return at === undefined ? undefined : source.whole[at]!.key
}

const partedIn = (family: Mapped, tag: unknown, capabilities: Capabilities): DecodeFailed => {
  const kept = family.source.over?.members?.()?.classes.get(tag)?.kept
  const { by } = family.members!
  const expected = kept?.expected ?? "its row"
  return unexpected(capabilities, by, expected, "there is none")
}

/** The cells of a row under the keys of its own class. */
const told = (family: Mapped, row: Cells): Told => {
  const { by, classes, keyIn } = family.members!
  const tag = row[by]
  const member = classes.get(tag)!
  const cells: Record<string, unknown> = {}
  for (const { key } of member.source.columns) {
    const cell = row[keyIn(String(tag), key)]
    if (cell !== undefined) cells[key] = cell
  }
  for (const [key, cell] of Object.entries(row))
    if (!family.source.byKey.has(key)) cells[key] = cell
  return { member, cells }
}

/**
 * Rows of a family as values of their members: what was not read of them is read by their keys, one
 * query for each member.
 *
 * **Shape** values of members stay as they are.
 */
export const memberRows = (
  family: Mapped,
  rows: ReadonlyArray<object>,
  capabilities: Capabilities
): Effect.Effect<ReadonlyArray<object>, ReadError, Database> => {
  const isTold = (row: object): boolean => isOfEntity(row) && row[EntityId] !== family
  const { by } = family.members!
  const parted = (rows as ReadonlyArray<Cells>).find((row) => {
    const key = isTold(row) ? undefined : keptKey(family, row[by])
    return key !== undefined && row[key] === null
  })
  if (parted !== undefined) return Effect.fail(partedIn(family, parted[by], capabilities))
  const places = new Map<Mapped, Array<readonly [number, Cells]>>()
  rows.forEach((row, at) => {
    if (isTold(row)) return
    const { cells, member } = told(family, row as Cells)
    const group = places.get(member)
    if (group === undefined) places.set(member, [[at, cells]])
    else group.push([at, cells])
  })
  if (places.size === 0) return Effect.succeed(rows)
  const wholes = Effect.forEach([...places], ([member, group]) => {
    const cells = group.map(([, one]) => one)
    return Effect.map(wholeOf(family, member, cells, capabilities), (found) =>
      found.map((value, at) => [group[at]![0], value] as const)
    )
  })
  return Effect.map(wholes, (lists) => {
    const values = new Map(lists.flat())
    return rows.map((row, at) => values.get(at) ?? row)
  })
}

/** A value of a member, as its class makes it of what was read. */
const valueOf = (member: Mapped, row: Cells): object => {
  const cells = { ...row }
  onReadOf(member.prototype)?.(cells)
  return construct(member, cells)
}

/** Whole values of one member, what is missing of them read by key. */
const wholeOf = (
  family: Mapped,
  member: Mapped,
  rows: ReadonlyArray<Cells>,
  capabilities: Capabilities
): Effect.Effect<ReadonlyArray<object>, ReadError, Database> => {
  const missing = missingIn(member, wholeColumns(member, []), rows)
  const made = (cells: ReadonlyArray<Cells>) =>
    decoding(capabilities, () => Effect.succeed(cells.map((row) => valueOf(member, row))))
  if (missing === null) return made(rows)
  const { source } = member
  const keyOf = (row: object): LinkMark => linkMark(source, source.primaryKey, row as Cells) ?? ""
  // As records: what the class does to a row it does to the whole of it, once.
  const queries = columnQueries(member, missing, rows, capabilities, null)
  return Effect.flatMap(
    Effect.forEach(queries, (query) => loadQuery(query)),
    (lists) => {
      const found = new Map(lists.flat().map((row) => [keyOf(row), row]))
      const absent = rows.find((row) => !found.has(keyOf(row)))
      if (absent !== undefined)
        return Effect.fail(partedIn(family, absent[family.members!.by], capabilities))
      return made(rows.map((row) => filledIn(member, row, found.get(keyOf(row))!)))
    }
  )
}
