// line: 15
// expect: Property 'place' is missing in type
import { Column, Entity } from "athanor"

class Town extends Entity<Town>()("towns", {
  land: Column.varchar(2).primaryKey(), name: Column.varchar(20).primaryKey()
}) {}
class Shop extends Entity<Shop>()("shops", {
  id: Column.id(), label: Column.text(), land: Column.varchar(2), town: Column.varchar(20).nullable()
}) {
  static readonly place = this.belongsTo(() => Town, { key: ["land", "town"] })
}

Shop.make({ label: "a", place: { land: "gb", name: "Bath" } })
Shop.make({ label: "b" })
