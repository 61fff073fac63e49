// line: 10
// expect: Type 'string' is not assignable to type 'number'.
import { Column, Entity, Query } from "athanor"

class Bill extends Entity<Bill>()("bills", {
  id: Column.id(), amount: Column.integer(), currency: Column.varchar(3)
}) {
  static readonly price = this.composite({ amount: "amount", currency: "currency" })
}
export const paid = Query.from(Bill).where(Bill.price.eq({ amount: "1", currency: "EUR" }))
