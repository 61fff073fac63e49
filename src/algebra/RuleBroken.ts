/** What of a value breaks a rule, and the words of the rule. */
export interface Breach {
  readonly path: ReadonlyArray<PropertyKey>
  readonly expected: string
}

/** The first breach of a value; null where it keeps the rule. */
export type Rule = (value: unknown) => Breach | null

/** A rule over several columns of a row: asked where all of them are known. */
export interface RowRule {
  readonly columns: ReadonlyArray<string>
  readonly rule: Rule
}

/**
 * A value that breaks a rule, where no database is asked.
 *
 * **Shape** `entity` and `path` name the column or columns, `rule` is what they must be; the value
 * is never told. Where a database is asked the same is `EncodeFailed`.
 *
 * @example
 * ```ts
 * import { Column, Entity, RuleBroken } from "athanor"
 * import { Result } from "effect"
 * const name = Column.text().rule("a name", (text) => text !== "")
 * class User extends Entity<User>()("users", { id: Column.id(), name }) {}
 * const broken = Result.getOrThrow(Result.flip(User.makeResult({ name: "" })))
 * broken instanceof RuleBroken && broken.rule // => "a name"
 * ```
 * @category errors
 */
export class RuleBroken extends Error {
  readonly _tag = "RuleBroken"
  override readonly name = "RuleBroken"
  readonly entity: string
  readonly path: string
  readonly rule: string
  constructor(entity: string, path: string, rule: string) {
    super(`${entity}${path === "" ? "" : `.${path}`}: expected ${rule}`)
    this.entity = entity
    this.path = path
    this.rule = rule
  }
}

/** Refuses a value: who asked for a result gets it as one. */
export const breakRule = (entity: string, path: string, rule: string): never => {
  throw new RuleBroken(entity, path, rule)
}
