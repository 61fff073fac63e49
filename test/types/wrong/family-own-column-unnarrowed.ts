// line: 12
// expect: Property 'reports' does not exist on type 'Engineer | Manager'.
import { Column, Family } from "athanor"

const staff = Family.single("employees", "kind",
  { id: Column.id(), kind: Column.varchar(20), name: Column.text() },
  { manager: { reports: Column.integer() }, engineer: { language: Column.text() } })
class Manager extends Family.member<Manager>()(staff, "manager") {}
class Engineer extends Family.member<Engineer>()(staff, "engineer") {}
const Employee = Family.of(staff, { manager: Manager, engineer: Engineer })
type Employee = (typeof Employee)["prototype"]
export const reports = (one: Employee) => one.reports
