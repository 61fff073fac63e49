import * as assert from "node:assert/strict"
import * as Equal from "effect/Equal"

/** Both ways must give the same values before either is timed. */
export const assertSame = (ours: unknown, raw: unknown, path: string): void => {
  if (isObject(ours) && isObject(raw) && isPlain(raw)) {
    assert.deepEqual(Object.keys(ours), Object.keys(raw), path)
    for (const key of Object.keys(ours)) assertSame(ours[key], raw[key], `${path}.${key}`)
    return
  }
  const equal =
    ours instanceof Date && raw instanceof Date
      ? ours.getTime() === raw.getTime()
      : Equal.equals(ours, raw)
  assert.ok(typeof ours === typeof raw && equal, `${path}: ${String(ours)} and ${String(raw)}`)
}

/** A plain row or a list on the raw side; ours may be an entity, which has the same keys. */
const isPlain = (value: object): boolean =>
  Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null
