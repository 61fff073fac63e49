// line: 16
// expect: Property 'reports' does not exist on type
import { Column, Family, Query } from "athanor"

const staff = Family.joined(
  "employees",
  "kind",
  { id: Column.id(), kind: Column.varchar(20), name: Column.text() },
  { manager: { reports: Column.integer() }, engineer: { language: Column.text() } }
)
class Manager extends Family.member<Manager>()(staff, "manager") {}
class Engineer extends Family.member<Engineer>()(staff, "engineer") {}
const Employee = Family.of(staff, { manager: Manager, engineer: Engineer })
export { Employee, Query }

Query.from(Employee).where(Employee.c.reports.gt(1))
