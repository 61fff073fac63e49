import * as Effect from "effect/Effect"
import type { Capabilities } from "../algebra/Dialect.ts"
import { type Command, type Update, update } from "../algebra/Command.ts"
import { isExpr } from "../algebra/Expression.ts"
import { rewrite } from "../algebra/rewrite.ts"
import * as S from "../algebra/Scalar.ts"
import { atUpdate } from "../algebra/assigned.ts"
import { tableFrom } from "../algebra/schema/tableSource.ts"
import { isServerSet } from "../algebra/serverMade.ts"
import type { ColumnNode, TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { boolean } from "../algebra/types.ts"
import { nextVersion } from "../algebra/Versioning.ts"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import { Database } from "../effects/Database.ts"
import { EntityId, type Mapped, type OneOf } from "../mapping/EntityClass.ts"
import { isDraft } from "../mapping/EntityDraft.ts"
import { cellsIn, isCounted, refsOf } from "../mapping/EntityTables.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import { patchesOf } from "../mapping/graph.ts"
import { format, type KnownRef, type Row, rowKeyOf, type RowRef } from "../mapping/RowRef.ts"
import { byKey, keyParameters } from "./byKey.ts"
import { asStatement } from "./rowsByKey.ts"
import { carried } from "./carried.ts"
import * as State from "./SessionState.ts"
import { brokenPatch } from "./brokenRules.ts"
import { goneHere, staleHere, staleRow } from "./refusedHere.ts"
import { isStale, meet, newest, patchCells, refOf, standingOf } from "./edits.ts"
import type { FlushError } from "./flush.ts"
import { change, flush, inTurn, type Unit } from "./Unit.ts"
import { tell } from "./watch.ts"

/** A patch taken apart: what is known of it, and what the server is to compute. */
const apart = (
  entity: Mapped,
  patch: Row
): { readonly plain: Row; readonly computed: Row | null } => {
  const found = Object.entries(patch).filter(([, value]) => isExpr(value))
  if (found.length === 0) return { plain: patch, computed: null }
  for (const [key] of found) {
    const column = entity.source.byKey.get(key)
    if (column === undefined) refuse(`${entity.label} has no column named "${key}" to be computed`)
    else if (isServerSet(column, "update"))
      refuse(`"${key}" of ${entity.label} is set by the server`)
    else if (column.writeOnce) refuse(`"${key}" of ${entity.label} is never changed after insert`)
  }
  const plain = Object.entries(patch).filter(([, value]) => !isExpr(value))
  return { plain: Object.fromEntries(plain), computed: Object.fromEntries(found) }
}

/** Expressions over a class's columns, as its table says them. */
const saidIn = (entity: Mapped, table: TableSource, columns: Row): Row =>
  Object.fromEntries(
    Object.entries(cellsIn(table, columns)).map(([key, value]) => {
      const { node } = value as { readonly node: S.Scalar }
      if (entity.source.over === null) return [key, node]
      const said = rewrite(node, (one) => {
        if (one._tag !== "Ref" || one.alias !== entity.table) return one
        const [of] = one.path
        return table.byKey.has(of!)
          ? S.ref(table.name, table, one.path, one.type)
          : refuse(`compute: "${key}" of ${entity.label} is not kept where its "${of}" is`)
      })
      return [key, said]
    })
  )

/** The version of the row as it is known, and the column it stands in. */
const guardOf = (table: TableSource, row: Row | undefined) => {
  const column = table.columns.find(({ version }) => version !== false)
  const last = column === undefined ? undefined : row?.[column.key]
  return column === undefined || last === undefined ? null : { column, last }
}

const isRemade = (column: ColumnNode): boolean =>
  column.version === "server" || isServerSet(column, "update")

const commandOf = (
  ref: KnownRef,
  computed: Row,
  row: Row | undefined,
  now: DateTime.Utc,
  { updateReturning }: Capabilities
): Command => {
  const { table } = ref
  const own = (key: string) => S.ref(table.name, table, [key], table.byKey.get(key)!.type)
  const is = (key: string, value: unknown) =>
    S.compare("eq", own(key), S.bound(value, table.byKey.get(key)!.type), boolean)
  const columns = Object.keys(computed)
  const values = columns.map((key) => computed[key] as S.Scalar)
  const guard = guardOf(table, row)
  const keys = table.primaryKey.map((key, at) => is(key, ref.key[at]))
  const where = S.and(guard === null ? keys : [...keys, is(guard.column.key, guard.last)], boolean)
  const isTimed = guard !== null && guard.column.version === "clock"
  const given = isTimed
    ? {
        columns: [...columns, guard.column.key],
        values: [
          ...values,
          S.bound(nextVersion(guard.column, guard.last, now, format(ref)), guard.column.type)
        ]
      }
    : { columns, values }
  const all = atUpdate(table, table.name, given)
  // What a trigger makes after the update is not among what comes back.
  const isBack = updateReturning && !table.columns.some(isRemade)
  const { fields, shape } = tableFrom(table, table.name)
  return update(
    table,
    table.name,
    all.columns,
    all.values,
    where,
    isBack ? { fields, shape } : null
  )
}

/**
 * Has the server compute columns of a row, behind all that is pending, and reads the row back: the
 * command gives it, or a query by its key does.
 *
 * **Shape** all or nothing, as a flush is.
 */
export const computed: (
  unit: Unit,
  value: OneOf<string>,
  columns: Row
) => Effect.Effect<object, FlushError> = Effect.fnUntraced(function* (unit, value, columns) {
  const entity = value[EntityId]
  const found = apart(entity, columns)
  const before = refOf(unit, value)
  const values = patchCells(unit, entity, found.plain)
  const refused = brokenPatch(unit.engine, value, standingOf(unit.state, entity, before), values)
  if (refused !== null) return yield* Effect.fail(refused)
  const sets = refsOf(entity, before).map(({ table }) =>
    saidIn(entity, table, found.computed ?? {})
  )
  yield* change(unit, () => meet(unit, value, before))
  if (State.standing(unit.state, before)._tag === "Gone")
    return yield* Effect.fail(goneHere(unit, before))
  if (isStale(unit, value, before)) return yield* Effect.fail(staleHere(unit, before))
  const edits = [
    ...(Object.keys(values).length > 0 ? patchesOf(entity, before, values) : []),
    ...countedBy(entity, before, found.computed)
  ]
  if (edits.length > 0)
    yield* change(unit, () => {
      const all = carried(unit.state, edits)
      unit.state = State.editAll(unit.state, all)
      tell(unit, all)
    })
  yield* flush(unit)
  const ref = State.resolve(unit.state, before)
  if (ref._tag === "Promised") return refuse(`${format(ref)} is changed, but it was never added`)
  if (found.computed !== null) {
    for (const [at, own] of (refsOf(entity, ref) as ReadonlyArray<KnownRef>).entries()) {
      const set = sets[at]!
      if (Object.keys(set).length > 0)
        yield* inTurn(unit, () => unit.lock.withPermits(1)(sent(unit, own, set)))
    }
  }
  return isDraft(value) ? value : newest(unit, value, ref)
})

/** What is computed in another table of a row is a change of the row, where that says so. */
const countedBy = (
  { fixed, tables }: Mapped,
  ref: RowRef,
  computed: Row | null
): ReadonlyArray<Edit> => {
  const isApart = Object.keys(computed ?? {}).some((key) => !ref.table.byKey.has(key))
  return isApart && tables.length > 1 && isCounted(ref.table)
    ? [{ _tag: "Patch", ref, values: fixed, isForced: true }]
    : []
}

/** Sends the command, and gives the row it leaves. */
const computing = Effect.fnUntraced(function* (unit: Unit, ref: KnownRef, columns: Row) {
  const { table } = ref
  const row = unit.state.rows.row(table, rowKeyOf(ref))
  const stale = staleRow(unit, ref, "was changed or removed since it was read")
  const clock = yield* Clock.Clock
  const now = DateTime.makeUnsafe(clock.currentTimeMillisUnsafe())
  const command = commandOf(ref, columns, row, now, unit.engine.capabilities)
  const { shape } = command as Update
  if (shape !== null) {
    const rows = yield* Database.all(asStatement(command))
    return rows.length === 1 ? rows : yield* Effect.fail(stale)
  }
  if ((yield* Database.run(asStatement(command))) !== 1) return yield* Effect.fail(stale)
  return yield* (Database.all as unknown as Read)({ node: byKey(table) }, keyParameters(ref.key))
})

const sent = (unit: Unit, ref: KnownRef, columns: Row): Effect.Effect<void, FlushError> => {
  const { table } = ref
  const work = computing(unit, ref, columns)
  // Once the savepoint is released, the state must follow.
  return Effect.uninterruptibleMask((restore) =>
    Effect.map(
      Effect.provideService(Database.transaction(restore(work)), Database, unit.engine),
      (rows) => {
        unit.state = State.computed(unit.state, table, rows)
        tell(unit, [{ ref }])
      }
    )
  ) as Effect.Effect<void, FlushError>
}

type Read = (
  statement: unknown,
  parameters: unknown
) => Effect.Effect<ReadonlyArray<Row>, FlushError, Database>
