/**
 * athanor/compile: the text of a statement without a database.
 */
export type { Capabilities, DialectName, Refusal, Version } from "./algebra/Dialect.ts"
export { type Audit, audit, type TableRead, type TableWrite } from "./compile/audit.ts"
export { capabilities } from "./compile/capabilities.ts"
export type { Compiled, Decode, Encode, RowKey, Slot } from "./compile/Compiled.ts"
export {
  compile,
  type CompileOptions,
  readable,
  type Readable
} from "./compile/compileStatement.ts"
export { lint } from "./compile/lint.ts"
export {
  type Outline,
  outline,
  type OutlinedSource,
  type OutlinedValue
} from "./compile/outline.ts"
export { revive, serialise } from "./compile/serial.ts"
export type { Warning } from "./compile/Warning.ts"
export { DecodeRefused } from "./compile/DecodeRefused.ts"
export { type CacheLimits, type Lookup, StatementCache } from "./compile/StatementCache.ts"
export {
  type CatalogSource,
  catalogSource,
  type CatalogSourceOptions,
  type Unsaid
} from "./compile/source/catalogSource.ts"
export {
  type EntityNaming,
  entitySource,
  type EntitySourceOptions,
  type NamedRelation
} from "./compile/source/entitySource.ts"
export { alterStatements } from "./compile/schema/alterations.ts"
export {
  createScript,
  type CreateScriptOptions,
  dropScript,
  type DropScriptOptions
} from "./compile/schema/ddlScript.ts"
export { picture, type PictureKind, type PictureOptions } from "./compile/picture/picture.ts"
export { dependencyOrder, type Ordered } from "./compile/schema/dependencyOrder.ts"
