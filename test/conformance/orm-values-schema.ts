import { Catalog, Column, Entity, Fn, Query } from "athanor"
import * as Schema from "effect/Schema"
import type { EngineName } from "../runtime/databases.ts"

export const secret = "s3cret-value"
export const read: Array<string> = []

export class Team extends Entity<Team>()("teams", {
  id: Column.id(),
  title: Column.text(),
  billed: Column.integer().queried(),
  dearest: Column.integer().nullable().queried(),
  loud: Column.text().queried()
}) {
  static readonly billing = this.reads("billed", (team, self) => {
    const bill = Query.alias(Bill, "billed")
    const own = Query.from(bill).correlate(self).where(bill.c.teamId.eq(team.id))
    return own.select(Fn.count()).scalar().coalesce(0)
  })
  static readonly most = this.reads("dearest", (team, self) => {
    const bill = Query.alias(Bill, "billed")
    const own = Query.from(bill).correlate(self).where(bill.c.teamId.eq(team.id))
    return own.select(Fn.max(bill.c.cents)).scalar()
  })
  static readonly shouting = this.reads("loud", (team) => Fn.upper(team.title))
  static readonly shifts = this.hasMany(() => Shift)
  static readonly bills = this.hasMany(() => Bill)
}
export class Shift extends Entity<Shift>()("shifts", {
  id: Column.id(),
  email: Column.varchar(80).rule("an address with an @", (text) => text.includes("@")),
  code: Column.text()
    .nullable()
    .rule(Schema.String.check(Schema.isMinLength(3)))
    .rule("capitals", (code) => code === code.toUpperCase()),
  begins: Column.integer().default(8),
  ends: Column.integer().nullable(),
  price: Column.numeric(8, 2)
    .nullable()
    .rule("a price", () => true),
  teamId: Column.integer().nullable()
}) {
  static readonly team = this.belongsTo(() => Team)
  static readonly inOrder = this.rule(
    ["begins", "ends"],
    "an end after its beginning",
    ({ begins, ends }) => ends === null || begins < ends
  )
  static readonly whole = this.rule(
    ["email", "code"],
    Schema.Struct({
      email: Schema.String.check(Schema.isMaxLength(20)),
      code: Schema.NullOr(Schema.String)
    })
  )
  static readonly folded = this.onRead(({ code, email }) => {
    read.push(email)
    return code === "RAW" ? { code: "READ" } : {}
  })
}
export class Bill extends Entity<Bill>()("bills", {
  id: Column.id(),
  cents: Column.integer().nullable(),
  currency: Column.varchar(3).nullable(),
  teamId: Column.integer().nullable()
}) {
  static readonly team = this.belongsTo(() => Team)
  static readonly sum = this.composite({ currency: "currency", cents: "cents" })
  get sum() {
    return Bill.sum.of(this)
  }
}

export const versioned = { id: Column.id(), title: Column.text() }
export class Counted extends Entity<Counted>()("counted", {
  ...versioned,
  version: Column.bigint().version()
}) {}
export class Timed extends Entity<Timed>()("timed", {
  ...versioned,
  version: Column.timestamp().version()
}) {}
export class Drawn extends Entity<Drawn>()("drawn", {
  ...versioned,
  version: Column.uuid().version(Column.uuid4)
}) {}
let drawings = 0
export class Own extends Entity<Own>()("own", {
  ...versioned,
  version: Column.text().version(Column.made(() => `v${++drawings}`))
}) {}
export class Served extends Entity<Served>()("served", {
  ...versioned,
  code: Column.integer().nullable().unique(),
  version: Column.integer().serverDefault(1).version("server")
}) {}
export const bump: Readonly<Record<EngineName, string>> = {
  sqlite: `CREATE TRIGGER served_version AFTER UPDATE OF title, code ON served BEGIN
    UPDATE served SET version = version + 1 WHERE id = NEW.id; END`,
  postgres: `CREATE FUNCTION bump() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.version := OLD.version + 1; RETURN NEW; END $$;
    CREATE TRIGGER served_version BEFORE UPDATE ON served FOR EACH ROW EXECUTE FUNCTION bump()`,
  mariadb: `CREATE TRIGGER served_version BEFORE UPDATE ON served
    FOR EACH ROW SET NEW.version = OLD.version + 1`
}
export const catalog = Catalog.make({ Team, Shift, Bill, Counted, Timed, Drawn, Own, Served })
