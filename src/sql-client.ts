/**
 * Beside effect/sql: libraries written for its `SqlClient` on our pool and in our transactions.
 *
 * @module
 */
export { layerSqlClient } from "./effects/sqlClient/layer.ts"
