import type { Brand } from "effect/Brand"
import type { Utc } from "effect/DateTime"
import type { Generator } from "./Generator.ts"
import type { Scalar } from "./Scalar.ts"
import * as S from "./Scalar.ts"
import type { ReferentialAction } from "./Source.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType, Type } from "./Type.ts"
import * as T from "./types.ts"
import { isExpr } from "./Expression.ts"
import type { Value } from "./Value.ts"

declare const ColumnId: unique symbol

/** Whether an insert gives the column: it must, it may, it cannot. */
export type OnInsert = "required" | "optional" | "never"

/** Whether an update may give the column. */
export type OnUpdate = "yes" | "no"

/** A foreign key as a column declares it; the thunk is read when the schema is. */
export interface Reference {
  readonly target: () => Value<any, any>
  readonly onDelete: ReferentialAction
  readonly onUpdate: ReferentialAction
}

/** The facts of a column, as data. */
export interface ColumnFacts {
  readonly type: () => AnyType
  readonly name: string | null
  readonly nullable: boolean
  readonly primaryKey: boolean
  readonly identity: boolean
  readonly unique: boolean
  readonly default: Generator | null
  readonly serverDefault: Scalar | null
  readonly onUpdate: Generator | null
  readonly writeOnce: boolean
  readonly version: boolean
  readonly references: Reference | null
}

/** A client-made value: `Column.now`, `Column.uuid4`, `Column.uuid7`. */
export interface Made<out A> {
  readonly [MadeId]?: A
  readonly generator: Generator
}
declare const MadeId: unique symbol

/** ON DELETE and ON UPDATE of a foreign key; `no action` unless said. */
export interface ReferenceOptions {
  readonly onDelete?: ReferentialAction
  readonly onUpdate?: ReferentialAction
}

/**
 * A column of a table: its type and the facts the server and the mapper need.
 *
 * **Shape** `A` is the value, null included where nullable. `In` and `Up` say whether an insert and
 * an update give it. Immutable: each method returns a new column.
 * **Source** SQL:2016 part 2, 11.4 column definition; SQLAlchemy 2.0 "Column, Table, MetaData".
 *
 * @example
 * ```ts
 * import { Column, Table } from "athanor"
 * const users = Table.make("users", {
 *   id: Column.id(),
 *   email: Column.varchar(255).unique(),
 *   createdAt: Column.timestamp().default(Column.now)
 * })
 * ```
 * @category models
 */
export interface Column<
  out A,
  out In extends OnInsert = "required",
  out Up extends OnUpdate = "yes"
> {
  readonly [ColumnId]?: { readonly value: A; readonly insert: In; readonly update: Up }
  readonly facts: ColumnFacts
  /** Allows NULL; an insert may leave it out. */
  nullable(): Column<A | null, In extends "required" ? "optional" : In, Up>
  /** A value made by the client when an insert leaves the column out. */
  default(value: NonNullable<A> | Made<NonNullable<A>>): Column<A, "optional", Up>
  /** A value made by the server when an insert leaves the column out: a constant expression. */
  serverDefault(value: NonNullable<A> | Value<A, never>): Column<A, "optional", Up>
  /** A value made by the client when an update leaves the column out. */
  onUpdate(value: NonNullable<A> | Made<NonNullable<A>>): Column<A, In, Up>
  /** Part of the primary key. Never updated. */
  primaryKey(): Column<A, In, "no">
  /** UNIQUE by itself. */
  unique(): Column<A, In, Up>
  /** REFERENCES one column of another table, or of its own. */
  references(target: () => Value<any, any>, options?: ReferenceOptions): Column<A, In, Up>
  /** The name in the database, where it is not the key in snake_case. */
  named(name: string): Column<A, In, Up>
  /** Never changed after insert. */
  writeOnce(): Column<A, In, "no">
  /** Counts the row's updates: 1 on insert; a stale writer gets `StaleRow`. */
  version(this: Column<number, any, any>): Column<A, "never", "no">
}

/** The value of a column. */
export type ColumnValue<C> = C extends Column<infer A, any, any> ? A : never

const facts = (type: () => AnyType): ColumnFacts => ({
  type,
  name: null,
  nullable: false,
  primaryKey: false,
  identity: false,
  unique: false,
  default: null,
  serverDefault: null,
  onUpdate: null,
  writeOnce: false,
  version: false,
  references: null
})

const isMade = (value: unknown): value is Made<unknown> =>
  typeof value === "object" && value !== null && Object.hasOwn(value, "generator")

const generatorOf = (value: unknown): Generator =>
  value === undefined
    ? refuse("a default is undefined")
    : isMade(value)
      ? value.generator
      : Object.freeze({ _tag: "Value", value })

const prototype = {
  nullable(this: Built) {
    return with_(this, { nullable: true })
  },
  default(this: Built, value: unknown) {
    return with_(this, { default: generatorOf(value) })
  },
  serverDefault(this: Built, value: unknown) {
    return with_(this, {
      serverDefault: isExpr(value) ? value.node : S.bound(value, this.facts.type())
    })
  },
  onUpdate(this: Built, value: unknown) {
    return with_(this, { onUpdate: generatorOf(value) })
  },
  primaryKey(this: Built) {
    return with_(this, { primaryKey: true, writeOnce: true })
  },
  unique(this: Built) {
    return with_(this, { unique: true })
  },
  references(this: Built, target: () => Value<any, any>, options: ReferenceOptions = {}) {
    const { onDelete = "no action", onUpdate = "no action" } = options
    return with_(this, { references: Object.freeze({ target, onDelete, onUpdate }) })
  },
  named(this: Built, name: string) {
    return with_(this, { name })
  },
  writeOnce(this: Built) {
    return with_(this, { writeOnce: true })
  },
  version(this: Built) {
    return with_(this, {
      version: true,
      writeOnce: true,
      default: Object.freeze({ _tag: "Value", value: 1 })
    })
  }
}

interface Built {
  readonly facts: ColumnFacts
}

/** Every column is built here; its type parameters are what the constructor says. */
const build = (facts: ColumnFacts): never =>
  Object.freeze(
    Object.assign(Object.create(prototype) as object, { facts: Object.freeze(facts) })
  ) as never

const with_ = (self: Built, change: Partial<ColumnFacts>) => build({ ...self.facts, ...change })

/** A column of any type. */
export const make = <A>(type: Type<A>): Column<A> => build(facts(() => type))

/** An integer key made by the server; `id("UserId")` brands its values. */
export const id: {
  (): Column<number, "never", "no">
  <const B extends string>(brand: B): Column<number & Brand<B>, "never", "no">
} = () => build({ ...facts(() => T.integer), primaryKey: true, identity: true, writeOnce: true })

/** A column of the type of another column: a foreign key's own side. */
export const key = <A>(target: () => Column<A, any, any>): Column<A> =>
  build(facts(() => target().facts.type()))

/** 16-bit integer. */
export const smallint = (): Column<number> => make(T.smallint)
/** 32-bit integer. */
export const integer = (): Column<number> => make(T.integer)
/** 64-bit integer, as `bigint`. */
export const bigint = (): Column<bigint> => make(T.bigint)
/** Double precision floating point. */
export const double = (): Column<number> => make(T.double)
/** Exact decimal of `precision` digits, `scale` of them after the point. */
export const numeric = (precision: number, scale: number) => make(T.numeric(precision, scale))
/** Text of at most `length` characters. */
export const varchar = (length: number): Column<string> => make(T.varchar(length))
/** Text without a limit. */
export const text = (): Column<string> => make(T.text)
/** TRUE or FALSE. */
export const boolean = (): Column<boolean> => make(T.boolean)
/** Bytes. */
export const bytes = () => make(T.bytes)
/** A UUID as lower-case text. */
export const uuid = (): Column<string> => make(T.uuid)
/** An instant in UTC, to the millisecond. */
export const timestamp = (): Column<Utc> => make(T.timestamp())
/** A day of the calendar. */
export const date = () => make(T.date)
/** One of the given texts. */
const enumeration = <const V extends readonly [string, ...Array<string>]>(
  values: V
): Column<V[number]> => make(T.enumeration(values))
export { enumeration as enum }

/** The current time from Effect's Clock, when the statement runs. */
export const now: Made<any> = Object.freeze({ generator: Object.freeze({ _tag: "Now" }) })
/** A random UUID, when the statement runs. */
export const uuid4: Made<string> = Object.freeze({ generator: Object.freeze({ _tag: "Uuid4" }) })
/** A time-ordered UUID, when the statement runs. */
export const uuid7: Made<string> = Object.freeze({ generator: Object.freeze({ _tag: "Uuid7" }) })
