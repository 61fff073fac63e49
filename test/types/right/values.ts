import { Expr, Type } from "athanor"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Equal<A, B>): void => {}
type Of<E> = E extends Expr.Expr<infer A, any> ? A : never

const plain = Expr.value(18, Type.integer)
same<Of<typeof plain>, number>(true)
const maybe = Expr.value(null as number | null, Type.integer)
same<Of<typeof maybe>, number | null>(true)
plain.lt(20).not()
