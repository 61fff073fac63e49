import { Catalog, Column, Entity, Table, Type } from "athanor"

/** Six columns read by primary key: int, int8, two texts, boolean, timestamp. */
export const people = Table.make("people", {
  id: Column.integer().primaryKey(),
  account: Column.bigint(),
  name: Column.varchar(50),
  email: Column.varchar(100),
  active: Column.boolean(),
  createdAt: Column.timestamp()
})

/** The same rows with a `Date`, which the platform makes as fast for a hand as for us. */
export const peopleWithDate = Table.make("people", {
  id: Column.integer().primaryKey(),
  account: Column.bigint(),
  name: Column.varchar(50),
  email: Column.varchar(100),
  active: Column.boolean(),
  createdAt: Column.make(Type.timestamp().asDate())
})

/** The same rows as entities, for the session's identity map. */
export class Person extends Entity<Person>()("people", {
  id: Column.integer().primaryKey(),
  account: Column.bigint(),
  name: Column.varchar(50),
  email: Column.varchar(100),
  active: Column.boolean(),
  createdAt: Column.timestamp()
}) {}

/** Eight columns read a thousand rows at a time, a timestamp and a decimal among them. */
export const readings = Table.make("readings", {
  id: Column.integer().primaryKey(),
  sensor: Column.integer(),
  place: Column.varchar(50),
  remark: Column.varchar(100),
  level: Column.double(),
  amount: Column.numeric(12, 2),
  active: Column.boolean(),
  takenAt: Column.timestamp()
})

/** What is written: one row an insert, one row an update. */
export const notes = Table.make("notes", {
  id: Column.id(),
  authorId: Column.integer(),
  title: Column.varchar(100),
  body: Column.varchar(500),
  views: Column.integer()
})

export const catalog = Catalog.make({ people, readings, notes })
