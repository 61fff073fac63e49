// line: 11
// expect: a tree follows a key
import { Column, Entity, Load, Query } from "athanor"

class Part extends Entity<Part>()("parts", { id: Column.id(), upId: Column.integer().nullable() }) {
  static readonly parts = this.hasMany(() => Part, { key: "upId" })
  static readonly links = this.manyToMany(() => Part, { through: () => Link })
}
class Link extends Entity<Link>()("links", { fromId: Column.integer(), toId: Column.integer() }) {}

Load.all(Query.from(Part), { links: Load.tree(Part) })
