import { noNotes } from "../algebra/schema/notes.ts"
import type { ColumnNode } from "../algebra/Source.ts"
import type { AnyType } from "../algebra/Type.ts"

/** A column that no table keeps: it is read. */
export const readColumn = (key: string, type: AnyType): ColumnNode =>
  Object.freeze({
    key,
    name: key,
    type,
    written: type,
    rules: [],
    redacted: false,
    nullable: true,
    identity: false,
    counted: null,
    default: null,
    serverDefault: null,
    computed: null,
    onUpdate: null,
    writeOnce: true,
    version: false,
    serverSet: null,
    spelled: null,
    attributes: null,
    comment: null,
    notes: noNotes,
    guarded: null,
    deferred: null
  })
