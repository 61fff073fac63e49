import { refuse } from "../algebra/StatementError.ts"
import { type AnyEntity, ClassId, type RelationFacts } from "./EntityClass.ts"

/** Relations by name, one after another. */
export interface AnyPath {
  readonly entity: AnyEntity
  readonly names: ReadonlyArray<string>
}

/** The relations of a path, in its order. **Errors** `StatementError` for a name that is none. */
export const relationsAlong = ({ entity, names }: AnyPath): ReadonlyArray<RelationFacts> => {
  let at = entity[ClassId]
  return names.map((name) => {
    const found = at.relations().get(name) ?? refuse(`path: ${at.label} has no relation "${name}"`)
    at = found.related.class[ClassId]
    return found
  })
}
