import { Column, Entity, Family } from "athanor"
import { expect, test } from "vitest"

/** A row that refers to another in the table of its member would lose half of what it is. */
class Shelf extends Entity<Shelf>()("shelves", { id: Column.id() }) {
  static readonly boxes = this.hasMany(() => Box, { children: "database" })
}
const all = { id: Column.id(), kind: Column.varchar(10) }
const goods = Family.joined("goods", "kind", all, { box: { shelfId: Column.integer() } })
class Box extends Family.member<Box>()(goods, "box") {
  static readonly shelf = this.belongsTo(() => Shelf)
}

test("children that refer in the table of a member are not left to the database", () => {
  expect(() => Shelf.make({ boxes: [] })).toThrow(
    'Shelf.boxes: its children are left to the database, but "shelfId" is in "goods_box": ' +
      'what they have in "goods" would stay'
  )
})

test("nor is a foreign key of a member's own column", () => {
  const shelfId = Column.integer().references(() => Shelf.c.id, { onDelete: "cascade" })
  expect(() => Family.joined("goods", "kind", all, { box: { shelfId } })).toThrow(
    'family "goods": box: ON DELETE CASCADE of "shelfId" would leave what all rows have: put it ' +
      'among the shared, or give the relation { children: "delete" }'
  )
  expect(() =>
    Family.joined("goods", "kind", { ...all, shelfId }, { box: { size: Column.integer() } })
  ).not.toThrow()
})
