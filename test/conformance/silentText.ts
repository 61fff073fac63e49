/** What takes text and says nothing to a server with it, and why. */
const address = "an address, read here: test/effects/open.test.ts"
export const silent: Readonly<Record<string, string>> = {
  "Alter.addRule(1)": "tells one of the rules of the table beside it",
  ...Object.fromEntries(
    ["schema", "type", "value"].map((one) => [
      `Database.alter(0).${one}`,
      "what the functions of Alter give, which are fuzzed"
    ])
  ),
  ...Object.fromEntries(
    ["Along.any(1)", "Along.none(1)", "Along.is(1)", "Along.on(1)", "Along.of(1)"].map((one) => [
      one,
      "a relation of the entity, by its name: any other is refused"
    ])
  ),
  "Column#deferred(0)": "a group of columns, by which plans name them: read here, never sent",
  ...Object.fromEntries(
    [
      "default(0)",
      "serverDefault(0)",
      "onUpdate(0)",
      "references(1).name",
      "references(1).comment",
      "named(0)",
      "comment(0)",
      "deferred(0)",
      "rule(0)"
    ].map((one) => [`DeferredColumn#${one}`, "as the same method of Column, which is fuzzed"])
  ),
  "Load.nested(2)": "which of a row's keys holds an entity: read here, never sent",
  "Load.setOf(1)": "a column of values at hand: read here, never sent",
  "Load.mapBy(1)": "a column of values at hand: read here, never sent",
  "Databases.bind(1)": "a database's name in this program: read here, never sent",
  "Databases.on(0)": "a database's name in this program: read here, never sent",
  ...Object.fromEntries(
    [1, 2, 3, 4].map((one) => [
      `Path.make(${one})`,
      "a relation of the entity, by its name: any other is refused"
    ])
  ),
  "TextObject.make(0)": "a text object is told by its name, and created by its text",
  "Column#rule(0)": "the words of an error: they are said to people, never to a server",
  "Column.id(0)": "a brand of the type: it is never read",
  "Interval.parse(0)": "read here, by a grammar of its own",
  "Interval.ofServer(0)": "read here, by a grammar of its own",
  "Interval.isInterval(0)": "only asked what it is",
  "Instant.parse(0)": "read here, by a grammar of its own",
  "LocalDate.parse(0)": "read here, by a grammar of its own",
  "LocalTime.parse(0)": "read here, by a grammar of its own",
  "MultiRange.isMultiRange(0)": "only asked what it is",
  "Range.isRange(0)": "only asked what it is",
  "Instant.isInstant(0)": "only asked what it is",
  "LocalDate.isLocalDate(0)": "only asked what it is",
  "LocalTime.isLocalTime(0)": "only asked what it is",
  ...Object.fromEntries(
    [0, 1, 2, 3].map((leg) => [`Aggregated#at(${leg})`, "the same method as that of `Expr`"])
  ),
  "Type.custom(0).sql": "SQL of the program's own, printed as it stands, like that of `sql`",
  "Type.custom(0).name": "named in errors only",
  "Type.mapped(1).name": "named in errors only",
  "Type.characters(1).set": "small letters, digits and underscores; any other text is malformed",
  "Type.characters(1).collation": "small letters, digits and underscores; others are malformed",
  "Type.wrapped(0).name": "the name of a capability, in refusals only",
  "Type.wrapped(0).sql": "SQL of the program's own, printed as it stands, like that of `sql`",
  "Type.wrapped(0).write": "SQL of the program's own, printed as it stands, like that of `sql`",
  "Type.wrapped(0).read": "SQL of the program's own, printed as it stands, like that of `sql`",
  "Database.unpoliced(0)": "sought among the policies that are in force",
  "Database.with(0).name": "named to listeners, beside the statement",
  "Database.derived(2).name": "named to listeners, beside the statement",
  ...Object.fromEntries(
    ["layerMock(0)", "layerUrl(1)", "layerUrlOf(2)", "pool(1)", "layerConfig(1)"].map((one) => [
      `Database.${one}.name`,
      "named to listeners, beside the statement"
    ])
  ),
  ...Object.fromEntries(
    [
      ...["parse(0)", "isDatabaseUrl(0)", "withOption(1)", "withOption(2)", "withoutOption(1)"],
      ...["addOption(1)", "addOption(2)"]
    ].map((one) => [`DatabaseUrl.${one}`, address])
  ),
  ...Object.fromEntries(
    [
      ...["make", "madeOf", "reveal", "withOption", "addOption", "withoutOption"].map(
        (one) => `DatabaseUrl.${one}(0)`
      ),
      ...["pool(0)", "layerUrl(0)", "layerUrlOf(1)"].map((one) => `Database.${one}`)
    ].flatMap((one) =>
      ["dialect", "driver", "user", "host", "database"].map((part) => [`${one}.${part}`, address])
    )
  ),
  "Database.pool(0)": address,
  "Database.layerUrl(0)": address,
  "Database.layerUrlOf(1)": address,
  "Database.layerConfig(0)": "a prefix of names in the configuration",
  "unsafeSql(0)": "SQL of the program's own, by the door that says so: engine-scripts.test.ts",
  "Database.script(0)": "SQL of the program's own, sent as it stands",
  "TwoPhase.make(0).name": "a coordinator's name, part of the names below",
  "Keyset#read(0)": "a cursor it gave out, read here: algebra-keyset.test.ts",
  "Expr#add(0)": "a number; text is refused by its codec",
  "Expr#sub(0)": "a number; text is refused by its codec",
  "Expr#mul(0)": "a number; text is refused by its codec",
  "Expr#div(0)": "a number; text is refused by its codec",
  "Expr#quot(0)": "a number; text is refused by its codec",
  "Expr#rem(0)": "a number; text is refused by its codec"
}
