import { Column, Fn, Query, Table } from "athanor"
import { compile } from "athanor/compile"
import { expect, test } from "vitest"
import { dialectNames } from "../../src/algebra/Dialect.ts"

const users = Table.make("users", { id: Column.id() })
const ids = Query.from(users).select({ n: users.c.id })
const found = Query.recursive("found", ids, (self) =>
  Query.from(self)
    .where(self.c.n.lt(3))
    .select({ n: self.c.n.add(Fn.rowNumber().over({ orderBy: [self.c.n] })) })
)

test.each(dialectNames)("a window over the rows a recursion found last, on %s", (dialect) => {
  const said = compile(Query.from(found).select({ n: found.c.n }), dialect)
  if (dialect === "postgres") expect(said).toHaveProperty("text")
  else expect(said).toMatchObject({ _tag: "Refusal", capability: "recursiveWindow" })
})
