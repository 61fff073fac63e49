import type { Codec, RowCodec } from "../Codec.ts"
import { ValueRefused } from "../Codec.ts"
import type { SqlType } from "../SqlType.ts"
import type { Type } from "../Type.ts"

/** A frozen type value. */
export const makeType = <A>(key: string, sql: SqlType, codec: Codec<A>): Type<A> =>
  Object.freeze({ key, sql: Object.freeze(sql), codec })

/** A codec from its forms; MariaDB speaks as MySQL does unless it is given a form of its own. */
export const makeCodec = <A>(forms: {
  readonly sqlite: RowCodec<A>
  readonly postgres: RowCodec<A>
  readonly mysql: RowCodec<A>
  readonly mariadb?: RowCodec<A>
  readonly json: RowCodec<A>
}): Codec<A> => {
  const { sqlite, postgres, mysql, mariadb = mysql, json } = forms
  return Object.freeze({ row: Object.freeze({ sqlite, postgres, mysql, mariadb }), json })
}

/** Refuses a value or a stored form. `expected` says what would do and never what was given. */
export const refused = (expected: string, ruled: ValueRefused["ruled"] = null): never => {
  throw new ValueRefused(expected, ruled)
}
