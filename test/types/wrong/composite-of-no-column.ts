// line: 8
// expect: Type '"amuont"' is not assignable to type '"amount" | "currency" | "id"'. Did you mean '"amount"'?
import { Column, Entity } from "athanor"

class Bill extends Entity<Bill>()("bills", {
  id: Column.id(), amount: Column.integer(), currency: Column.varchar(3)
}) {
  static readonly price = this.composite({ amount: "amuont", currency: "currency" })
}
export { Bill }
