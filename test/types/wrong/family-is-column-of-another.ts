// line: 11
// expect: Argument of type 'Expr<boolean, "engineer">' is not assignable to parameter of type 'Expr<boolean | null, "manager">'.
import { Column, Family } from "athanor"

const staff = Family.single("employees", "kind",
  { id: Column.id(), kind: Column.varchar(20), name: Column.text() },
  { manager: { reports: Column.integer() }, engineer: { language: Column.text() } })
class Manager extends Family.member<Manager>()(staff, "manager") {}
class Engineer extends Family.member<Engineer>()(staff, "engineer") {}
const Employee = Family.of(staff, { manager: Manager, engineer: Engineer })
export const is = Family.is(Employee, Manager, Engineer.c.language.eq("C"))
