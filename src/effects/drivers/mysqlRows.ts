import type { Connection } from "../Driver.ts"

/** Asks which row the statement before was refused for. */
export const rowDiagnosed = "get diagnostics condition 1 @athanor_row = row_number"

/** Source: MariaDB manual, "GET DIAGNOSTICS": ROW_NUMBER since 10.7. MySQL has none. */
export const tellsRows = ({ dialect, version }: Connection["server"]): boolean =>
  dialect === "mariadb" && (version[0] > 10 || (version[0] === 10 && version[1] >= 7))

/** Errors that are of one row: keys, checks, NULL, values a column cannot hold. */
const ofOneRow: ReadonlySet<number> = new Set([
  1048, 1062, 1216, 1264, 1265, 1292, 1364, 1366, 1406, 1452, 1586, 4025
])

export const isOfOneRow = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "errno" in error &&
  ofOneRow.has(error.errno as number)
