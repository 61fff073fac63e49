import { Column, Entity, Family, Table } from "athanor"

/**
 * What each member of a family leads to in its own way, loaded with the family: cars make trips,
 * trucks make hauls, and notes of one table are about a row of any of them.
 */

const fleet = Family.concrete(
  "fleet",
  "kind",
  { id: Column.id(), name: Column.varchar(20) },
  { car: { doors: Column.integer() }, truck: { homeId: Column.integer() } },
  { tables: { car: "cars", truck: "trucks" } }
)
export class Car extends Family.member<Car>()(fleet, "car") {
  static readonly trips = this.hasMany(() => Trip, { orderBy: (trip) => trip.goal.desc() })
  static readonly notes = this.hasMany(() => Note, { key: "carId" })
  static readonly drivers = this.manyToMany(() => Driver, { through: () => carDrivers })
  static readonly badge = this.hasOne(() => CarBadge)
  static readonly home = this.belongsTo(() => Home, { key: "doors" })
  static readonly alike = this.relatesToMany(
    () => Trip,
    (car, trip) => trip.goal.eq(car.name)
  )
  static readonly mixed = this.hasMany(() => Note, { key: "carId" })
}
export class Truck extends Family.member<Truck>()(fleet, "truck") {
  static readonly trips = this.hasMany(() => Haul)
  static readonly notes = this.hasMany(() => Note, { key: "truckId" })
  static readonly drivers = this.manyToMany(() => Driver, { through: () => truckDrivers })
  static readonly badge = this.hasOne(() => TruckBadge)
  static readonly home = this.belongsTo(() => Home)
  static readonly alike = this.relatesToMany(
    () => Trip,
    (truck, trip) => trip.goal.eq(truck.name).and(truck.homeId.gt(0))
  )
  static readonly mixed = this.hasOne(() => TruckBadge)
  static readonly escorts = this.manyToMany(() => Driver, { through: () => truckDrivers })
}
export const Fleet = Family.of(fleet, { car: Car, truck: Truck })

export class Trip extends Entity<Trip>()("trips", {
  id: Column.id(),
  goal: Column.varchar(20),
  carId: Column.integer()
}) {
  static readonly car = this.belongsTo(() => Car)
}
export class Haul extends Entity<Haul>()("hauls", {
  id: Column.id(),
  tons: Column.integer(),
  truckId: Column.integer()
}) {
  static readonly truck = this.belongsTo(() => Truck)
}
export class Note extends Entity<Note>()("notes", {
  id: Column.id(),
  text: Column.varchar(20),
  carId: Column.integer().nullable(),
  truckId: Column.integer().nullable()
}) {
  static readonly car = this.belongsTo(() => Car)
  static readonly truck = this.belongsTo(() => Truck)
}
export class Driver extends Entity<Driver>()("drivers", {
  id: Column.id(),
  name: Column.varchar(20)
}) {}
export class Home extends Entity<Home>()("homes", { id: Column.id(), city: Column.varchar(20) }) {
  static readonly all = this.relatesToMany(
    () => Fleet,
    (home, one) => one.name.eq(home.city)
  )
}
export class CarBadge extends Entity<CarBadge>()("car_badges", {
  id: Column.id(),
  carId: Column.integer().unique(),
  colour: Column.varchar(9)
}) {
  static readonly car = this.belongsTo(() => Car)
}
export class TruckBadge extends Entity<TruckBadge>()("truck_badges", {
  id: Column.id(),
  truckId: Column.integer().unique(),
  size: Column.integer()
}) {
  static readonly truck = this.belongsTo(() => Truck)
}
const linkOf = (name: string, to: () => { readonly id: unknown }) =>
  Table.make(name, {
    fleetId: Column.integer()
      .primaryKey()
      .references(to as never),
    driverId: Column.integer()
      .primaryKey()
      .references(() => Driver.c.id)
  })
export const carDrivers = linkOf("car_drivers", () => Car.c.id as never)
export const truckDrivers = linkOf("truck_drivers", () => Truck.c.id as never)

/** Staff of one table, whose members lead to different things by one name. */
const staff = Family.single(
  "staff",
  "kind",
  { id: Column.id(), kind: Column.varchar(10), name: Column.varchar(20) },
  { clerk: {}, cook: {} }
)
export class Clerk extends Family.member<Clerk>()(staff, "clerk") {
  static readonly works = this.hasMany(() => Letter)
  static readonly pens = this.hasMany(() => Pen, { orderBy: (pen) => pen.ink })
  static readonly mail = this.hasMany(() => Letter)
}
export class Cook extends Family.member<Cook>()(staff, "cook") {
  static readonly works = this.hasMany(() => Meal)
  static readonly pens = this.hasMany(() => Pen, { orderBy: (pen) => pen.ink })
}
export const Staff = Family.of(staff, { clerk: Clerk, cook: Cook })
export class Letter extends Entity<Letter>()("letters", {
  id: Column.id(),
  words: Column.integer(),
  clerkId: Column.integer()
}) {
  static readonly clerk = this.belongsTo(() => Clerk)
}
export class Meal extends Entity<Meal>()("meals", {
  id: Column.id(),
  dish: Column.varchar(20),
  cookId: Column.integer()
}) {
  static readonly cook = this.belongsTo(() => Cook)
}
export class Pen extends Entity<Pen>()("pens", {
  id: Column.id(),
  ink: Column.varchar(20),
  staffId: Column.integer()
}) {
  static readonly staff = this.belongsTo(() => Staff)
}
