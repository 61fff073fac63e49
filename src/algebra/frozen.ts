import { refuse } from "./StatementError.ts"

/**
 * Values that hold others, held fast: lists, records, sets and maps that nobody changes in place.
 */

type Holder = ReadonlyArray<unknown> | Readonly<Record<string, unknown>> | Set<unknown> | Members

type Members = Map<unknown, unknown>

/** A class that a schema made: its values are their parts, and never change. */
const isOfSchema = (prototype: object): boolean => {
  const made: unknown = Reflect.get(prototype, "constructor")
  return typeof made === "function" && "~effect/Schema/Schema" in made
}

/** Only what is nothing but its parts: other classes keep what they have worked out in fields. */
const isHolder = (value: object): value is Holder => {
  if (Array.isArray(value)) return true
  const prototype = Object.getPrototypeOf(value) as object | null
  return (
    prototype === Object.prototype ||
    prototype === null ||
    prototype === Set.prototype ||
    prototype === Map.prototype ||
    isOfSchema(prototype)
  )
}

const partsOf = (value: Holder): Iterable<unknown> => {
  if (value instanceof Map) return [...value].flat()
  return value instanceof Set ? value : Object.values(value)
}

const refused = (): never => refuse("a value a column holds is replaced, never changed in place")

/** Members are no properties: freezing leaves what changes them, which is closed by name. */
const changing = ["add", "set", "delete", "clear"]

const close = (value: Holder): void => {
  if (Object.isFrozen(value)) return
  if (value instanceof Set || value instanceof Map)
    for (const name of changing) Object.defineProperty(value, name, { value: refused })
  Object.freeze(value)
}

/**
 * The same value, frozen to the bottom.
 *
 * **Shape** for values made here, which nobody else holds.
 */
export const frozen = <A>(value: A): A => {
  if (typeof value !== "object" || value === null) return value
  const stack: Array<object> = [value]
  const seen = new Set<object>()
  while (stack.length > 0) {
    const one = stack.pop()!
    if (!isHolder(one) || seen.has(one)) continue
    seen.add(one)
    for (const part of partsOf(one)) if (typeof part === "object" && part !== null) stack.push(part)
    close(one)
  }
  return value
}

const copies = <A extends object>(value: A, path: ReadonlySet<object>): A => {
  // What leads back to itself no column takes: writing it says so.
  if (!isHolder(value) || path.has(value)) return value
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype !== null && isOfSchema(prototype)) return frozen(value)
  const inside = new Set(path).add(value)
  const copy = (part: unknown): unknown =>
    typeof part === "object" && part !== null ? copies(part, inside) : part
  const made: Holder = Array.isArray(value)
    ? value.map(copy)
    : value instanceof Map
      ? new Map([...value].map(([key, part]) => [copy(key), copy(part)]))
      : value instanceof Set
        ? new Set([...value].map(copy))
        : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copy(part)]))
  close(made)
  return made as A
}

/**
 * A value somebody gave, so that what they do to it later is nothing to who holds it.
 *
 * **Shape** what is frozen to the bottom is taken as it is; else a frozen copy. A value of a
 * schema's class is frozen itself; those of other classes are what they are.
 */
export const held = <A>(value: A): A =>
  typeof value !== "object" || value === null || isFast(value) ? value : copies(value, new Set())

const isFast = (value: object): boolean => {
  const stack: Array<object> = [value]
  const seen = new Set<object>()
  while (stack.length > 0) {
    const one = stack.pop()!
    if (!isHolder(one) || seen.has(one)) continue
    if (!Object.isFrozen(one)) return false
    if ((one instanceof Set || one instanceof Map) && !Object.hasOwn(one, "clear")) return false
    seen.add(one)
    for (const part of partsOf(one)) if (typeof part === "object" && part !== null) stack.push(part)
  }
  return true
}
