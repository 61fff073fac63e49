import { Catalog, Check, Column, Entity, Index, Table, Unique } from "athanor"

export const stamps = {
  createdAt: Column.timestamp().default(Column.now).writeOnce(),
  updatedAt: Column.timestamp().nullable().onUpdate(Column.now)
}

export class Person extends Entity<Person>()("people", {
  id: Column.id(),
  email: Column.varchar(100).unique(),
  nick: Column.varchar(50).nullable().unique(),
  points: Column.integer().default(0),
  role: Column.varchar(20).serverDefault("reader"),
  ...stamps
}) {
  static readonly letters = this.hasMany(() => Letter, { key: "senderId", children: "delete" })
  static readonly inbox = this.hasMany(() => Letter, { key: "receiverId" })
  static readonly pets = this.hasMany(() => Pet, { children: "detach" })
  static readonly badges = this.hasMany(() => Badge, { children: "restrict" })
  static readonly logs = this.hasMany(() => Log, { children: "database" })
  static readonly enrolments = this.hasMany(() => Enrolment, { children: "delete" })
  get label() {
    return `${this.nick ?? "nobody"} <${this.email}>`
  }
  greet(other: string) {
    return `${this.email} greets ${other}`
  }
}

/** Belongs to people twice. */
export class Letter extends Entity<Letter>()("letters", {
  id: Column.id(),
  text: Column.varchar(100),
  senderId: Column.integer(),
  receiverId: Column.integer().nullable()
}) {
  static readonly sender = this.belongsTo(() => Person)
  static readonly receiver = this.belongsTo(() => Person)
}

export class Pet extends Entity<Pet>()("pets", {
  id: Column.id(),
  name: Column.varchar(50),
  personId: Column.integer().nullable()
}) {
  static readonly person = this.belongsTo(() => Person)
}

export class Badge extends Entity<Badge>()("badges", {
  id: Column.id(),
  personId: Column.integer()
}) {
  static readonly person = this.belongsTo(() => Person)
}

export class Log extends Entity<Log>()("logs", {
  id: Column.id(),
  line: Column.varchar(50),
  personId: Column.integer()
}) {
  static readonly person = this.belongsTo(() => Person)
}

export class Course extends Entity<Course>()(
  "courses",
  { id: Column.id(), title: Column.varchar(50).unique(), seats: Column.integer().default(10) },
  (c) => [Check.that(c.seats.gte(0), "courses_seats"), Index.on(c.seats)]
) {
  static readonly enrolments = this.hasMany(() => Enrolment, { children: "delete" })
  static readonly topics = this.manyToMany(() => Topic, { through: () => courseTopics })
}

/** A link with columns of its own: an entity whose key is both foreign keys. */
export class Enrolment extends Entity<Enrolment>()("enrolments", {
  personId: Column.integer().primaryKey(),
  courseId: Column.integer().primaryKey(),
  grade: Column.integer().nullable()
}) {
  static readonly person = this.belongsTo(() => Person)
  static readonly course = this.belongsTo(() => Course)
  static readonly marks = this.hasMany(() => Mark, {
    key: ["markPersonId", "markCourseId"],
    children: "delete"
  })
}

/** Refers to a key of two columns. */
export class Mark extends Entity<Mark>()("marks", {
  id: Column.id(),
  value: Column.integer(),
  markPersonId: Column.integer(),
  markCourseId: Column.integer()
}) {
  static readonly enrolment = this.belongsTo(() => Enrolment, {
    key: ["markPersonId", "markCourseId"]
  })
}

export class Topic extends Entity<Topic>()("topics", {
  id: Column.id(),
  name: Column.varchar(50).unique()
}) {
  static readonly courses = this.manyToMany(() => Course, { through: () => courseTopics })
}

export const courseTopics = Table.make("course_topics", {
  courseId: Column.integer()
    .primaryKey()
    .references(() => Course.c.id),
  topicId: Column.integer()
    .primaryKey()
    .references(() => Topic.c.id)
})

/** A tree, and rows that may refer to each other, by keys the program gives. */
export class Node extends Entity<Node>()(
  "nodes",
  {
    code: Column.varchar(20).primaryKey(),
    rank: Column.integer().default(0),
    slot: Column.integer().nullable(),
    upCode: Column.varchar(20).nullable(),
    peerCode: Column.varchar(20).nullable()
  },
  (c) => [Unique.on(c.slot)]
) {
  static readonly up = this.belongsTo(() => Node, { key: "upCode" })
  static readonly downs = this.hasMany(() => Node, { key: "upCode", children: "delete" })
  static readonly peer = this.belongsTo(() => Node, { key: "peerCode" })
  static readonly peers = this.hasMany(() => Node, { key: "peerCode", children: "detach" })
}

/** The same references without a rule for children: whoever changes them says everything. */
export class Link extends Entity<Link>()("links", {
  code: Column.varchar(20).primaryKey(),
  slot: Column.integer().nullable().unique(),
  upCode: Column.varchar(20).nullable(),
  peerCode: Column.varchar(20).nullable()
}) {
  static readonly up = this.belongsTo(() => Link, { key: "upCode" })
  static readonly peer = this.belongsTo(() => Link, { key: "peerCode" })
}

/** Known to others by a code that may change. */
export class Country extends Entity<Country>()("countries", {
  id: Column.id(),
  code: Column.varchar(5).unique()
}) {
  static readonly ports = this.hasMany(() => Port)
}

/** Refers to the code by a key the database does not carry on. */
export class Port extends Entity<Port>()("ports", {
  id: Column.id(),
  name: Column.varchar(20),
  countryCode: Column.varchar(5)
    .nullable()
    .references(() => Country.c.code)
}) {
  static readonly country = this.belongsTo(() => Country)
}

/** Follows the code by ON UPDATE CASCADE. */
export class Town extends Entity<Town>()("towns", {
  id: Column.id(),
  countryCode: Column.varchar(5).references(() => Country.c.code, { onUpdate: "cascade" })
}) {}

/** A unique column that is never null: two rows cannot exchange it. */
export class Rigid extends Entity<Rigid>()("rigids", {
  id: Column.integer().primaryKey(),
  place: Column.integer().unique()
}) {}

export class Account extends Entity<Account>()("accounts", {
  id: Column.id(),
  owner: Column.varchar(20).unique(),
  balance: Column.integer(),
  version: Column.integer().version()
}) {}

export class Wide extends Entity<Wide>()("wides", {
  id: Column.integer().primaryKey(),
  a: Column.integer(),
  b: Column.integer(),
  c: Column.integer(),
  d: Column.integer(),
  e: Column.integer(),
  f: Column.integer(),
  g: Column.integer(),
  h: Column.integer(),
  i: Column.integer()
}) {}

export const catalog = Catalog.make({
  Person,
  Letter,
  Pet,
  Badge,
  Log,
  Course,
  Enrolment,
  Mark,
  Topic,
  courseTopics,
  Node,
  Link,
  Country,
  Port,
  Town,
  Rigid,
  Account
})
