import { bindsAlong, bindsOfAll, type Carried, ctesOf, ctesOfAll } from "./carried.ts"
import type { Scalar } from "./nodes.ts"

/**
 * The parts of a junction within a junction of the same kind are its own. V8 copies a frozen list
 * quickly where it is spread alone: what a chain of ten thousand does at each step.
 */
export const flat = <T extends "And" | "Or">(
  tag: T,
  parts: ReadonlyArray<Scalar>
): ReadonlyArray<Scalar> => {
  let list: Array<Scalar> | null = null
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at]!
    if (part._tag !== tag) list?.push(part)
    else if (at === 0) list = [...part.parts]
    else {
      list ??= parts.slice(0, at)
      for (const one of part.parts) list.push(one)
    }
  }
  return list ?? parts
}

/**
 * Key, values and common table expressions of a list that is read from left to right, so that one
 * more part costs one more part, however long the list is.
 */
export const chained = (
  parts: ReadonlyArray<Scalar>,
  list: ReadonlyArray<Scalar>,
  sign: string
): Carried => {
  const [first, second] = parts
  if (parts.length === 2 && list.length > 2 && list.at(-1) === second) {
    return {
      key: `(${first!.key}${sign}${second!.key})`,
      binds: bindsAlong(first!, second!),
      ctes: ctesOf(first!, second!)
    }
  }
  return {
    key: listKey(list, sign),
    binds: bindsOfAll(list),
    ctes: ctesOfAll(list)
  }
}

/** `((a and b) and c)`, put together from as few pieces as there can be. */
const listKey = (list: ReadonlyArray<Scalar>, sign: string): string => {
  const first = list[0]?.key ?? ""
  if (list.length < 2) return `(${first}${sign})`
  const next = `)${sign}`
  let key = `${"(".repeat(list.length - 1)}${first}${sign}${list[1]!.key}`
  for (let at = 2; at < list.length; at++) {
    key += next
    key += list[at]!.key
  }
  return `${key})`
}
