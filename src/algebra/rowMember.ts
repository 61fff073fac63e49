import type { RowMember, RowMembers } from "./RowShape.ts"
import { refused } from "./types/make.ts"

/**
 * Whose row these values are.
 *
 * **Errors** refused where a part of the row is missing: what is not there is not a row of nulls.
 */
export const rowMember = (
  { by, classes }: RowMembers,
  cells: ReadonlyArray<unknown>
): RowMember => {
  // What no class is for is refused by the type of this value.
  const member = classes.get(cells[by])!
  const { kept } = member
  return kept !== null && cells[kept.at] === null ? refused(kept.expected, kept.of) : member
}
