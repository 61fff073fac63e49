import { BigIntType, defineEntity, p } from "@mikro-orm/core"
import type { Engine } from "../workloads.ts"

/** The tables of `tables.ts` and `graph.ts` as MikroORM's guide has them: schemas and classes. */

/** better-sqlite3 gives an int8 beyond 2^53 rounded: it is asked for as text. */
class ExactBigInt extends BigIntType {
  override convertToJSValueSQL(key: string): string {
    return `cast(${key} as text)`
  }
}

const personSchema = (engine: Engine) =>
  defineEntity({
    name: "Person",
    tableName: "people",
    properties: {
      id: p.integer().primary(),
      account: p.type(engine === "sqlite" ? ExactBigInt : BigIntType).$type<bigint>(),
      name: p.string(),
      email: p.string(),
      active: p.boolean(),
      createdAt: p.datetime()
    }
  })

export const personOf = (engine: Engine) => {
  const schema = personSchema(engine)
  class Person extends schema.class {}
  schema.setClass(Person)
  return Person
}

const noteSchema = defineEntity({
  name: "Note",
  tableName: "notes",
  properties: {
    id: p.integer().primary(),
    authorId: p.integer(),
    title: p.string(),
    body: p.string(),
    views: p.integer()
  }
})
export class Note extends noteSchema.class {}
noteSchema.setClass(Note)

const labelSchema = defineEntity({
  name: "Label",
  tableName: "labels",
  properties: { id: p.integer().primary(), name: p.string() }
})
export class Label extends labelSchema.class {}
labelSchema.setClass(Label)

const articleSchema = defineEntity({
  name: "Article",
  tableName: "articles",
  properties: {
    id: p.integer().primary(),
    author: () => p.manyToOne(Author).inversedBy("articles"),
    title: p.string(),
    body: p.string(),
    views: p.integer(),
    labels: () =>
      p
        .manyToMany(Label)
        .owner()
        .pivotTable("article_labels")
        .joinColumn("article_id")
        .inverseJoinColumn("label_id")
  }
})
export class Article extends articleSchema.class {}
articleSchema.setClass(Article)

const authorSchema = defineEntity({
  name: "Author",
  tableName: "authors",
  properties: {
    id: p.integer().primary(),
    name: p.string(),
    email: p.string(),
    articles: () => p.oneToMany(Article).mappedBy("author")
  }
})
export class Author extends authorSchema.class {}
authorSchema.setClass(Author)

const lineSchema = defineEntity({
  name: "Line",
  tableName: "order_lines",
  properties: {
    id: p.integer().primary(),
    order: () => p.manyToOne(Order).inversedBy("lines"),
    name: p.string(),
    count: p.integer()
  }
})
export class Line extends lineSchema.class {}
lineSchema.setClass(Line)

const orderSchema = defineEntity({
  name: "Order",
  tableName: "orders",
  properties: {
    id: p.integer().primary(),
    name: p.string(),
    state: p.string(),
    total: p.integer(),
    lines: () => p.oneToMany(Line).mappedBy("order")
  }
})
export class Order extends orderSchema.class {}
orderSchema.setClass(Order)
