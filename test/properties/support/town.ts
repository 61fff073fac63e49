import { Catalog, Column, Entity, Family, ForeignKey, Table, Unique } from "athanor"

/**
 * A town whose houses have all that a mapping can say at once: a unique code that changes and that
 * others refer to, by the session and by the server; rooms by a key of two columns, one of them the
 * key of their house, in an order of their own; people of a family in one table and works of one in
 * several; links with something of their own beside plain ones; trees; versions; columns that are
 * read when asked for.
 */

export class House extends Entity<House>()("town_houses", {
  id: Column.integer().primaryKey(),
  code: Column.varchar(10).unique(),
  name: Column.varchar(10),
  notes: Column.varchar(10).nullable().deferred("more"),
  size: Column.integer().nullable().deferred("more"),
  edits: Column.integer().version()
}) {
  static readonly rooms = this.hasMany(() => Room, { children: "delete", position: "place" })
  static readonly people = this.hasMany(() => Person, { key: "houseId", children: "detach" })
  static readonly managers = this.hasMany(() => Manager, { key: "houseId", children: "detach" })
  static readonly head = this.hasOne(() => Manager, { key: "headOfId", children: "detach" })
  static readonly bills = this.hasMany(() => Bill, { children: "restrict" })
  static readonly flats = this.hasMany(() => Flat, { children: "delete" })
  static readonly shifts = this.hasMany(() => Shift, { children: "delete" })
  static readonly works = this.hasMany(() => Work, { children: "delete" })
}

/** A key of two columns, of which one refers. */
export class Room extends Entity<Room>()(
  "town_rooms",
  {
    houseId: Column.integer().primaryKey(),
    no: Column.integer().primaryKey(),
    label: Column.varchar(10).nullable(),
    place: Column.integer().default(0)
  },
  (c) => [Unique.on(c.houseId, c.label)]
) {
  static readonly house = this.belongsTo(() => House)
  static readonly beds = this.hasMany(() => Bed, {
    key: ["roomHouseId", "roomNo"],
    children: "detach"
  })
}

export class Bed extends Entity<Bed>()("town_beds", {
  id: Column.integer().primaryKey(),
  roomHouseId: Column.integer().nullable(),
  roomNo: Column.integer().nullable(),
  wide: Column.integer()
}) {
  static readonly room = this.belongsTo(() => Room, { key: ["roomHouseId", "roomNo"] })
}

/** Refers to a code that the session carries on. */
export class Bill extends Entity<Bill>()("town_bills", {
  id: Column.integer().primaryKey(),
  sum: Column.integer(),
  houseCode: Column.varchar(10)
    .nullable()
    .references(() => House.c.code)
}) {
  static readonly house = this.belongsTo(() => House)
}

/** Its key of two columns holds a code the server carries on, and goes on to those below. */
export class Flat extends Entity<Flat>()(
  "town_flats",
  {
    id: Column.integer().primaryKey(),
    houseCode: Column.varchar(10).references(() => House.c.code, { onUpdate: "cascade" }),
    no: Column.integer()
  },
  (c) => [Unique.on(c.houseCode, c.no)]
) {
  static readonly house = this.belongsTo(() => House)
  static readonly guests = this.hasMany(() => Guest, { children: "delete" })
}

export class Guest extends Entity<Guest>()(
  "town_guests",
  {
    id: Column.integer().primaryKey(),
    flatCode: Column.varchar(10),
    flatNo: Column.integer(),
    days: Column.integer()
  },
  (c) => [
    ForeignKey.on([c.flatCode, c.flatNo], () => [Flat.c.houseCode, Flat.c.no], {
      onUpdate: "cascade"
    })
  ]
) {
  static readonly flat = this.belongsTo(() => Flat)
}

export const people = Family.single(
  "town_people",
  "kind",
  {
    id: Column.integer().primaryKey(),
    kind: Column.varchar(10),
    name: Column.varchar(10),
    houseId: Column.integer().nullable(),
    edits: Column.integer().version()
  },
  {
    manager: { headOfId: Column.integer().nullable().unique() },
    clerk: { bossId: Column.integer().nullable() }
  }
)
export class Manager extends Family.member<Manager>()(people, "manager") {
  static readonly house = this.belongsTo(() => House, { key: "houseId" })
  static readonly headOf = this.belongsTo(() => House, { key: "headOfId" })
  static readonly clerks = this.hasMany(() => Clerk, { children: "detach" })
  static readonly shifts = this.hasMany(() => Shift, { children: "delete" })
  static readonly books = this.hasMany(() => Book, { children: "detach" })
}
export class Clerk extends Family.member<Clerk>()(people, "clerk") {
  static readonly house = this.belongsTo(() => House, { key: "houseId" })
  static readonly boss = this.belongsTo(() => Manager)
  static readonly shifts = this.hasMany(() => Shift, { children: "delete" })
  static readonly books = this.hasMany(() => Book, { children: "detach" })
}
export const Person = Family.of(people, { manager: Manager, clerk: Clerk })

/** A link with something of its own. */
export class Shift extends Entity<Shift>()("town_shifts", {
  personId: Column.integer().primaryKey(),
  houseId: Column.integer().primaryKey(),
  hours: Column.integer().nullable()
}) {
  static readonly person = this.belongsTo(() => Person)
  static readonly house = this.belongsTo(() => House)
}

export const works = Family.joined(
  "town_works",
  "kind",
  {
    id: Column.integer().primaryKey(),
    kind: Column.varchar(10),
    title: Column.varchar(10),
    houseId: Column.integer().nullable(),
    edits: Column.integer().version()
  },
  {
    book: { pages: Column.integer(), keeperId: Column.integer().nullable() },
    film: { minutes: Column.integer(), bookId: Column.integer().nullable() }
  }
)
export class Book extends Family.member<Book>()(works, "book") {
  static readonly house = this.belongsTo(() => House)
  static readonly keeper = this.belongsTo(() => Person)
  static readonly films = this.hasMany(() => Film, { children: "delete" })
  static readonly tags = this.manyToMany(() => Tag, { through: () => workTags })
}
export class Film extends Family.member<Film>()(works, "film") {
  static readonly house = this.belongsTo(() => House)
  static readonly book = this.belongsTo(() => Book)
  static readonly tags = this.manyToMany(() => Tag, { through: () => workTags })
}
export const Work = Family.of(works, { book: Book, film: Film })

/** A tree, whose rows may have a peer beside. */
export class Tag extends Entity<Tag>()("town_tags", {
  id: Column.integer().primaryKey(),
  upId: Column.integer().nullable(),
  peerId: Column.integer().nullable()
}) {
  static readonly up = this.belongsTo(() => Tag, { key: "upId" })
  static readonly downs = this.hasMany(() => Tag, { key: "upId", children: "delete" })
  static readonly peer = this.belongsTo(() => Tag, { key: "peerId" })
  static readonly peers = this.hasMany(() => Tag, { key: "peerId", children: "detach" })
  static readonly works = this.manyToMany(() => Work, { through: () => workTags })
  static readonly books = this.manyToMany(() => Book, { through: () => workTags })
}

export const workTags = Table.make("town_work_tags", {
  workId: Column.integer()
    .primaryKey()
    .references(() => Work.c.id),
  tagId: Column.integer()
    .primaryKey()
    .references(() => Tag.c.id)
})

export const town = Catalog.make({
  House,
  Room,
  Bed,
  Bill,
  Flat,
  Guest,
  Person,
  Shift,
  Work,
  Tag,
  workTags
})
