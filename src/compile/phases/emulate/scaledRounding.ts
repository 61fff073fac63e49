import {
  arith,
  type Call,
  caseOf,
  cast,
  compare,
  constant,
  type Scalar
} from "../../../algebra/Scalar.ts"
import { bigintType, booleanType } from "../../internalTypes.ts"
import { isRepeatable } from "./isRepeatable.ts"
import type { Context } from "../../Program.ts"

const names: ReadonlySet<string> = new Set(["floor", "ceil", "round"])

/** Whether a function drops digits after the point of a decimal. */
export const isRounding = ({ args, name }: Call): boolean =>
  names.has(name) && args[0]?.type.sql._tag === "Numeric"

/**
 * `floor`, `ceil` and `round` of a decimal kept as an integer in units of its last digit: the
 * quotient by so many units, one further where the rest asks for it.
 */
export const rounding = (
  node: Call,
  powerOfTen: (digits: number, context: Context) => Scalar,
  context: Context
): Scalar => {
  const [self] = node.args as readonly [Scalar]
  if (!isRepeatable(self)) context.refuse(node.name, `${node.name} of a drawn decimal`)
  const scale = self.type.sql._tag === "Numeric" ? self.type.sql.scale : 0
  const kept = node.type.sql._tag === "Numeric" ? node.type.sql.scale : 0
  if (scale <= kept) return self
  const unit = powerOfTen(scale - kept, context)
  const whole = cast(self, bigintType)
  const zero = constant(0, bigintType)
  const of = (op: "add" | "sub" | "quot" | "rem", left: Scalar, right: Scalar): Scalar =>
    arith(op, left, right, node.type)
  if (node.name === "round") {
    const half = arith("quot", unit, constant(2, bigintType), bigintType)
    const away = [compare("lt", self, zero, booleanType)]
    const moved = caseOf(away, [of("sub", whole, half)], of("add", whole, half), node.type)
    return of("quot", cast(moved, bigintType), unit)
  }
  const quotient = of("quot", whole, unit)
  const [op, beyond] = node.name === "floor" ? (["sub", "lt"] as const) : (["add", "gt"] as const)
  const rest = compare(beyond, of("rem", whole, unit), zero, booleanType)
  return caseOf([rest], [of(op, quotient, constant(1, bigintType))], quotient, node.type)
}
