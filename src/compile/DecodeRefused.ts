/**
 * A stored value its column's type cannot read, with the path of the cell (`posts.0.title`).
 *
 * **Shape** thrown by compiled decoders only; the query primitive turns it into `DecodeFailed`.
 *
 * @example
 * ```ts
 * import { DecodeRefused } from "athanor/compile"
 * const refused = new DecodeRefused("posts.0.title", "text")
 * refused.message // => "posts.0.title: expected text"
 * ```
 * @category errors
 */
export class DecodeRefused extends Error {
  readonly _tag = "DecodeRefused"
  override readonly name = "DecodeRefused"
  readonly path: string
  readonly expected: string
  constructor(path: string, expected: string) {
    super(`${path}: expected ${expected}`)
    this.path = path
    this.expected = expected
  }
}

/** Refuses a cell, from inside a compiled decoder. */
export const refuseCell = (path: string, expected: string): never => {
  throw new DecodeRefused(path === "" ? "value" : path, expected)
}
