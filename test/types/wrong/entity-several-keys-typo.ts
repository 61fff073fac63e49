// line: 11
// expect: "twon"
import { Column, Entity, ForeignKey, Unique } from "athanor"

class Town extends Entity<Town>()("towns", {
  id: Column.id(), land: Column.varchar(2), name: Column.varchar(50)
}, (c) => [Unique.on(c.land, c.name)]) {}
export class Shop extends Entity<Shop>()("shops", {
  id: Column.id(), land: Column.varchar(2), town: Column.varchar(50)
}, (c) => [ForeignKey.on([c.land, c.town], () => [Town.c.land, Town.c.name])]) {
  static readonly place = this.belongsTo(() => Town, { key: ["land", "twon"] })
}
