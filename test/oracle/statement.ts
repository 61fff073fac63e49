import type { Command } from "../../src/algebra/Command.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import { carryOut } from "./command.ts"
import type { Database, TableRow, World } from "./Meaning.ts"
import { answer } from "./query.ts"
import { outside } from "./Value.ts"

/** What a statement does: the database after it, its rows, and how many a command touched. */
export interface Done {
  readonly database: Database
  readonly rows: ReadonlyArray<unknown>
  readonly matched: number
}

/**
 * What a statement means whose common table expressions may be commands: each of them, and the
 * statement itself, sees the database as it was before. Of a table that two of them write there is
 * no one meaning.
 */
export const carryOutAll = (root: Relation | Command, world: World): Done => {
  const written = new Map<TableSource, ReadonlyArray<TableRow>>()
  const write = (command: Command): ReturnType<typeof carryOut> => {
    const outcome = carryOut(command, world)
    const { table } = command
    if (written.has(table)) return outside(`${table.name} written twice in one statement`)
    written.set(table, outcome.database.get(table)!)
    return outcome
  }
  for (const source of root.ctes)
    if ("returned" in source.query) world.ctes.set(source, write(source.query).results)
  if ("returned" in root) {
    const { matched, rows } = write(root)
    return { rows, matched, database: new Map([...world.database, ...written]) }
  }
  const rows = answer(root, world).flat()
  return { rows, matched: rows.length, database: new Map([...world.database, ...written]) }
}
