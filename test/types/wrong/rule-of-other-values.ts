// line: 5
// expect: Argument of type '(name: string) => boolean' is not assignable to parameter of type '(value: number) => boolean'.
import { Column } from "athanor"

export const age = Column.integer().rule("a name", (name: string) => name !== "")
