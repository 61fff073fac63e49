import { assert, describe, it } from "@effect/vitest"
import { leavesTraces } from "../../src/effects/drivers/leavesTraces.ts"

describe("what a text leaves in the session", () => {
  it("is seen by the word it begins with or the function it calls", () => {
    for (const text of [
      "SET search_path TO a",
      "select 1; set time zone 'UTC'",
      "reset all",
      "listen news",
      "create temporary table t (a integer)",
      "CREATE TEMP TABLE t (a integer)",
      "create local temporary table t (a integer)",
      "declare c cursor with hold for select 1",
      "prepare p as select 1",
      "select a into temp b from t",
      "select a into temporary table b from t",
      "create table pg_temp.t (a integer)",
      "use other",
      "lock tables t write",
      "select set_config('a.b', 'c', false)",
      "select pg_advisory_lock($1)",
      "select pg_try_advisory_lock_shared(1)",
      "select get_lock('a', 0)",
      "select @a := 1",
      "pragma foreign_keys = off",
      "select 1; PRAGMA foreign_keys(0)",
      "attach 'other.db' as other",
      "detach other"
    ])
      assert.isTrue(leavesTraces(text), text)
  })

  it("is not supposed of what ends with its transaction or changes data only", () => {
    for (const text of [
      "set local work_mem to '1MB'",
      "SET TRANSACTION isolation level serializable",
      "set constraints all deferred",
      "update t set a = 1",
      "PREPARE TRANSACTION 'one'",
      "insert into temp values (1)",
      "insert into temporary (a) values (1)",
      "select a from settings",
      "insert into sets values (1)",
      "declare c no scroll cursor for select 1",
      "select pg_advisory_xact_lock(1)",
      "create table temporary_things (a integer)",
      "create temperatures",
      "pragma user_version",
      "PRAGMA defer_foreign_keys = ON",
      "setting",
      "begin",
      "select 'x' as listen"
    ])
      assert.isFalse(leavesTraces(text), text)
  })

  it("a megabyte of anything is judged in one go", () => {
    for (const part of [" ", ";", "; ", "@a", "declare ", "set_config "]) {
      const startedAt = performance.now()
      leavesTraces(part.repeat(1_000_000 / part.length))
      // Were it judged again from each of its places, it would take an hour.
      assert.isBelow(performance.now() - startedAt, 5_000, part)
    }
  })
})
