import { shownColumn } from "../algebra/schema/tableSource.ts"
import type { Mapped } from "./EntityClass.ts"

/** Node's and Bun's own name for how a value prints itself. */
export const inspectId: unique symbol = Symbol.for("nodejs.util.inspect.custom")

/** What Node hands to a value that prints itself. */
export type Inspect = (value: unknown, options: object) => string

type Cells = Readonly<Record<string, unknown>>

/** Printed as its name, whatever quotes texts have. */
const redacted = Object.freeze({ [inspectId]: () => "<redacted>" })

const ownCells = ({ source }: Mapped, value: object): Record<string, unknown> => {
  // A column may be called `__proto__`: only definition makes it a property.
  const out = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(value))
    out[key] = shownColumn(source, key)?.redacted === true ? redacted : (value as Cells)[key]
  return out
}

/** `User { id: 1, name: 'Alice' }`, at the depth and in the colours that were asked for. */
export const inspectValue = (
  label: string,
  entity: Mapped,
  value: object,
  depth: number,
  options: object,
  inspect: Inspect
): string => {
  if (depth < 0) return `[${label}]`
  const cells = Object.assign({}, ownCells(entity, value))
  return `${label} ${inspect(cells, options)}`
}

const related = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(related) : hasToJson(value) ? value.toJSON() : value

const hasToJson = (value: unknown): value is { readonly toJSON: () => unknown } =>
  typeof value === "object" && value !== null && "toJSON" in value

/** Columns by their JSON codecs, loaded relations by their own. */
export const jsonOf = (entity: Mapped, value: object): Cells => {
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const one = (value as Cells)[key]
    const column = shownColumn(entity.source, key)
    const json =
      column === undefined || one === null ? related(one) : column.type.codec.json.encode(one)
    Object.defineProperty(out, key, {
      value: json,
      enumerable: true,
      writable: true,
      configurable: true
    })
  }
  return out
}
