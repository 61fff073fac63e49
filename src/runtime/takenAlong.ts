import * as Effect from "effect/Effect"
import { Database } from "../effects/Database.ts"
import { ForeignKeyViolation } from "../effects/DatabaseError.ts"
import { askedBy } from "../effects/Engine.ts"
import { detachable } from "../mapping/flush/expand.ts"
import { sameCell } from "../mapping/flush/canonical.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import { type Row, rowOf, type RowRef } from "../mapping/RowRef.ts"
import { onDatabase, type OpenSession, type OpenSessions, standsAlso } from "./acrossDatabases.ts"
import { type Beyond, fateOf } from "./beyond.ts"
import { type FlushError, outOfReach } from "./flush.ts"
import { rowsByKey } from "./rowsByKey.ts"
import * as State from "./SessionState.ts"
import { beyond as beyondOf, change, inside, learning, type Unit } from "./Unit.ts"
import { tell } from "./watch.ts"

/**
 * What the changes of one session take with them in other databases: the sessions there delete or
 * detach it, before any of them is flushed.
 */

/** Is there something that may take others with it, and that nobody has looked at? */
const isDue = ({ seenTo }: OpenSessions, { unit }: OpenSession): boolean => {
  if (!State.isPending(unit.state) || seenTo.get(unit) === unit.state.edition) return false
  for (const edits of unit.state.edits.values())
    if (edits.some(({ _tag }) => _tag !== "Put")) return true
  return false
}

/**
 * Sees to what is pending in each session: what it takes along may take others in turn.
 *
 * **Shape** not within a nested scope of one of them: what that takes back stays done elsewhere. So
 * there its flush refuses what it cannot see to.
 */
export const takenAlong = (open: OpenSessions): Effect.Effect<void, FlushError> =>
  Effect.withFiber((fiber) => {
    const all = [...open.byName]
    if (all.some(([, one]) => fiber.getRef(one.engine.current) !== one.level)) return Effect.void
    const due = all.filter(([, one]) => isDue(open, one))
    if (due.length === 0) return Effect.void
    const seen = Effect.forEach(due, ([name, { unit }]) => seenIn(open, name, unit))
    return Effect.andThen(
      seen,
      Effect.suspend(() => takenAlong(open))
    )
  })

const seenIn = (open: OpenSessions, name: string, unit: Unit): Effect.Effect<void, FlushError> => {
  const { edition } = unit.state
  const asked = onDatabase(open, name, beyondOf(unit), true)
  return Effect.flatMap(asked, (found) => {
    const unknown = found.find(({ key }) => key === null)
    if (unknown !== undefined) return Effect.fail(outOfReach(unit.engine, unknown))
    const groups = [...Map.groupBy(found, ({ reference }) => reference).values()]
    const taken = Effect.forEach(groups, (group) => takenBy(open, name, group), { discard: true })
    return Effect.map(taken, () => {
      open.seenTo.set(unit, edition)
    })
  })
}

/** The rows that refer to some that go, in each of the databases they may stand in. */
const takenBy = (
  open: OpenSessions,
  home: string,
  group: ReadonlyArray<Beyond>
): Effect.Effect<void, FlushError> => {
  const { columns, owner } = group[0]!.reference
  const byName = new Map<string, Array<ReadonlyArray<unknown>>>()
  for (const { key } of group) {
    const cells = rowOf()
    columns.forEach((column, at) => {
      cells[column] = key![at]
    })
    for (const name of standsAlso(open, home, owner, cells)) {
      const keys = byName.get(name)
      if (keys === undefined) byName.set(name, [key!])
      else keys.push(key!)
    }
  }
  return Effect.forEach(
    [...byName],
    ([name, keys]) => takenIn(open.byName.get(name)!.unit, group[0]!, keys),
    { discard: true }
  )
}

const takenIn = (
  unit: Unit,
  { reference }: Beyond,
  keys: ReadonlyArray<ReadonlyArray<unknown>>
): Effect.Effect<void, FlushError> => {
  const { columns, owner: table } = reference
  const heard = learning(unit)
  const asked = rowsByKey(unit.engine, { table, columns, keys })
  const read = Effect.provideService(asked, Database, askedBy(unit.engine, "flush"))
  const isTaken = (row: Row): boolean =>
    keys.some((key) =>
      columns.every((column, at) => sameCell(table.byKey.get(column)!.type, row[column], key[at]))
    )
  return Effect.flatMap(inside(unit, read), (rows) => {
    heard(rows)
    return Effect.flatten(
      change(unit, () => {
        const added = [...unit.state.edits.values()].map((edits) => edits[0]!.ref)
        const refs = new Map([...rows.map(({ ref }) => ref), ...added].map((ref) => [ref.id, ref]))
        const taken = [...refs.values()].filter((ref) => {
          const now = ref.table === table ? State.standing(unit.state, ref) : null
          return now?._tag === "Here" && isTaken(now.row)
        })
        return meetTheirFate(unit, reference, taken)
      })
    )
  })
}

const meetTheirFate = (
  unit: Unit,
  reference: Beyond["reference"],
  taken: ReadonlyArray<RowRef>
): Effect.Effect<void, ForeignKeyViolation> => {
  const fate = fateOf(reference)
  if (taken.length === 0) return Effect.void
  if (fate === "restrict") return Effect.fail(stillThere(unit, reference))
  const values = Object.fromEntries(detachable(reference).map((column) => [column, null]))
  const edits = taken.map((ref): Edit =>
    fate === "delete" ? { _tag: "Remove", ref } : { _tag: "Patch", ref, values }
  )
  unit.state = State.editAll(unit.state, edits)
  tell(unit, edits)
  return Effect.void
}

/** As the database would say where all stands in one. */
const stillThere = ({ engine }: Unit, { columns, foreignKey, owner }: Beyond["reference"]) =>
  new ForeignKeyViolation({
    message:
      `a row of "${foreignKey.target.name}" that is to go is referred to from another database, ` +
      `by ${columns.map((column) => `"${column}"`).join()} of "${owner.name}"`,
    dialect: engine.dialect,
    operation: "flush",
    retryable: false,
    transaction: "alive",
    direction: "parent",
    constraint: foreignKey.name,
    table: owner.name
  })
