/**
 * How a flat row of values becomes one value: the description compiled decoders are made from.
 *
 * **Shape** `Cell` takes the value at `index`. `Record` builds an object with own keys in order, or
 * an instance of `prototype`, which is that of arrays where the keys are places in a tuple; with a
 * `presence` index it is null where that value is null, false or 0: an absent outer-joined row is
 * not a row of nulls.
 */
export type RowShape =
  | { readonly _tag: "Cell"; readonly index: number }
  | {
      readonly _tag: "Record"
      readonly keys: ReadonlyArray<string>
      readonly parts: ReadonlyArray<RowShape>
      readonly presence: number | null
      /** Class whose instances these records are, as its prototype; plain objects where null. */
      readonly prototype: object | null
      /** The classes below that one, by a value of the record. */
      readonly members?: RowMembers | null
      /** The source the record is a row of, where statements say another in its place. */
      readonly of?: object
    }

/** The part of a row a reference's path leads to; a row that is one value has it as `value`. */
export const partAt = (shape: RowShape, path: ReadonlyArray<string>): RowShape | null => {
  if (shape._tag === "Cell" && path.length === 1 && path[0] === "value") return shape
  let at: RowShape = shape
  for (const step of path) {
    if (at._tag === "Cell") return null
    const below: RowShape | undefined = at.parts[at.keys.indexOf(step)]
    if (below === undefined) return null
    at = below
  }
  return at
}

/** Where a prototype of records says what is done to each of them before it is frozen. */
export const OnReadId: unique symbol = Symbol.for("athanor/onRead")

/** What is done to a record that was read, in place; null where nothing is. */
export type OnRead = ((record: Record<string, unknown>) => void) | null

/** What the class of some records does to each of them. */
export const onReadOf = (prototype: object): OnRead =>
  (prototype as { readonly [OnReadId]?: OnRead })[OnReadId] ?? null

/** Rows of one source that are values of several classes. */
export interface RowMembers {
  /** The place of the value that says which: in the keys of the record. */
  readonly by: number
  /** What no class is for is refused by the type of that value. */
  readonly classes: ReadonlyMap<unknown, RowMember>
}

/** The values of one class: which of the record they have, and under which keys. */
export interface RowMember {
  readonly prototype: object
  readonly places: ReadonlyArray<number>
  readonly keys: ReadonlyArray<string>
  /** What is NULL where a part of the row is missing, and the words for it; null where none is. */
  readonly kept: KeptPart | null
}

/** A part of a row that is kept apart from the others. */
export interface KeptPart {
  /** The place of a value that it never lacks. */
  readonly at: number
  readonly expected: string
  /** Whose it is, and the key of the value that says so. */
  readonly of: { readonly entity: string; readonly below: string }
}
