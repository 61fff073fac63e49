import { refuse } from "../algebra/StatementError.ts"
import { type AnyEntity, ClassId, type Mapped, type RelationFacts } from "./EntityClass.ts"

/** Relations by name, one after another. */
export interface AnyPath {
  readonly entity: AnyEntity
  readonly names: ReadonlyArray<string>
}

const unfollowed = ({ label, members }: Mapped, name: string): string =>
  (members?.each(name) ?? []).length > 0
    ? `the members of ${label} each have "${name}" in their own way: begin at one of them`
    : `${label} has no relation "${name}"`

/** The relations of a path, in its order. **Errors** `StatementError` for a name that is none. */
export const relationsAlong = ({ entity, names }: AnyPath): ReadonlyArray<RelationFacts> => {
  let at = entity[ClassId]
  return names.map((name) => {
    const found = at.relations().get(name) ?? refuse(`path: ${unfollowed(at, name)}`)
    at = found.related.class[ClassId]
    return found
  })
}
