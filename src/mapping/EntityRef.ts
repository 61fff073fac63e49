import { refuse } from "../algebra/StatementError.ts"
import { EntityId, type OneOf, type Mapped } from "./EntityClass.ts"
import { rowsOf } from "./EntityTables.ts"
import { type Inspect, inspectId } from "./entityText.ts"
import { known, type KnownRef, ownKey, rowKey, type RowKey } from "./RowRef.ts"

/**
 * The key of a row, standing for the row: `User.ref(5)`.
 *
 * @category models
 */
export interface Ref<out N extends string> extends KnownRef, OneOf<N> {}

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

/** The reference of the row with this key. **Errors** `StatementError` for a key that is none. */
export const entityRef = (entity: Mapped, key: unknown): Ref<string> =>
  Object.freeze(
    Object.assign(
      Object.create(refPrototype) as object,
      known(rowsOf(entity), keyValues(entity, key)),
      { [EntityId]: entity }
    )
  )

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
