/**
 * The schema of the laws: two tables that refer to each other with nullable keys, a self reference,
 * nullable and NOT NULL uniques of one and two columns, a composite key and references to it, and a
 * many-to-many link.
 */
import type { TableSource } from "../../../src/algebra/Source.ts"
import * as ConstraintModel from "../../../src/mapping/ConstraintModel.ts"
import { id, nullable, table } from "./tables.ts"

const authors: TableSource = table("authors", {
  columns: { id, code: {}, nick: nullable, age: {}, bossId: nullable, bestId: nullable },
  foreignKeys: [
    { columns: ["bossId"], target: () => authors },
    { columns: ["bestId"], target: () => books }
  ],
  uniques: [["code"], ["nick"]]
})

const books: TableSource = table("books", {
  columns: { id, title: {}, place: nullable, authorId: nullable },
  foreignKeys: [{ columns: ["authorId"], target: () => authors }],
  uniques: [["authorId", "place"]]
})

const rooms: TableSource = table("rooms", {
  columns: { house: {}, floor: {}, size: {}, ownerId: {} },
  primaryKey: ["house", "floor"],
  foreignKeys: [{ columns: ["ownerId"], target: () => authors }]
})

const shelves: TableSource = table("shelves", {
  columns: { id: {}, house: nullable, floor: nullable, label: {} },
  foreignKeys: [{ columns: ["house", "floor"], target: () => rooms }],
  uniques: [["label"]]
})

const links: TableSource = table("links", {
  columns: { authorId: {}, bookId: {} },
  primaryKey: ["authorId", "bookId"],
  foreignKeys: [
    { columns: ["authorId"], target: () => authors },
    { columns: ["bookId"], target: () => books }
  ]
})

export const library = { authors, books, rooms, shelves, links }

export const libraryModel: ConstraintModel.ConstraintModel = ConstraintModel.make(
  Object.values(library)
)
