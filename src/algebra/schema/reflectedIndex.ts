import type { DialectName } from "../Dialect.ts"
import type { SnapshotIndex } from "./Snapshot.ts"
import type { IndexStorage } from "./storage.ts"

/** What an index of a snapshot is under its dialect's own name. */
export const indexStorage = (
  dialect: DialectName,
  { method, options, parts }: Pick<SnapshotIndex, "method" | "options" | "parts">
): IndexStorage => {
  if (dialect === "sqlite") return {}
  if (dialect === "postgres") {
    const { tablespace, ...settings } = options
    return {
      postgres: {
        ...(method === null || method === "btree" ? {} : { using: method }),
        ...(parts.every(({ operatorClass }) => operatorClass === null)
          ? {}
          : { operatorClasses: parts.map(({ operatorClass }) => operatorClass) }),
        ...(Object.keys(settings).length === 0 ? {} : { with: settings }),
        ...(tablespace === undefined ? {} : { tablespace })
      }
    }
  }
  const kind = method === "fulltext" || method === "spatial" ? ({ kind: method } as const) : {}
  const lengths = parts.some(({ length }) => length !== null)
    ? { lengths: parts.map(({ length }) => length) }
    : {}
  return { [dialect]: { ...kind, ...(method === "hash" ? { using: method } : {}), ...lengths } }
}
