import type { DialectName, Version } from "./Dialect.ts"

type PerDialect<A> = Readonly<Record<DialectName, A>>

/** A type under its own name, where a dialect has one: null where it has not. */
export interface Exact {
  readonly name: string
  /** What a server that lacks it is said to lack. */
  readonly capability: string
  readonly column: PerDialect<string | null>
  /** In CAST, where that is another word. */
  readonly cast?: Readonly<Partial<Record<DialectName, string>>>
  /** The first version that has it. */
  readonly since?: Readonly<Partial<Record<DialectName, Version>>>
  /** The character set and collation of a column of it. */
  readonly characters?: { readonly set: string | null; readonly collation: string | null }
}

/** What stands before and after a value; null where it stands as it is. */
export type Around = readonly [before: string, after: string] | null

/** The expressions values pass: `write` on their way in, `read` where they are selected. */
export interface Wrap {
  /** The type of what is bound and what is read. */
  readonly as: SqlType
  readonly write: PerDialect<Around>
  readonly read: PerDialect<Around>
}

/** What a server stores, as data: a family, its exact name if it has one, its expressions. */
export type SqlType = Family & { readonly exact?: Exact; readonly wrap?: Wrap }

/** The closed union each dialect spells in its own words. */
export type Family =
  | { readonly _tag: "Smallint" }
  | { readonly _tag: "Integer" }
  | { readonly _tag: "Bigint" }
  | { readonly _tag: "Double" }
  | { readonly _tag: "Numeric"; readonly precision: number; readonly scale: number }
  | { readonly _tag: "Varchar"; readonly length: number }
  | {
      readonly _tag: "Text"
      /** Its collation by dialect, where it is not the table's. */
      readonly collation?: Readonly<Partial<Record<DialectName, string>>>
    }
  | { readonly _tag: "Boolean" }
  | { readonly _tag: "Bytes" }
  | { readonly _tag: "Uuid" }
  | { readonly _tag: "Json" }
  | { readonly _tag: "Date" }
  | { readonly _tag: "Time"; readonly precision: number }
  | { readonly _tag: "Timestamp"; readonly precision: number }
  | { readonly _tag: "Interval" }
  | { readonly _tag: "Enum"; readonly values: ReadonlyArray<string> }
  | {
      readonly _tag: "Array"
      /** Of its elements, at whatever depth. */
      readonly of: SqlType
      readonly dimensions: number
    }
  | { readonly _tag: "Range"; readonly of: SqlType; readonly multi: boolean }
  | { readonly _tag: "Custom"; readonly print: Readonly<Record<DialectName, string>> }
