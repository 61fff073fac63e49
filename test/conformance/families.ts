import { Column, Entity, Family } from "athanor"

/** The families of a company's staff: in one table, and in a table for all and one for each. */
export const familyKinds = ["single", "joined"] as const
export type FamilyKind = (typeof familyKinds)[number]

/** The staff of some companies, kept in the way that is asked for. */
export const worldOf = (kind: FamilyKind) => {
  const kept: typeof Family.single = kind === "single" ? Family.single : Family.joined

  class Company extends Entity<Company>()("companies", {
    id: Column.id(),
    name: Column.varchar(50)
  }) {
    static readonly staff = this.hasMany(() => Employee, { children: "delete" })
    static readonly managers = this.hasMany(() => Manager, { children: "delete" })
  }
  const staff = kept(
    "employees",
    "kind",
    {
      id: Column.id(),
      kind: Column.varchar(20),
      name: Column.varchar(50),
      companyId: Column.integer()
    },
    {
      manager: { reports: Column.integer().default(0) },
      engineer: { language: Column.varchar(20), mentorId: Column.integer().nullable() }
    }
  )
  class Manager extends Family.member<Manager>()(staff, "manager") {
    static readonly company = this.belongsTo(() => Company)
    static readonly isBusy = this.hybrid((m) => m.reports.gt(2))
    get title() {
      return `${this.name}, manager of ${this.reports}`
    }
  }
  class Engineer extends Family.member<Engineer>()(staff, "engineer") {
    static readonly company = this.belongsTo(() => Company)
    static readonly mentor = this.belongsTo(() => Manager)
    get title() {
      return `${this.name}, who writes ${this.language}`
    }
  }
  const Employee = Family.of(staff, { manager: Manager, engineer: Engineer })

  class Desk extends Entity<Desk>()("desks", {
    id: Column.id(),
    room: Column.varchar(20),
    ownerId: Column.integer().nullable()
  }) {
    static readonly owner = this.belongsTo(() => Employee)
  }
  /** The table that keeps what an engineer alone has. */
  const engineers = kind === "single" ? "employees" : "employees_engineer"
  return { Company, Desk, Employee, Engineer, Manager, engineers, staff }
}
