import { refuse } from "../algebra/StatementError.ts"
import { EntityId, type OneOf, type Mapped } from "./EntityClass.ts"
import { isApart, rowsOf } from "./EntityTables.ts"
import { type Inspect, inspectId } from "./entityText.ts"
import { cellText } from "./flush/canonical.ts"
import { known, type KnownRef, ownKey, rowKey, type RowKey } from "./RowRef.ts"

/** Tells a reference from a value, by type alone. */
export declare const RefId: unique symbol

/**
 * The key of a row, standing for the row: `User.ref(5)`.
 *
 * @category models
 */
export interface Ref<out N extends string> extends KnownRef, OneOf<N> {
  readonly [RefId]?: true
}

/** Values of a primary key in its order, from a value or a record of them: as `entityRef`. */
export const keyValues = (entity: Mapped, key: unknown): ReadonlyArray<unknown> => {
  const columns = entity.source.primaryKey
  if (columns.length === 0)
    refuse(`${entity.label}: the table "${entity.table}" has no primary key`)
  if (columns.length === 1 && !isRecordOf(key, columns)) return [key]
  if (!isRecordOf(key, columns)) {
    return refuse(`a key of ${entity.label} is a record of ${columns.join(", ")}`)
  }
  return columns.map((column) => key[column])
}

/** The key of the row with this key. **Errors** as `entityRef`. */
export const entityKey = (entity: Mapped, key: unknown): RowKey =>
  ownKey(rowsOf(entity), key) ?? rowKey(rowsOf(entity), keyValues(entity, key))

const isRecordOf = (
  key: unknown,
  columns: ReadonlyArray<string>
): key is Readonly<Record<string, unknown>> =>
  typeof key === "object" && key !== null && columns.every((column) => Object.hasOwn(key, column))

/** Whose row a key is of: a family whose rows are kept apart has it of the member it names. */
export const rowOfKey = (entity: Mapped, key: unknown): readonly [entity: Mapped, key: unknown] => {
  if (!isApart(entity)) return [entity, key]
  const [tag, ...values] = keyValues(entity, key)
  const member = entity.members!.classes.get(tag)
  if (member === undefined)
    return refuse(`a key of ${entity.label}: there is no member ${JSON.stringify(String(tag))}`)
  const { primaryKey } = member.source
  return [member, Object.fromEntries(primaryKey.map((column, at) => [column, values[at]]))]
}

/**
 * The reference of the row with this key.
 *
 * **Errors** `StatementError` for a key that is none, and for one its columns cannot hold.
 */
export const entityRef = (entity: Mapped, key: unknown): Ref<string> => {
  const [own, ownKey] = rowOfKey(entity, key)
  const values = keyValues(own, ownKey)
  const home = rowsOf(own)
  const ref = known(home, values)
  home.primaryKey.forEach((column, at) => cellText(home.byKey.get(column)!.type, values[at]))
  return Object.freeze(
    Object.assign(Object.create(refPrototype) as object, ref, { [EntityId]: own })
  )
}

/** Does this stand for a row by its key alone? */
export const isRef = (one: object): one is OneOf<string> & KnownRef =>
  "_tag" in one && one._tag === "Known"

const refPrototype = {
  toJSON(this: Ref<string>): unknown {
    const { label, source } = this[EntityId]
    const key = source.primaryKey.map((column, at) =>
      source.byKey.get(column)!.type.codec.json.encode(this.key[at])
    )
    return { ref: label, key }
  },
  [inspectId](this: Ref<string>, _: number, options: object, inspect: Inspect): string {
    return `${this[EntityId].label}.ref(${this.key.map((one) => inspect(one, options)).join(", ")})`
  }
}
