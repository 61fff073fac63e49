import type { Item, Term } from "../../Placed.ts"

/**
 * The preferred label if nothing has it, else the next free `cN`.
 *
 * MariaDB 10.11 pushes a condition into a grouped derived table and then finds the name of a key
 * ambiguous that is a label of something else.
 */
export const freshLabel = (
  preferred: string | null,
  items: ReadonlyArray<Item>,
  group: ReadonlyArray<Term> | null = null,
  labelled: Term | null = null
): string => {
  const taken = new Set(items.map((item) => item.label.toLowerCase()))
  const own = labelled?._tag === "Column" ? labelled.name : null
  for (const key of group ?? [])
    if (key._tag === "Column" && key.name !== own) taken.add(key.name.toLowerCase())
  if (
    preferred !== null &&
    /^[a-zA-Z_][a-zA-Z0-9_]{0,29}$/.test(preferred) &&
    !taken.has(preferred.toLowerCase())
  )
    return preferred
  let next = items.length
  while (taken.has(`c${next}`)) next++
  return `c${next}`
}
