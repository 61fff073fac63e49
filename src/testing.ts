/**
 * athanor/testing: how a program's tests use its database.
 */
export * as Rollback from "./testing/Rollback.ts"
export * as TypeLaws from "./testing/TypeLaws.ts"
