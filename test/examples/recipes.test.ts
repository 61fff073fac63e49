import type { Database } from "athanor"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import * as adjacencyList from "../../examples/recipes/adjacencyList.ts"
import * as auditLog from "../../examples/recipes/auditLog.ts"
import * as caching from "../../examples/recipes/caching.ts"
import * as customNode from "../../examples/recipes/customNode.ts"
import * as directedGraph from "../../examples/recipes/directedGraph.ts"
import * as genericAssociations from "../../examples/recipes/genericAssociations.ts"
import * as indexedAccess from "../../examples/recipes/indexedAccess.ts"
import * as materialisedPaths from "../../examples/recipes/materialisedPaths.ts"
import * as nestedSets from "../../examples/recipes/nestedSets.ts"
import * as outbox from "../../examples/recipes/outbox.ts"
import * as positionedList from "../../examples/recipes/positionedList.ts"
import * as sharding from "../../examples/recipes/sharding.ts"
import * as softDeleteWithTenants from "../../examples/recipes/softDeleteWithTenants.ts"
import * as versionedRows from "../../examples/recipes/versionedRows.ts"
import * as verticalTable from "../../examples/recipes/verticalTable.ts"
import { connect, engines } from "../runtime/databases.ts"

describe.each(engines)("recipes on %s", (engine) => {
  const gives = async <A, E>(recipe: Effect.Effect<A, E, Database>, expected: A) => {
    const database = await connect(engine)
    try {
      expect(await database.run(recipe)).toEqual(expected)
    } finally {
      await database.dispose()
    }
  }

  test("a tree by parents, by intervals and by paths [F156.1]", async () => {
    await gives(adjacencyList.recipe, adjacencyList.expected)
    await gives(nestedSets.recipe, nestedSets.expected)
    await gives(materialisedPaths.recipe, materialisedPaths.expected)
  })

  test("rows in versions, an audit log and an outbox [F156.2]", async () => {
    await gives(versionedRows.recipe, versionedRows.expected)
    await gives(auditLog.recipe, auditLog.expected)
    await gives(outbox.recipe, outbox.expected)
  })

  test("notes on anything, properties as rows, a graph with a ring [F156.3]", async () => {
    await gives(genericAssociations.recipe, genericAssociations.expected)
    await gives(verticalTable.recipe, verticalTable.expected)
    await gives(directedGraph.recipe, directedGraph.expected)
  })

  test("a positioned list, parts of a document, a node of one's own [F155.2]", async () => {
    await gives(positionedList.recipe, positionedList.expected)
    await gives(indexedAccess.recipe, indexedAccess.expected)
    await gives(customNode.recipe, customNode.expected)
  })

  test("shards, a cache, and tenants whose deletes only mark [F156.4 F155.2]", async () => {
    await gives(caching.recipe, caching.expected)
    await gives(softDeleteWithTenants.recipe, softDeleteWithTenants.expected)
    const [one, other] = [await connect(engine), await connect(engine)]
    const context = Effect.context<Database>()
    const shards = [await one.run(context), await other.run(context)]
    expect(await one.run(sharding.recipe(shards))).toEqual(sharding.expected)
    await one.dispose()
    await other.dispose()
  })
})

test("each recipe is run here, and said in the list of them", () => {
  const here = readFileSync(new URL(import.meta.url), "utf8")
  const page = readFileSync("docs/how-to/recipes.md", "utf8")
  for (const file of readdirSync("examples/recipes")) {
    expect(here).toContain(`recipes/${file}`)
    expect(page).toContain(`examples/recipes/${file}`)
  }
})
