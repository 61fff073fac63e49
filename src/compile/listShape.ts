import type { DialectName } from "../algebra/Dialect.ts"
import { type Bound, type BoundList, listClass } from "../algebra/Scalar.ts"
import type { AnyType } from "../algebra/Type.ts"
import { isJsonSafe } from "./dialects/sqlite.ts"

/** Whether a list is said as many places; else as one parameter, whatever its length. */
const spreads: Readonly<Record<DialectName, ((type: AnyType) => boolean) | null>> = {
  sqlite: (type) => !isJsonSafe(type),
  postgres: null,
  mysql: () => true,
  mariadb: () => true
}

/**
 * What the lengths of a statement's lists add to the key of its text: the size class of each list
 * that is said as many places. Null where no list is.
 *
 * **Laws** L21: equal keys and equal shapes, equal text.
 */
export const listShape = (
  dialect: DialectName
): ((binds: ReadonlyArray<Bound | BoundList>) => string) | null => {
  const isSpread = spreads[dialect]
  if (isSpread === null) return null
  return (binds) => {
    let shape = ""
    for (const bind of binds)
      if (bind._tag === "BoundList" && isSpread(bind.type))
        shape += `[${listClass(bind.values.length)}]`
    return shape
  }
}
