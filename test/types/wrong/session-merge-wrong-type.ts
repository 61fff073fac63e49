// line: 11
// expect: Type 'number' is not assignable to type 'string'.
import { Column, Entity, Session } from "athanor"

class Person extends Entity<Person>()("people", { id: Column.id(), email: Column.text() }) {
  static readonly pets = this.hasMany(() => Pet)
}
class Pet extends Entity<Pet>()("pets", { id: Column.id(), name: Column.text(), personId: Column.integer() }) {
  static readonly person = this.belongsTo(() => Person)
}
export const merged = Session.merge(Person, { email: 5 })
