// line: 9
// expect: is not assignable to parameter of type 'KeyUnder<"kind", SharedColumns<
import { Column, Family, Session } from "athanor"

const fleet = Family.concrete("fleet", "kind", { id: Column.id() }, { car: {}, boat: {} })
class Car extends Family.member<Car>()(fleet, "car") {}
class Boat extends Family.member<Boat>()(fleet, "boat") {}
const Fleet = Family.of(fleet, { car: Car, boat: Boat })
export const ref = Fleet.ref(1)
export { Session }
