/** Of which kind tables of MySQL and MariaDB are where nothing is said: see ADR 0022. */
export const usualTable = {
  mysql: { engine: "InnoDB", characterSet: "utf8mb4", collation: "utf8mb4_0900_bin" },
  mariadb: { engine: "InnoDB", characterSet: "utf8mb4", collation: "utf8mb4_nopad_bin" }
} as const

/** The same as CREATE TABLE says it. */
export const usualOptions = (dialect: keyof typeof usualTable): string => {
  const { characterSet, collation, engine } = usualTable[dialect]
  return ` ENGINE=${engine} DEFAULT CHARSET=${characterSet} COLLATE=${collation}`
}
