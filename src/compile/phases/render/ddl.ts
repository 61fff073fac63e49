import type {
  AddForeignKey,
  CreateTable,
  Ddl,
  DropForeignKey,
  DropTable
} from "../../../algebra/Ddl.ts"
import { matchDdl } from "../../../algebra/fold.ts"
import type { Writer } from "../../Dialect.ts"
import { fitName } from "../../identifiers.ts"
import type { Context } from "../../Program.ts"
import { rulesOn } from "../../schema/partsOn.ts"
import { sayColumn } from "./columns.ts"
import { sayCommentOn } from "./comments.ts"
import { sayCreateIndex } from "./indexes.ts"
import { sayTable } from "./queries.ts"
import { checkStrict, sayPart, sayTableKind, sayTableStorage } from "./tableStorage.ts"
import { sayCreateSchema, sayDropSchema } from "./schemas.ts"
import { sayCreateSequence, sayDropSequence } from "./sequences.ts"
import {
  sayCheck,
  isGuardedOn,
  sayGuard,
  sayExclusion,
  sayForeignKey,
  sayPrimaryKey,
  sayUnique
} from "./rules.ts"
import { systemPeriod } from "./systemTime.ts"
import { sayCreateType, sayDropType, sayText } from "./namedTypes.ts"
import { sayCreateView, sayDropView, sayRefreshView } from "./views.ts"

/** CREATE, DROP and ALTER. */
export const sayDdl = (node: Ddl, writer: Writer, context: Context): void =>
  matchDdl<void>(node, {
    CreateTable: (one) => sayCreateTable(one, writer, context),
    DropTable: (one) => sayDropTable(one, writer),
    CreateIndex: (one) => sayCreateIndex(one, writer, context),
    AddForeignKey: (one) => sayAddForeignKey(one, writer),
    DropForeignKey: (one) => sayDropForeignKey(one, writer),
    CreateView: (one) => sayCreateView(one, writer, context),
    DropView: (one) => sayDropView(one, writer),
    RefreshView: (one) => sayRefreshView(one, writer),
    CreateSequence: (one) => sayCreateSequence(one, writer),
    DropSequence: (one) => sayDropSequence(one, writer),
    CommentOn: (one) => sayCommentOn(one, writer, context),
    CreateType: (one) => sayCreateType(one, writer, context),
    DropType: (one) => sayDropType(one, writer),
    RunText: (one) => sayText(one, writer),
    CreateSchema: (one) => sayCreateSchema(one, writer),
    DropSchema: (one) => sayDropSchema(one, writer)
  })

const sayCreateTable = (node: CreateTable, writer: Writer, context: Context): void => {
  const { deferred, ifNotExists, table } = node
  writer.put("CREATE ")
  sayTableKind(table, writer)
  writer.put(`TABLE ${ifNotExists ? "IF NOT EXISTS " : ""}`)
  sayTable(writer, table)
  const { part } = table.storage.postgres ?? {}
  if (part !== undefined && writer.dialect.name === "postgres") {
    sayPart(table, part, writer)
    return sayTableStorage(table, writer)
  }
  checkStrict(table, writer)
  writer.put(" (")
  const parts: ReadonlyArray<() => void> = [
    ...table.columns.map((column) => () => sayColumn(column, table, writer, context)),
    ...systemPeriod(table, writer),
    ...(table.primaryKey.length === 0 ? [] : [() => sayPrimaryKey(table, writer)]),
    ...table.uniques().map((unique) => () => sayUnique(unique, table, writer)),
    ...table.columns
      .filter((column) => isGuardedOn(column, writer.capabilities))
      .map((column) => () => sayGuard(column, table, writer)),
    ...rulesOn(table, writer.capabilities).checks.map(
      (check) => () => sayCheck(check, table, writer, context)
    ),
    ...table.exclusions().map((one) => () => sayExclusion(one, table, writer, context)),
    ...table
      .foreignKeys()
      .filter((key) => !deferred.includes(key.name))
      .map((key) => () => sayForeignKey(table, key, writer))
  ]
  writer.deeper(() =>
    parts.forEach((part, i) => {
      if (i > 0) writer.put(",")
      if (i > 0) writer.line()
      else writer.edge()
      part()
    })
  )
  writer.edge()
  writer.put(")")
  sayTableStorage(table, writer)
}

const sayDropTable = (node: DropTable, writer: Writer): void => {
  writer.put(`DROP TABLE ${node.ifExists ? "IF EXISTS " : ""}`)
  sayTable(writer, node.table)
}

const sayAddForeignKey = ({ foreignKey, table }: AddForeignKey, writer: Writer): void => {
  if (!writer.capabilities.alterConstraint)
    writer.refuse("alterConstraint", `ALTER TABLE ${table.name} ADD CONSTRAINT`)
  writer.put("ALTER TABLE ")
  sayTable(writer, table)
  writer.put(" ADD ")
  sayForeignKey(table, foreignKey, writer)
}

const sayDropForeignKey = ({ foreignKey, table }: DropForeignKey, writer: Writer): void => {
  if (!writer.capabilities.alterConstraint)
    writer.refuse("alterConstraint", `ALTER TABLE ${table.name} DROP CONSTRAINT`)
  writer.put("ALTER TABLE ")
  sayTable(writer, table)
  writer.put(
    writer.dialect.name === "mysql" || writer.dialect.name === "mariadb"
      ? " DROP FOREIGN KEY "
      : " DROP CONSTRAINT "
  )
  writer.name(fitName(foreignKey.name, writer.capabilities))
}
