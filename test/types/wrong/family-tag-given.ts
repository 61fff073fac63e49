// line: 12
// expect: Object literal may only specify known properties, and 'kind' does not exist in type 'New<typeof Manager>'.
import { Column, Family } from "athanor"

const staff = Family.single("employees", "kind",
  { id: Column.id(), kind: Column.varchar(20), name: Column.text() },
  { manager: { reports: Column.integer() }, engineer: { language: Column.text() } })
class Manager extends Family.member<Manager>()(staff, "manager") {}
class Engineer extends Family.member<Engineer>()(staff, "engineer") {}
const Employee = Family.of(staff, { manager: Manager, engineer: Engineer })
export { Employee, Engineer }
export const ann = Manager.make({ kind: "manager", name: "Ann", reports: 1 })
