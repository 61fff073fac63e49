import * as Effect from "effect/Effect"
import { expr } from "../algebra/Expression.ts"
import { fromNode } from "../algebra/SelectQuery.ts"
import { tableFrom, tableRefs } from "../algebra/schema/tableSource.ts"
import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { Database } from "../effects/Database.ts"
import type { StaleRow, UniqueViolation } from "../effects/DatabaseError.ts"
import { EntityId, isOfEntity, type OneOf, type RelationFacts } from "../mapping/EntityClass.ts"
import { child, isDraft } from "../mapping/EntityDraft.ts"
import { sameCell } from "../mapping/flush/canonical.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import { fits, holdersOf, isA, refIn, rowsOf } from "../mapping/EntityTables.ts"
import { graphEdits, linkedText, type Naming, patchesOf, removesOf } from "../mapping/graph.ts"
import type { KnownRow } from "../mapping/KnownRows.ts"
import { type AnyPath, relationsAlong } from "../mapping/pathRelations.ts"
import { linkKeys } from "../mapping/LinkKeys.ts"
import { among, type Columns } from "../mapping/PlanSources.ts"
import { positionsOf } from "../mapping/positions.ts"
import type { AnyRelation } from "../mapping/Relation.ts"
import {
  isPromisedCell,
  keyRow,
  known,
  promised,
  type Row,
  type RowRef
} from "../mapping/RowRef.ts"
import { keyCell, meet, refOf } from "./edits.ts"
import type { FlushError } from "./flush.ts"
import { ownLinks } from "./ownLinks.ts"
import { readRows } from "./rowValues.ts"
import { relationIn } from "./sessionLoad.ts"
import { addition } from "./additions.ts"
import { flush, inside, refOfDraft, type Unit } from "./Unit.ts"

/**
 * Members come to relations to many and leave them: as keys of their own, or as rows of a link
 * table. What is there already is not made again.
 */

type Written = Effect.Effect<void, FlushError | UniqueViolation | StaleRow>

const place = ({ name, owner }: RelationFacts): string => `${owner.label}.${name}`

/** A relation that members come to and leave. */
const listIn = (owner: OneOf<string>, way: AnyRelation): RelationFacts => {
  const relation = relationIn(owner, way)
  if (!relation.toMany || relation.on !== null)
    refuse(`${place(relation)} has no members to come and go`)
  return relation
}

/** What a path appends to, and the record that makes each member's link. */
const alongPath = (owner: OneOf<string>, path: AnyPath, members: ReadonlyArray<unknown>) => {
  const [link, last, ...more] = relationsAlong(path)
  if (path.entity !== owner[EntityId].class)
    refuse("appendAlong: the path begins at another entity")
  if (link?.kind !== "hasMany" || last?.kind !== "belongsTo" || more.length > 0)
    return refuse(
      `appendAlong: the path from ${owner[EntityId].label} is not by way of one link entity`
    )
  return { relation: link, members: members.map((member) => ({ [last.name]: member })) }
}

/** The columns others refer to a row by, as far as they are known. */
const cellsOf = (
  unit: Unit,
  one: OneOf<string>,
  columns: ReadonlyArray<string>
): ReadonlyArray<unknown> => {
  const ref = refOf(unit, one)
  meet(unit, one, ref)
  return columns.map((column) => keyCell(unit, ref, column, one[EntityId]))
}

const isMade = (cells: ReadonlyArray<unknown>): boolean =>
  cells.every((cell) => cell !== null && cell !== undefined && !isPromisedCell(cell))

const keysOf = (
  columns: ReadonlyArray<string>,
  cells: ReadonlyArray<unknown>
): Record<string, unknown> => Object.fromEntries(columns.map((key, at) => [key, cells[at]]))

const membersIn = (
  relation: RelationFacts,
  members: ReadonlyArray<unknown>
): ReadonlyArray<OneOf<string>> => members.map((one) => child(relation.owner, relation, one))

/** Is this a row to be that the session has not added? */
const isNew = (unit: Unit, one: OneOf<string>): boolean =>
  isDraft(one) && refOfDraft(unit, one) === undefined

/** The table that keeps by which a relation's rows belong to a parent. */
const holderOf = ({ related, target, targetColumns }: RelationFacts): TableSource =>
  holdersOf(related, targetColumns)[0] ?? target

/** A row's ref in the table that tells it from others. */
const inHome = ({ related }: RelationFacts, ref: RowRef): RowRef => refIn(rowsOf(related), ref)

/** The cells of a row to be that its edits put, or of one that is there. */
const cellsIn = (
  unit: Unit,
  naming: Naming,
  edits: ReadonlyArray<Edit>,
  one: OneOf<string>,
  columns: ReadonlyArray<string>
): ReadonlyArray<unknown> => {
  const ref = isDraft(one) ? naming.refOf(one) : undefined
  const put = edits.find((edit) => edit._tag === "Put" && edit.ref.id === ref?.id)
  if (ref === undefined || put?._tag !== "Put") return cellsOf(unit, one, columns)
  const row = { ...keyRow(ref), ...put.row }
  return columns.map(
    (column) => row[column] ?? refuse(`${one[EntityId].label}: its "${column}" is not known yet`)
  )
}

/** Edits that make rows the children of a parent, the new ones among them added. */
const adoption = (
  unit: Unit,
  naming: Naming,
  owner: OneOf<string>,
  { columns, position, targetColumns }: RelationFacts,
  rows: ReadonlyArray<OneOf<string>>,
  positions: ReadonlyArray<number> | null
): ReadonlyArray<Edit> => {
  const puts = graphEdits(
    rows.filter((one) => isNew(unit, one)),
    naming
  )
  const key = keysOf(targetColumns, cellsOf(unit, owner, columns))
  const patches = rows.flatMap((one, at): ReadonlyArray<Edit> => {
    const ref = (isDraft(one) ? naming.refOf(one) : undefined) ?? refOf(unit, one)
    meet(unit, one, ref)
    const place = position === null || positions === null ? {} : { [position]: positions[at] }
    return patchesOf(one[EntityId], ref, { ...key, ...place })
  })
  return [...puts, ...patches]
}

/** The last position of a list; one before the first where it is empty. */
const lastPosition = (
  unit: Unit,
  owner: OneOf<string>,
  { columns, target, targetColumns }: RelationFacts,
  position: string
): Effect.Effect<number, FlushError> =>
  Effect.flatMap(flush(unit), () => {
    const c = tableRefs(target, target.name) as Columns
    const found = among(c, targetColumns, linkKeys(columns.length, [cellsOf(unit, owner, columns)]))
    const query = fromNode(tableFrom<string, object>(target, target.name))
      .where(expr<boolean, string>(found))
      .orderBy(c[position]!.desc())
      .limit(1)
      .select({ position: c[position]! })
    return Effect.map(inside(unit, Database.all(query)), ([last]) =>
      last === undefined ? -1 : (last as { readonly position: number }).position
    )
  })

/** Edits that link rows which are not linked, the new ones among them added. */
const linking = (
  unit: Unit,
  naming: Naming,
  owner: OneOf<string>,
  { columns, targetColumns, through }: RelationFacts,
  rows: ReadonlyArray<OneOf<string>>,
  links: ReadonlyArray<KnownRow>
): ReadonlyArray<Edit> => {
  const { far, near, table } = through!
  const puts = graphEdits(
    rows.filter((one) => isNew(unit, one)),
    naming
  )
  const there = new Set(links.map(({ row }) => linkedText(through!, row)))
  const own = keysOf(near, cellsOf(unit, owner, columns))
  const made = rows.flatMap((one): ReadonlyArray<Edit> => {
    const row: Row = { ...own, ...keysOf(far, cellsIn(unit, naming, puts, one, targetColumns)) }
    const text = linkedText(through!, row)
    if (there.has(text)) return []
    there.add(text)
    const key = table.primaryKey.map((column) => row[column])
    const isWhole = key.length > 0 && isMade(key)
    const ref = isWhole ? known(table, key) : promised(table, naming.nextPromise())
    return [{ _tag: "Put", ref, row }]
  })
  return [...puts, ...made]
}

/** The links between a row and others; what is pending is written before they are asked for. */
const linksTo = (
  unit: Unit,
  owner: OneOf<string>,
  { columns, targetColumns, through }: RelationFacts,
  rows: ReadonlyArray<OneOf<string>>
): Effect.Effect<ReadonlyArray<KnownRow>, FlushError> => {
  const there = rows.filter((one) => !isNew(unit, one))
  if (there.length === 0 || isNew(unit, owner)) return Effect.succeed([])
  return Effect.flatMap(flush(unit), () => {
    const near = cellsOf(unit, owner, columns)
    const keys = there.map((one) => [...near, ...cellsOf(unit, one, targetColumns)])
    return readRows(unit, through!.table, [...through!.near, ...through!.far], keys)
  })
}

/** New members of a relation, at its end. */
export const append = (
  unit: Unit,
  owner: OneOf<string>,
  way: AnyRelation,
  given: ReadonlyArray<unknown>
): Written => Effect.suspend(() => appended(unit, owner, listIn(owner, way), given))

/** Links to what a path leads to, by way of its link entity. */
export const appendAlong = (
  unit: Unit,
  owner: OneOf<string>,
  path: AnyPath,
  given: ReadonlyArray<unknown>
): Written =>
  Effect.suspend(() => {
    const { members, relation } = alongPath(owner, path, given)
    return appended(unit, owner, relation, members)
  })

const appended = (
  unit: Unit,
  owner: OneOf<string>,
  relation: RelationFacts,
  members: ReadonlyArray<unknown>
): Written =>
  Effect.suspend((): Written => {
    const rows = membersIn(relation, members)
    if (rows.length === 0) return Effect.void
    if (relation.through !== null)
      return Effect.flatMap(linksTo(unit, owner, relation, rows), (links) =>
        addition(unit, (naming) => linking(unit, naming, owner, relation, rows, links))
      )
    const { position } = relation
    return position === null
      ? addition(unit, (naming) => adoption(unit, naming, owner, relation, rows, null))
      : Effect.flatMap(lastPosition(unit, owner, relation, position), (last) => {
          const positions = rows.map((_, at) => last + 1 + at)
          return addition(unit, (naming) =>
            adoption(unit, naming, owner, relation, rows, positions)
          )
        })
  })

/** The edits by which a child leaves its parent, as their relation says. */
const leaving = (relation: RelationFacts, ref: RowRef): ReadonlyArray<Edit> => {
  const { children, related, target, targetColumns } = relation
  if (children === "delete") return removesOf(related, inHome(relation, ref))
  const free = targetColumns.filter(
    (key) => target.byKey.get(key)!.nullable && !target.primaryKey.includes(key)
  )
  return free.length > 0
    ? [{ _tag: "Patch", ref, values: Object.fromEntries(free.map((key) => [key, null])) }]
    : refuse(
        `${place(relation)}: a ${related.label} cannot leave, "${targetColumns.join('", "')}" is ` +
          "NOT NULL and `children` is not delete"
      )
}

const unlinking = (
  relation: RelationFacts,
  links: ReadonlyArray<KnownRow>
): ReadonlyArray<Edit> => {
  const { table } = relation.through!
  if (links.length > 0 && table.primaryKey.length === 0)
    refuse(`${place(relation)}: "${table.name}" has no primary key to tell a link by`)
  return links.map(({ ref }): Edit => ({ _tag: "Remove", ref }))
}

/** Does this child belong to a parent with these cells? */
const isOf = (
  { target, targetColumns }: RelationFacts,
  row: Row,
  cells: ReadonlyArray<unknown>
): boolean =>
  targetColumns.every((key, at) => sameCell(target.byKey.get(key)!.type, row[key], cells[at]))

/** Members leave: what is none of them stays as it is. */
export const remove = (
  unit: Unit,
  owner: OneOf<string>,
  way: AnyRelation,
  rows: ReadonlyArray<OneOf<string>>
): Written =>
  Effect.suspend((): Written => {
    const relation = listIn(owner, way)
    const { columns, related, target } = relation
    for (const one of rows)
      if (!isOfEntity(one) || !isA(one[EntityId], related))
        refuse(`remove: ${place(relation)} leads to ${related.label}`)
    if (relation.through !== null)
      return Effect.flatMap(linksTo(unit, owner, relation, rows), (links) =>
        addition(unit, () => unlinking(relation, links))
      )
    return Effect.flatMap(flush(unit), () => {
      const keys = rows.map((one) => cellsOf(unit, one, target.primaryKey))
      const holder = holderOf(relation)
      return Effect.flatMap(readRows(unit, holder, holder.primaryKey, keys), (found) =>
        addition(unit, () => {
          const cells = cellsOf(unit, owner, columns)
          return found
            .filter(({ row }) => isOf(relation, row, cells))
            .flatMap(({ ref }) => leaving(relation, ref))
        })
      )
    })
  })

const idOf = (unit: Unit, one: OneOf<string>): string | object =>
  isNew(unit, one) ? one : refOf(unit, one).id

/** All members at once: only what differs is written. */
export const replace = (
  unit: Unit,
  owner: OneOf<string>,
  way: AnyRelation,
  given: ReadonlyArray<unknown>
): Written =>
  Effect.suspend((): Written => {
    const relation = listIn(owner, way)
    const rows = membersIn(relation, given)
    return Effect.flatMap(flush(unit), (): Written => {
      if (new Set(rows.map((one) => idOf(unit, one))).size < rows.length)
        refuse(`replace: ${place(relation)} is given a member twice`)
      const near = [cellsOf(unit, owner, relation.columns)]
      const { targetColumns, through } = relation
      return through === null
        ? Effect.flatMap(readRows(unit, holderOf(relation), targetColumns, near), (found) =>
            addition(unit, (naming) => reordering(unit, naming, owner, relation, rows, found))
          )
        : readRows(unit, through.table, through.near, near).pipe(
            Effect.flatMap((links) => ownLinks(unit, relation, links)),
            Effect.flatMap((links) =>
              addition(unit, (naming) => relinking(unit, naming, owner, relation, rows, links))
            )
          )
    })
  })

/** Edits that leave these children and no others, in their order where the list keeps one. */
const reordering = (
  unit: Unit,
  naming: Naming,
  owner: OneOf<string>,
  relation: RelationFacts,
  rows: ReadonlyArray<OneOf<string>>,
  found: ReadonlyArray<KnownRow>
): ReadonlyArray<Edit> => {
  const { position } = relation
  // Its table may hold rows of other classes.
  const own = found.filter(({ row }) => fits(relation.related, row))
  const now = new Map<unknown, Row>(own.map(({ ref, row }) => [inHome(relation, ref).id, row]))
  const wanted = new Set(rows.map((one) => idOf(unit, one)))
  const gone = own
    .filter(({ ref }) => !wanted.has(inHome(relation, ref).id))
    .flatMap(({ ref }) => leaving(relation, ref))
  const places =
    position === null
      ? null
      : positionsOf(
          rows.map((one) => (now.get(idOf(unit, one))?.[position] ?? null) as number | null)
        )
  return [...gone, ...adoption(unit, naming, owner, relation, rows, places)]
}

/** Edits that leave one link to each of these rows and no others. */
const relinking = (
  unit: Unit,
  naming: Naming,
  owner: OneOf<string>,
  relation: RelationFacts,
  rows: ReadonlyArray<OneOf<string>>,
  links: ReadonlyArray<KnownRow>
): ReadonlyArray<Edit> => {
  const { columns, targetColumns, through } = relation
  const own = keysOf(through!.near, cellsOf(unit, owner, columns))
  const wanted = new Set(
    rows
      .filter((one) => !isNew(unit, one))
      .map((one) =>
        linkedText(through!, {
          ...own,
          ...keysOf(through!.far, cellsOf(unit, one, targetColumns))
        })
      )
  )
  const kept: Array<KnownRow> = []
  const gone: Array<KnownRow> = []
  for (const one of links) (wanted.delete(linkedText(through!, one.row)) ? kept : gone).push(one)
  return [...unlinking(relation, gone), ...linking(unit, naming, owner, relation, rows, kept)]
}
