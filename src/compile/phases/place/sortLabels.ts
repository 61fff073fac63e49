import { windows } from "../../../algebra/block.ts"
import type { Capabilities } from "../../../algebra/Dialect.ts"
import type { Direction } from "../../../algebra/Relation.ts"
import { isDrawn, type Scalar } from "../../../algebra/Scalar.ts"
import type { Term } from "../../Placed.ts"
import type { Draft } from "./Draft.ts"
import { draws } from "./keys.ts"
import { isValue } from "./contents.ts"
import { looksAround } from "./varying.ts"

/**
 * The very term a key is selected as, which a label may stand for. Drawn, it is another; a window
 * that has become a column below is over the rows there, and the key's over those that are left.
 */
export const selectedTerm = ({ fields }: Draft, key: Scalar): Term | null => {
  const found = fields?.find(
    ({ combined, node }) =>
      !combined && (node === key || (key.binds.length === 0 && node.key === key.key))
  )
  if (found === undefined || isValue(key) || draws(key)) return null
  const term = found.term()
  return windows(key) && !looksAround(term) ? null : term
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
