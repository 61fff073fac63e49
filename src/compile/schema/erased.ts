import type { DialectName } from "../../algebra/Dialect.ts"
import type { ReferentialAction } from "../../algebra/Source.ts"
import type {
  Snapshot,
  SnapshotColumn,
  SnapshotForeignKey,
  SnapshotTable,
  SnapshotView
} from "../../algebra/schema/Snapshot.ts"
import { normalSnapshot } from "./normalSnapshot.ts"
import { isConstraint } from "./uniqueIndex.ts"

/**
 * A fact a server does not keep as it was given, so that two schemas that differ in it are one.
 *
 * @category models
 */
export interface Erased {
  readonly id: string
  readonly dialects: ReadonlyArray<DialectName>
  readonly reason: string
  readonly source: string
  readonly erase: (snapshot: Snapshot) => Snapshot
}

const inTables =
  (erase: (table: SnapshotTable) => SnapshotTable) =>
  (snapshot: Snapshot): Snapshot => ({ ...snapshot, tables: snapshot.tables.map(erase) })

const literal = /^(?:[+-]?[\d.][\d.e+-]*|'(?:[^']|'')*'|true|false|null|current_timestamp)$/is

const columnsWith = (change: (column: SnapshotColumn) => Partial<SnapshotColumn>) =>
  inTables((table) => ({
    ...table,
    columns: table.columns.map((column) => ({ ...column, ...change(column) }))
  }))

const keysWith = (change: (key: SnapshotForeignKey) => Partial<SnapshotForeignKey>) =>
  inTables((table) => ({
    ...table,
    foreignKeys: table.foreignKeys.map((key) => ({ ...key, ...change(key) }))
  }))

const viewsWith =
  (change: (view: SnapshotView) => Partial<SnapshotView>) =>
  (snapshot: Snapshot): Snapshot => ({
    ...snapshot,
    views: snapshot.views.map((view) => ({ ...view, ...change(view) }))
  })

const notRestrict = (action: ReferentialAction): ReferentialAction =>
  action === "restrict" ? "no action" : action

const rewriting: ReadonlyArray<DialectName> = ["postgres", "mysql", "mariadb"]
const mysqlFamily: ReadonlyArray<DialectName> = ["mysql", "mariadb"]

/**
 * What reflection cannot give back, each with its reason: the list may only become shorter.
 *
 * **Laws** L29: reflected after `create`, a catalog is itself but for these.
 */
export const erased: ReadonlyArray<Erased> = [
  {
    id: "condition-text",
    dialects: rewriting,
    reason: "The server parses a CHECK and what an index is of, and writes it in its own words.",
    source: "https://www.postgresql.org/docs/current/functions-info.html (pg_get_expr)",
    erase: (snapshot) => ({
      ...snapshot,
      domains: snapshot.domains.map((domain) => ({
        ...domain,
        checks: domain.checks.map((check) => ({ ...check, predicate: "" }))
      })),
      tables: snapshot.tables.map((table) => ({
        ...table,
        checks: table.checks.map((check) => ({ ...check, predicate: "" })),
        exclusions: table.exclusions.map((one) => ({
          ...one,
          where: one.where === null ? null : "",
          parts: one.parts.map((part) => ({
            ...part,
            expression: part.expression === null ? null : ""
          }))
        })),
        indexes: table.indexes.map((index) => ({
          ...index,
          where: index.where === null ? null : "",
          parts: index.parts.map((part) => ({
            ...part,
            expression: part.expression === null ? null : ""
          }))
        }))
      }))
    })
  },
  {
    id: "expression-text",
    dialects: rewriting,
    reason: "A default or computed column that is no literal is written anew.",
    source: "https://mariadb.com/kb/en/information-schema-columns-table/ (COLUMN_DEFAULT)",
    erase: columnsWith(({ computed, default: value }) => ({
      default: value === null || literal.test(value) ? value : "",
      computed: computed === null ? null : { ...computed, expression: "" }
    }))
  },
  {
    id: "computed-not-null",
    dialects: ["mariadb"],
    reason: "A computed column cannot be declared NOT NULL.",
    source: "https://mariadb.com/kb/en/generated-columns/",
    erase: columnsWith(({ computed, nullable }) => ({ nullable: nullable || computed !== null }))
  },
  {
    id: "primary-key-name",
    dialects: mysqlFamily,
    reason: "A primary key is called PRIMARY, whatever it was named.",
    source: "https://dev.mysql.com/doc/refman/8.4/en/create-table.html",
    erase: inTables((table) => ({
      ...table,
      primaryKey: table.primaryKey === null ? null : { ...table.primaryKey, name: null }
    }))
  },
  {
    id: "unique-index",
    dialects: mysqlFamily,
    reason: "A unique constraint is a unique index of whole columns, and not told from one.",
    source: "https://dev.mysql.com/doc/refman/8.4/en/create-index.html",
    erase: inTables((table) => ({
      ...table,
      indexes: table.indexes.filter((index) => !isConstraint(index)),
      uniques: [
        ...table.uniques,
        ...table.indexes.filter(isConstraint).map(({ comment, name, parts }) => ({
          name,
          columns: parts.map(({ column }) => column!),
          include: [],
          nullsEqual: false,
          deferrable: "no" as const,
          comment
        }))
      ]
    }))
  },
  {
    id: "restrict",
    dialects: mysqlFamily,
    reason: "InnoDB checks at once: RESTRICT and NO ACTION are one.",
    source: "https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html",
    erase: keysWith(({ onDelete, onUpdate }) => ({
      onDelete: notRestrict(onDelete),
      onUpdate: notRestrict(onUpdate)
    }))
  },
  {
    id: "view-text",
    dialects: rewriting,
    reason: "The server parses the query of a view, and writes it in its own words.",
    source: "https://www.postgresql.org/docs/current/functions-info.html (pg_get_viewdef)",
    erase: viewsWith(() => ({ definition: "" }))
  },
  {
    id: "view-nulls",
    dialects: mysqlFamily,
    reason: "A view declares no NOT NULL: the server derives it from the tables.",
    source: "https://mariadb.com/kb/en/create-view/",
    erase: viewsWith(({ columns }) => ({
      columns: columns.map((column) => ({ ...column, nullable: true }))
    }))
  }
]

/** A snapshot without what its server erases: equal schemas are equal then, and only they. */
export const comparable = (snapshot: Snapshot): Snapshot => {
  const facts = erased.filter(({ dialects }) => dialects.includes(snapshot.dialect))
  return normalSnapshot(facts.reduce((one, { erase }) => erase(one), snapshot))
}
