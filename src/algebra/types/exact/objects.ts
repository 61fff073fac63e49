import type { Type } from "../../Type.ts"
import { textCodec } from "../text.ts"
import { exactType } from "./make.ts"

const named = (name: string): Type<string> =>
  exactType({ name, capability: "oidType", column: { postgres: name }, codec: textCodec })

/**
 * A configuration of text search by its name: `english`.
 *
 * **Shape** kept as its number; read as the server prints it, quoted where it must be.
 * **SQL** postgres: regconfig; `Unsupported` elsewhere.
 * **Errors** the server's for a name that is nobody's.
 * **Source** PostgreSQL manual 8.19; SQLAlchemy 2.0 `postgresql.REGCONFIG`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.regconfig.key // => "exact regconfig"
 * ```
 * @category exact types
 */
export const regconfig: Type<string> = named("regconfig")

/**
 * A dictionary of text search by its name: `simple`.
 *
 * **Shape** kept as its number; read as the server prints it, quoted where it must be.
 * **SQL** postgres: regdictionary; `Unsupported` elsewhere.
 * **Errors** the server's for a name that is nobody's.
 * **Source** PostgreSQL manual 8.19.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.regdictionary.key // => "exact regdictionary"
 * ```
 * @category exact types
 */
export const regdictionary: Type<string> = named("regdictionary")

/**
 * A type by its name: `integer`.
 *
 * **Shape** kept as its number; read as the server prints it, quoted where it must be.
 * **SQL** postgres: regtype; `Unsupported` elsewhere.
 * **Errors** the server's for a name that is nobody's.
 * **Source** PostgreSQL manual 8.19.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.regtype.key // => "exact regtype"
 * ```
 * @category exact types
 */
export const regtype: Type<string> = named("regtype")

/**
 * A function by its name, which no other has: `now`.
 *
 * **Shape** kept as its number; read as the server prints it, quoted where it must be.
 * **SQL** postgres: regproc; `Unsupported` elsewhere.
 * **Errors** the server's for a name that is nobody's.
 * **Source** PostgreSQL manual 8.19.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.regproc.key // => "exact regproc"
 * ```
 * @category exact types
 */
export const regproc: Type<string> = named("regproc")

/**
 * A function by its name and the types it takes: `abs(integer)`.
 *
 * **Shape** kept as its number; read as the server prints it, quoted where it must be.
 * **SQL** postgres: regprocedure; `Unsupported` elsewhere.
 * **Errors** the server's for a name that is nobody's.
 * **Source** PostgreSQL manual 8.19.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.regprocedure.key // => "exact regprocedure"
 * ```
 * @category exact types
 */
export const regprocedure: Type<string> = named("regprocedure")

/**
 * A role by its name.
 *
 * **Shape** kept as its number; read as the server prints it, quoted where it must be.
 * **SQL** postgres: regrole; `Unsupported` elsewhere.
 * **Errors** the server's for a name that is nobody's.
 * **Source** PostgreSQL manual 8.19.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.regrole.key // => "exact regrole"
 * ```
 * @category exact types
 */
export const regrole: Type<string> = named("regrole")

/**
 * A schema by its name.
 *
 * **Shape** kept as its number; read as the server prints it, quoted where it must be.
 * **SQL** postgres: regnamespace; `Unsupported` elsewhere.
 * **Errors** the server's for a name that is nobody's.
 * **Source** PostgreSQL manual 8.19.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.regnamespace.key // => "exact regnamespace"
 * ```
 * @category exact types
 */
export const regnamespace: Type<string> = named("regnamespace")

/**
 * A collation by its name: `"C"`.
 *
 * **Shape** kept as its number; read as the server prints it, quoted where it must be.
 * **SQL** postgres: regcollation; `Unsupported` elsewhere.
 * **Errors** the server's for a name that is nobody's.
 * **Source** PostgreSQL manual 8.19.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.regcollation.key // => "exact regcollation"
 * ```
 * @category exact types
 */
export const regcollation: Type<string> = named("regcollation")
