/** Makes a record of the values of its keys, in their order. */
export type RecordMaker = new (...cells: ReadonlyArray<unknown>) => object

/** Whether the host lets code be made from text; asked once. */
export const canCompile: boolean = (() => {
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- asks whether it may
    return new Function("return true")() === true
  } catch {
    return false
  }
})()

/**
 * A constructor of frozen records: assignments give all of them one hidden class. A key the
 * prototype answers for itself, by an accessor or a constant, is defined instead of assigned.
 *
 * **Shape** where the host takes code made from text: `canCompile`. `onRead` is asked before a
 * record is frozen.
 */
export const recordMaker = (
  keys: ReadonlyArray<string>,
  prototype: object,
  onRead: ((record: Record<string, unknown>) => void) | null
): RecordMaker => {
  const args = keys.map((_, i) => `a${i}`)
  const body = keys.map((key, i) =>
    isAssignable(key, prototype)
      ? `this[${JSON.stringify(key)}] = a${i}`
      : `define(this, ${JSON.stringify(key)}, a${i})`
  )
  const end = `${onRead === null ? "" : "onRead(this); "}Object.freeze(this)`
  // oxlint-disable-next-line typescript/no-implied-eval -- made of quoted keys only
  const make = new Function(
    "define",
    "onRead",
    `"use strict"; return function (${args.join(", ")}) { ${body.join("; ")}; ${end} }`
  )(define, onRead) as RecordMaker & { prototype: object }
  make.prototype = prototype
  return make
}

/** Gives a record a property, whatever its prototype says of the key. */
export const define = (record: object, key: string, value: unknown): void => {
  Object.defineProperty(record, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true
  })
}

/** Whether an assignment makes an own property: no accessor or constant stands in the way. */
export const isAssignable = (key: string, prototype: object): boolean => {
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, key)
    if (found !== undefined) return found.writable === true
  }
  return true
}
