/**
 * athanor/testing: how a program's tests use its database.
 */
export * as Rollback from "./testing/Rollback.ts"
