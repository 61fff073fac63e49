import { cast, constant } from "../../../algebra/Scalar.ts"
import type { AnyType } from "../../../algebra/Type.ts"
import type { Term } from "../../Placed.ts"
import type { Context } from "../../Program.ts"
import { operator } from "./operator.ts"

const untyped: ReadonlySet<string> = new Set(["Boolean", "Date", "Time", "Timestamp"])

/**
 * MySQL and MariaDB take a value of these types for a text where nothing says what it is: in a
 * list, in a window, and where a function passes on what it is given.
 */
export const typed = (value: Term, type: AnyType, { capabilities }: Context): Term =>
  (capabilities.dialect === "mysql" || capabilities.dialect === "mariadb") &&
  value._tag === "Parameter" &&
  untyped.has(type.sql._tag)
    ? operator(cast(constant(null, type), type), { self: value })
    : value
