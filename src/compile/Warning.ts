/**
 * What is allowed and seldom meant.
 *
 * **Shape** `groups` are aliases of one FROM that conditions connect; nothing connects one group
 * with another, so each row of one meets each row of the other.
 *
 * @category models
 */
export interface Warning {
  readonly _tag: "CartesianProduct"
  readonly groups: ReadonlyArray<ReadonlyArray<string>>
}
