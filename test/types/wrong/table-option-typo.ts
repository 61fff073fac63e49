// line: 6
// expect: 'strickt' does not exist in type 'SqliteTable'
import { Column, Table } from "athanor"

const users = Table.make("users", { id: Column.id() }, undefined, {
  sqlite: { strickt: true }
})
