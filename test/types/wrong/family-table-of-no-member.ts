// line: 10
// expect: 'pilot' does not exist in type
import { Column, Family } from "athanor"

Family.joined(
  "employees",
  "kind",
  { id: Column.id(), kind: Column.varchar(20) },
  { manager: { reports: Column.integer() } },
  { tables: { pilot: "pilots" } }
)
