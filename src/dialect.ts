/**
 * athanor/dialect: what a dialect of your own is made of.
 */
export type { Capabilities, DialectName, Refusal, Version } from "./algebra/Dialect.ts"
export {
  alike,
  type Cases,
  type CommandCases,
  foldCommand,
  foldRelation,
  foldScalar,
  walk
} from "./algebra/fold.ts"
export { rewrite } from "./algebra/rewrite.ts"
export type { Dialect, Expect, OwnDialect, TermCases, Writer } from "./compile/Dialect.ts"
export type { Term } from "./compile/Placed.ts"
export { capabilities } from "./compile/capabilities.ts"
export { dialects } from "./compile/dialects.ts"
export { ansi } from "./compile/dialects/ansi.ts"
