import {
  Bed,
  Bill,
  Book,
  Clerk,
  Film,
  Flat,
  Guest,
  House,
  Manager,
  Person,
  Room,
  Shift,
  Tag,
  Work
} from "./town.ts"
import { type Cell, type Cells, keyOf, type Model, type TableName, tuple } from "./townModel.ts"

/** How the town's classes are told apart, asked and shown: what the model's tables are to them. */

export type Parameters = ReadonlyArray<number>

/** A parent as it is given: a relation by name, the columns it holds, and of which class it is. */
export interface Parent {
  readonly name: string
  readonly columns: ReadonlyArray<string>
  readonly kind: KindName | RootName
  readonly toColumns: ReadonlyArray<string>
}

/** What a relation leads to, by the columns of both sides, or by way of links. */
export interface Way {
  readonly kind: KindName | RootName
  readonly own: ReadonlyArray<string>
  readonly theirs: ReadonlyArray<string>
  readonly isOne?: true
  readonly through?: readonly [near: string, far: string]
  readonly position?: string
}

export interface Kind {
  readonly entity: Untyped
  readonly table: TableName
  readonly tag?: string
  readonly parents: ReadonlyArray<Parent>
  readonly ways: Readonly<Record<string, Way>>
  /** Columns that are no key and no parent's, of parameters; those that may be left out last. */
  readonly own: (p: Parameters) => Cells
  /** What a row of the table holds in the columns of other members. */
  readonly rest?: Cells
  readonly deferred?: ReadonlyArray<string>
  readonly versioned?: true
}

/** A class whose statics are asked by name. */
export interface Untyped {
  readonly make: (input: object) => object
  readonly ref: (key: unknown) => object
  readonly c: never
  readonly [relation: string]: unknown
}

export type KindName =
  | "House"
  | "Room"
  | "Bed"
  | "Bill"
  | "Flat"
  | "Guest"
  | "Manager"
  | "Clerk"
  | "Shift"
  | "Book"
  | "Film"
  | "Tag"
export type RootName = "Person" | "Work"

const letter = (n: number): string => "abcdefgh".charAt(n)
const up = (
  name: string,
  columns: ReadonlyArray<string>,
  kind: Parent["kind"],
  toColumns = ["id"]
) => ({ name, columns, kind, toColumns }) as const
const many = (
  kind: Way["kind"],
  own: string | ReadonlyArray<string>,
  theirs: string | ReadonlyArray<string>
): Way => ({
  kind,
  own: [own].flat(),
  theirs: [theirs].flat()
})
const one = (
  kind: Way["kind"],
  own: string | ReadonlyArray<string>,
  theirs: string | ReadonlyArray<string> = "id"
): Way => ({
  ...many(kind, own, theirs),
  isOne: true
})

const house = up("house", ["houseId"], "House")
const person = { shifts: many("Shift", "id", "personId"), books: many("Book", "id", "keeperId") }
const work = {
  house: one("House", "houseId"),
  tags: { ...many("Tag", "id", "id"), through: ["workId", "tagId"] as const }
}

export const kinds: Readonly<Record<KindName, Kind>> = {
  House: {
    entity: House as never,
    table: "houses",
    parents: [],
    ways: {
      rooms: { ...many("Room", "id", "houseId"), position: "place" },
      people: many("Person", "id", "houseId"),
      managers: many("Manager", "id", "houseId"),
      head: one("Manager", "id", "headOfId"),
      bills: many("Bill", "code", "houseCode"),
      flats: many("Flat", "code", "houseCode"),
      shifts: many("Shift", "id", "houseId"),
      works: many("Work", "id", "houseId")
    },
    own: ([a = 0, b = 0]) => ({
      code: letter(a),
      name: letter(b),
      notes: b === 0 ? null : letter(b),
      size: b
    }),
    deferred: ["notes", "size"],
    versioned: true
  },
  Room: {
    entity: Room as never,
    table: "rooms",
    parents: [house],
    ways: {
      house: one("House", "houseId"),
      beds: many("Bed", ["houseId", "no"], ["roomHouseId", "roomNo"])
    },
    own: ([a = 0, b = 0]) => ({ label: a === 0 ? null : letter(a), place: b })
  },
  Bed: {
    entity: Bed as never,
    table: "beds",
    parents: [up("room", ["roomHouseId", "roomNo"], "Room", ["houseId", "no"])],
    ways: { room: one("Room", ["roomHouseId", "roomNo"], ["houseId", "no"]) },
    own: ([a = 0]) => ({ wide: a })
  },
  Bill: {
    entity: Bill as never,
    table: "bills",
    parents: [up("house", ["houseCode"], "House", ["code"])],
    ways: { house: one("House", "houseCode", "code") },
    own: ([a = 0]) => ({ sum: a })
  },
  Flat: {
    entity: Flat as never,
    table: "flats",
    parents: [up("house", ["houseCode"], "House", ["code"])],
    ways: {
      house: one("House", "houseCode", "code"),
      guests: many("Guest", ["houseCode", "no"], ["flatCode", "flatNo"])
    },
    own: ([a = 0]) => ({ no: a })
  },
  Guest: {
    entity: Guest as never,
    table: "guests",
    parents: [up("flat", ["flatCode", "flatNo"], "Flat", ["houseCode", "no"])],
    ways: { flat: one("Flat", ["flatCode", "flatNo"], ["houseCode", "no"]) },
    own: ([a = 0]) => ({ days: a })
  },
  Manager: {
    entity: Manager as never,
    table: "people",
    tag: "manager",
    parents: [house, up("headOf", ["headOfId"], "House")],
    ways: {
      house: one("House", "houseId"),
      headOf: one("House", "headOfId"),
      clerks: many("Clerk", "id", "bossId"),
      ...person
    },
    own: ([a = 0]) => ({ name: letter(a) }),
    rest: { bossId: null },
    versioned: true
  },
  Clerk: {
    entity: Clerk as never,
    table: "people",
    tag: "clerk",
    parents: [house, up("boss", ["bossId"], "Manager")],
    ways: { house: one("House", "houseId"), boss: one("Manager", "bossId"), ...person },
    own: ([a = 0]) => ({ name: letter(a) }),
    rest: { headOfId: null },
    versioned: true
  },
  Shift: {
    entity: Shift as never,
    table: "shifts",
    parents: [up("person", ["personId"], "Person"), house],
    ways: { person: one("Person", "personId"), house: one("House", "houseId") },
    own: ([a = 0]) => ({ hours: a === 0 ? null : a })
  },
  Book: {
    entity: Book as never,
    table: "works",
    tag: "book",
    parents: [house, up("keeper", ["keeperId"], "Person")],
    ways: { ...work, keeper: one("Person", "keeperId"), films: many("Film", "id", "bookId") },
    own: ([a = 0, b = 0]) => ({ title: letter(a), pages: b }),
    rest: { minutes: null, bookId: null },
    versioned: true
  },
  Film: {
    entity: Film as never,
    table: "works",
    tag: "film",
    parents: [house, up("book", ["bookId"], "Book")],
    ways: { ...work, book: one("Book", "bookId") },
    own: ([a = 0, b = 0]) => ({ title: letter(a), minutes: b }),
    rest: { pages: null, keeperId: null },
    versioned: true
  },
  Tag: {
    entity: Tag as never,
    table: "tags",
    parents: [up("up", ["upId"], "Tag"), up("peer", ["peerId"], "Tag")],
    ways: {
      up: one("Tag", "upId"),
      downs: many("Tag", "id", "upId"),
      peer: one("Tag", "peerId"),
      peers: many("Tag", "id", "peerId"),
      works: { ...many("Work", "id", "id"), through: ["tagId", "workId"] },
      books: { ...many("Book", "id", "id"), through: ["tagId", "workId"] }
    },
    own: () => ({})
  }
}

export const kindNames = Object.keys(kinds) as ReadonlyArray<KindName>
export const roots = {
  Person: { entity: Person as never as Untyped, table: "people", members: ["Manager", "Clerk"] },
  Work: { entity: Work as never as Untyped, table: "works", members: ["Book", "Film"] }
} as const satisfies Readonly<Record<RootName, unknown>>

const isRoot = (name: KindName | RootName): name is RootName => name in roots

export const entityOf = (name: KindName | RootName): Untyped =>
  isRoot(name) ? roots[name].entity : kinds[name].entity
export const tableOf = (name: KindName | RootName): TableName =>
  isRoot(name) ? roots[name].table : kinds[name].table
/** The kinds whose rows are of a class. */
export const membersOf = (name: KindName | RootName): ReadonlyArray<KindName> =>
  isRoot(name) ? roots[name].members : [name]

/** The rows of a class. */
export const rowsOf = (model: Model, name: KindName | RootName): ReadonlyArray<Cells> => {
  const tags = membersOf(name).map((member) => kinds[member].tag)
  return [...model[tableOf(name)].values()].filter(
    (row) => tags[0] === undefined || tags.includes(row["kind"] as string)
  )
}

/** Of which class a row is. */
export const kindOf = (name: KindName | RootName, row: Cells): KindName =>
  membersOf(name).find((member) => {
    const { tag } = kinds[member]
    return tag === undefined || tag === row["kind"]
  })!

/** What a relation leads to, as the maps have it. */
export const ledTo = (model: Model, row: Cells, way: Way): ReadonlyArray<Cells> => {
  const { kind, own, position, theirs, through } = way
  if (own.some((column) => row[column] === null)) return []
  const rows = rowsOf(model, kind)
  if (through !== undefined) {
    const [near, far] = through
    const links = new Set(
      [...model.links.values()].filter((link) => link[near] === row["id"]).map((link) => link[far])
    )
    return rows.filter(({ id }) => links.has(id))
  }
  const found = rows.filter((other) => tuple(other, theirs) === tuple(row, own))
  return position === undefined
    ? found
    : found.toSorted(
        (a, b) =>
          (a[position] as number) - (b[position] as number) ||
          (a["no"] as number) - (b["no"] as number)
      )
}

/** The names of the columns a value of a kind has. */
export const columnsOf = (name: KindName): ReadonlyArray<string> => {
  const { deferred = [], own, parents, table, tag } = kinds[name]
  const key =
    table === "rooms" ? ["houseId", "no"] : table === "shifts" ? ["personId", "houseId"] : ["id"]
  const all = [
    ...key,
    ...(tag === undefined ? [] : ["kind"]),
    ...parents.flatMap(({ columns }) => columns),
    ...Object.keys(own([]))
  ]
  return [...new Set(all)].filter((column) => !deferred.includes(column))
}

export type Shown = { readonly [name: string]: Cell | Shown | ReadonlyArray<Shown> | null }

const shown = (name: KindName, row: Cells): Record<string, Cell> =>
  Object.fromEntries(columnsOf(name).map((column) => [column, row[column] ?? null]))

/** Names of relations, each with those below. */
export interface Tree {
  readonly [name: string]: Tree
}

/** A row with what a plan leads to, as the maps have it. */
export const wanted = (model: Model, name: KindName, row: Cells, plan: Tree): Shown => {
  const { ways } = kinds[name]
  const beside = Object.entries(plan).flatMap(
    ([relation, below]): ReadonlyArray<readonly [string, Shown[string]]> => {
      const way = ways[relation]
      if (way === undefined) return []
      const found = ledTo(model, row, way).map((other) =>
        wanted(model, kindOf(way.kind, other), other, below)
      )
      return [[relation, way.isOne ? (found[0] ?? null) : inOrder(way, found)] as const]
    }
  )
  return { ...shown(name, row), ...Object.fromEntries(beside) }
}

const inOrder = ({ position }: Way, rows: ReadonlyArray<Shown>): ReadonlyArray<Shown> =>
  position === undefined
    ? rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    : rows

/** The same of a value. */
export const seen = (of: KindName | RootName, value: object, plan: Tree): Shown => {
  const cells = value as Cells
  const name = kindOf(of, cells)
  const { ways } = kinds[name]
  const beside = Object.entries(plan).flatMap(
    ([relation, below]): ReadonlyArray<readonly [string, Shown[string]]> => {
      const way = ways[relation]
      if (way === undefined) return []
      const found = (value as Record<string, unknown>)[relation]
      if (way.isOne)
        return [[relation, found === null ? null : seen(way.kind, found as object, below)] as const]
      const all = (found as ReadonlyArray<object>).map((other) => seen(way.kind, other, below))
      return [[relation, inOrder(way, all)] as const]
    }
  )
  return { ...shown(name, cells), ...Object.fromEntries(beside) }
}

export const relationOf = (name: KindName | RootName, relation: string): object =>
  entityOf(name)[relation] as object

/** A key as verbs take it. */
export const keyIn = (name: KindName | RootName, row: Cells): unknown => {
  const table = tableOf(name)
  if (table === "rooms") return { houseId: row["houseId"], no: row["no"] }
  if (table === "shifts") return { personId: row["personId"], houseId: row["houseId"] }
  return row["id"]
}

export const keyText = (name: KindName, row: Cells): string => keyOf(kinds[name].table, row)
