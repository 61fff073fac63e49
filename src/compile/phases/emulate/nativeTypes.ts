import type { Capabilities } from "../../../algebra/Dialect.ts"
import type { SqlType } from "../../../algebra/SqlType.ts"

/** Types that some servers have not and nothing says instead, by the capability that has them. */
const native: { readonly [T in SqlType["_tag"]]?: "arrays" } = { Array: "arrays" }

/** Refuses a type the server has not, wherever an expression or a column is of it. */
export const refuseForeign = (
  { _tag }: SqlType,
  capabilities: Capabilities,
  refuse: (capability: string, construct: string) => void
): void => {
  const capability = native[_tag]
  if (capability !== undefined && !capabilities[capability])
    refuse(capability, `a value of the type ${_tag.toLowerCase()}`)
}
