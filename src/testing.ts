/**
 * athanor/testing: how a program's tests use its database.
 */
export * as Conformance from "./testing/Conformance.ts"
export * as Rollback from "./testing/Rollback.ts"
export * as Seed from "./testing/Seed.ts"
export * as TypeLaws from "./testing/TypeLaws.ts"
