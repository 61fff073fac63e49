/**
 * A schema by its name.
 *
 * @category models
 */
export interface NamedSchema {
  readonly _tag: "NamedSchema"
  readonly name: string
}
