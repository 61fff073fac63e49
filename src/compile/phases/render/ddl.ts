import { matchDdl } from "../../../algebra/fold.ts"
import type { Ddl } from "../../../algebra/Ddl.ts"
import type { Writer } from "../../Dialect.ts"

export const sayDdl = (node: Ddl, writer: Writer): void => matchDdl<void>(node, {
  CreateTable: () => writer.put("CREATE"), DropTable: () => writer.put("DROP"), CreateIndex: () => writer.put("INDEX"),
  AddForeignKey: () => writer.put("ALTER"), DropForeignKey: () => writer.put("ALTER")
})
