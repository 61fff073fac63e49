import { FromId } from "../algebra/From.ts"
import { EntityBase } from "./EntityBase.ts"
import { ClassId } from "./EntityClass.ts"
import { declareEntity, type Place } from "./EntityDeclaration.ts"

/** The class that the class of an entity extends. */
export const baseOver = (place: Place): typeof EntityBase => {
  const declared = declareEntity(place)
  class Base extends EntityBase {
    static get [ClassId]() {
      return declared.of(this)
    }
    static get [FromId]() {
      return declared.from(this)
    }
    static get c() {
      return declared.columns(this)
    }
  }
  declared.base(Base)
  return Base
}
