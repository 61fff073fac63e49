declare const WritableId: unique symbol

/**
 * What an insert and an update of a source take.
 *
 * @category models
 */
export interface Writable<in out Insert, in out Patch> {
  readonly [WritableId]?: { readonly insert: Insert; readonly patch: Patch }
}

/**
 * A source that no command writes: its rows come from a query.
 *
 * @category models
 */
export interface ReadOnly {
  readonly [WritableId]?: "what is made from a query is read, not written"
}

/**
 * Where the types keep what an insert and an update take.
 *
 * @category models
 */
export type WritableId = typeof WritableId
