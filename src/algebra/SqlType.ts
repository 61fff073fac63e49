import type { DialectName } from "./Dialect.ts"

/** What a server stores, as data: the closed union each dialect spells in its own words. */
export type SqlType =
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
