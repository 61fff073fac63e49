// line: 8
// expect: Property 'add' does not exist on type 'ReadonlySet<"a" | "b">'.
import { Column, Entity, Type } from "athanor"

class User extends Entity<User>()("users", {
  id: Column.id(), marks: Column.make(Type.set(["a", "b"]))
}) {}
export const marked = (user: User) => user.marks.add("b")
