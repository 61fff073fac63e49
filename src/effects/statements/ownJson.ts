import { type JsonText, withJsonText } from "../../algebra/types/jsonText.ts"
import type { Compiled, Decode, Encode, Slot } from "../../compile/Compiled.ts"
import type { Statements } from "../FirstConnect.ts"

const known = new WeakMap<JsonText, WeakMap<Compiled, Compiled>>()

/** The same statements, whose values a database's own parser reads and its own printer prints. */
export const withOwnJson = (statements: Statements, json: JsonText): Statements => {
  let made = known.get(json)
  if (made === undefined) known.set(json, (made = new WeakMap()))
  const own = made
  return {
    made: statements.made,
    get: (node) => {
      const found = statements.get(node)
      if (found._tag === "Refusal") return found
      let compiled = own.get(found.compiled)
      if (compiled === undefined) own.set(found.compiled, (compiled = read(found.compiled, json)))
      return { ...found, compiled }
    }
  }
}

const read = (compiled: Compiled, json: JsonText): Compiled => {
  const decode: Decode<unknown> = (row) => withJsonText(json, () => compiled.decode!(row))
  return Object.freeze<Compiled>({
    ...compiled,
    slots: Object.freeze(compiled.slots.map((slot) => printed(slot, json))),
    get decode() {
      return compiled.decode === null ? null : decode
    }
  })
}

const printed = (slot: Slot, json: JsonText): Slot => {
  const encode: Encode = (value) => withJsonText(json, () => slot.encode(value))
  return Object.freeze({ ...slot, encode })
}
