import type { Capabilities } from "../../../algebra/Dialect.ts"
import type { Direction } from "../../../algebra/Relation.ts"
import { isDrawn, type Scalar } from "../../../algebra/Scalar.ts"
import type { Term } from "../../Placed.ts"
import type { Draft } from "./Draft.ts"
import { draws } from "./keys.ts"
import { isValue } from "./terms.ts"

/** The very term a key is selected as, which a label may stand for; drawn, it is another. */
export const selectedTerm = ({ fields }: Draft, key: Scalar): Term | null => {
  const found = fields?.find(
    ({ combined, node }) =>
      !combined && (node === key || (key.binds.length === 0 && node.key === key.key))
  )
  return found === undefined || isValue(key) || draws(key) ? null : found.term()
}

/**
 * Where NULLs stand can be said without an expression over the key, which a label does not allow.
 */
export const placesNulls = (
  { direction, nulls }: Direction,
  { nullsAre, nullsPlacement }: Capabilities
): boolean =>
  nullsPlacement || (nulls === "first") === ((nullsAre === "smallest") === (direction === "asc"))

/** Whether a sort key is drawn and no column is: it is no column, by number or by its words. */
export const isDrawnAlone = (
  key: Scalar,
  fields: ReadonlyArray<{ readonly node: Scalar }> | null
): boolean => isDrawn(key) && fields?.every(({ node }) => !draws(node)) === true
