import { type Carried, nothing, quoted } from "./carried.ts"
import type { ForeignKey, IndexNode, TableSource } from "./Source.ts"

/**
 * CREATE TABLE with its columns, primary key, unique and check constraints and those foreign keys
 * that are not `deferred` to a later ALTER because they close a cycle.
 */
export interface CreateTable extends Carried {
  readonly _tag: "CreateTable"
  readonly table: TableSource
  /** Names of foreign keys left for `AddForeignKey`. */
  readonly deferred: ReadonlyArray<string>
  readonly ifNotExists: boolean
}

export interface DropTable extends Carried {
  readonly _tag: "DropTable"
  readonly table: TableSource
  readonly ifExists: boolean
}

export interface CreateIndex extends Carried {
  readonly _tag: "CreateIndex"
  readonly table: TableSource
  readonly index: IndexNode
}

export interface AddForeignKey extends Carried {
  readonly _tag: "AddForeignKey"
  readonly table: TableSource
  readonly foreignKey: ForeignKey
}

export interface DropForeignKey extends Carried {
  readonly _tag: "DropForeignKey"
  readonly table: TableSource
  readonly foreignKey: ForeignKey
}

/** A function from a schema to a schema. */
export type Ddl = CreateTable | DropTable | CreateIndex | AddForeignKey | DropForeignKey

const freeze = Object.freeze
const carried = (key: string): Carried => ({ key, binds: nothing, ctes: nothing })

export const createTable = (
  table: TableSource,
  deferred: ReadonlyArray<string>,
  ifNotExists: boolean
): CreateTable =>
  freeze({
    _tag: "CreateTable",
    table,
    deferred: freeze(deferred),
    ifNotExists,
    ...carried(`create(T${table.id}|${deferred.map(quoted).join()}|${ifNotExists})`)
  })

export const dropTable = (table: TableSource, ifExists: boolean): DropTable =>
  freeze({ _tag: "DropTable", table, ifExists, ...carried(`drop(T${table.id}|${ifExists})`) })

export const createIndex = (table: TableSource, index: IndexNode): CreateIndex =>
  freeze({
    _tag: "CreateIndex",
    table,
    index,
    ...carried(`index(T${table.id}|${quoted(index.name)})`)
  })

export const addForeignKey = (table: TableSource, foreignKey: ForeignKey): AddForeignKey =>
  freeze({
    _tag: "AddForeignKey",
    table,
    foreignKey,
    ...carried(`addfk(T${table.id}|${quoted(foreignKey.name)})`)
  })

export const dropForeignKey = (table: TableSource, foreignKey: ForeignKey): DropForeignKey =>
  freeze({
    _tag: "DropForeignKey",
    table,
    foreignKey,
    ...carried(`dropfk(T${table.id}|${quoted(foreignKey.name)})`)
  })
