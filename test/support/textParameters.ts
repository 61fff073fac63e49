/**
 * The public parameters that take text, found in the types of the package: what a program may hand
 * over from outside.
 */
import { fileURLToPath } from "node:url"
import * as ts from "typescript-5.9"

/** A parameter that takes any text, of an exported function or of a method of what one gives. */
export interface TextParameter {
  /** `Query.alias`, or `Select.as` for a method. */
  readonly owner: string
  readonly name: string
  readonly index: number
  /** How many parameters must be given. */
  readonly required: number
  /** Where the text is a property of an object of options. */
  readonly option?: string
}

const root = fileURLToPath(new URL("../../", import.meta.url))

/** Walks from the exports of an entry through what their functions give. */
export const textParameters = (entry: string): ReadonlyArray<TextParameter> => {
  const file = `${root}${entry}`
  const program = ts.createProgram([file], {
    ...ts.convertCompilerOptionsFromJson(
      {
        target: "esnext",
        module: "nodenext",
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: true,
        allowImportingTsExtensions: true,
        noEmit: true
      },
      root
    ).options
  })
  const checker = program.getTypeChecker()
  const found = new Map<string, TextParameter>()
  const seen = new Set<string>()
  const todo: Array<readonly [owner: string, type: ts.Type]> = []
  const later: Array<readonly [owner: string, type: ts.Type]> = []

  const isObject = (type: ts.Type): boolean => (type.getFlags() & ts.TypeFlags.Object) !== 0

  const takesText = (type: ts.Type): boolean => {
    const flags = type.getFlags()
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.String)) return true
    if (flags & ts.TypeFlags.Substitution) return true
    if (flags & ts.TypeFlags.TypeParameter) {
      const bound = checker.getBaseConstraintOfType(type)
      return bound === undefined || bound === type || takesText(bound)
    }
    // `string & {}` keeps literals beside it in hints, and takes any text.
    if (type.isIntersection())
      return type.types.every(
        (one) => takesText(one) || (isObject(one) && one.getProperties().length === 0)
      )
    return type.isUnion() && type.types.some(takesText)
  }

  /** Of the instances of a type one of texts is asked: what takes text there may not elsewhere. */
  const speaksText = (type: ts.Type): boolean => {
    const of = checker.getTypeArguments(type as ts.TypeReference)
    return of.length === 0 || takesText(of[0]!)
  }

  const isOurs = (type: ts.Type): boolean =>
    (type.symbol?.declarations ?? []).some((one) => one.getSourceFile().fileName.includes("/src/"))

  const isHere = (symbol: ts.Symbol): boolean =>
    (symbol.declarations ?? []).some((one) => one.getSourceFile().fileName.includes("/src/"))

  const follow = (type: ts.Type): void => {
    const { symbol } = type
    if (symbol === undefined || !isOurs(type) || seen.has(symbol.name)) return
    if (type.getCallSignatures().length === 0 && (type.flags & ts.TypeFlags.Object) === 0) return
    if (!speaksText(type)) return void later.push([symbol.name, type])
    seen.add(symbol.name)
    todo.push([symbol.name, type])
  }

  /** Plain texts inside an object of options: what a program may hand over by name. */
  const optionsOf = (type: ts.Type): ReadonlyArray<string> => {
    const members = type.isUnion() ? type.types : [type]
    return members.flatMap((one) => {
      const isOptions =
        (one.flags & ts.TypeFlags.Object) !== 0 &&
        one.getCallSignatures().length === 0 &&
        !checker.isArrayType(one) &&
        !checker.isTupleType(one) &&
        one.getProperties().length > 0 &&
        one.getProperties().every(({ name }) => !name.startsWith("__@") && name !== "node")
      return !isOptions || !isOurs(one)
        ? []
        : one.getProperties().flatMap((property) => {
            const declared = property.valueDeclaration
            if (declared === undefined) return []
            const own = checker.getTypeOfSymbolAtLocation(property, declared)
            return isText(own) ? [property.name] : []
          })
    })
  }

  const isText = (type: ts.Type): boolean =>
    (type.getFlags() & ts.TypeFlags.String) !== 0 ||
    (type.isUnion() && type.types.some(isText)) ||
    (type.isIntersection() && takesText(type))

  const walkSignatures = (owner: string, type: ts.Type): void => {
    for (const signature of type.getCallSignatures()) {
      const parameters = signature.getParameters()
      parameters.forEach((parameter, index) => {
        const declared = parameter.valueDeclaration
        if (declared === undefined) return
        let own = checker.getTypeOfSymbolAtLocation(parameter, declared)
        const isRest = ts.isParameter(declared) && declared.dotDotDotToken !== undefined
        if (isRest) own = checker.getIndexTypeOfType(own, ts.IndexKind.Number) ?? own
        for (const name of optionsOf(own)) {
          const key = `${owner}(${index}).${name}`
          found.set(key, { owner, name, index, required: 0, option: name })
        }
        if (!takesText(own)) return
        const key = `${owner}(${index})`
        const required = parameters.filter(
          (one) =>
            one.valueDeclaration !== undefined &&
            ts.isParameter(one.valueDeclaration) &&
            one.valueDeclaration.questionToken === undefined &&
            one.valueDeclaration.initializer === undefined &&
            one.valueDeclaration.dotDotDotToken === undefined
        ).length
        found.set(key, { owner, name: parameter.name, index, required })
      })
      follow(signature.getReturnType())
    }
  }

  const walkExports = (owner: string, symbol: ts.Symbol): void => {
    const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    if (real.flags & ts.SymbolFlags.Module) {
      for (const one of checker.getExportsOfModule(real))
        walkExports(owner === "" ? one.name : `${owner}.${one.name}`, one)
    } else if (real.flags & ts.SymbolFlags.Value && real.valueDeclaration !== undefined) {
      const type = checker.getTypeOfSymbolAtLocation(real, real.valueDeclaration)
      walkSignatures(owner, type)
      // Statics of a service: its verbs.
      if (ts.isClassDeclaration(real.valueDeclaration) || type.getCallSignatures().length === 0)
        for (const property of type.getProperties())
          if (property.valueDeclaration !== undefined && isHere(property))
            walkSignatures(
              `${owner}.${property.name}`,
              checker.getTypeOfSymbolAtLocation(property, property.valueDeclaration)
            )
    }
  }

  const source = program.getSourceFile(file)!
  walkExports("", checker.getSymbolAtLocation(source)!)
  while (todo.length + later.length > 0) {
    const [owner, type] = todo.pop() ?? later.pop()!
    if (todo.length === 0 && !speaksText(type)) {
      if (seen.has(owner)) continue
      seen.add(owner)
    }
    for (const property of type.getProperties()) {
      const declared = property.valueDeclaration
      if (declared === undefined || property.name.startsWith("__@")) continue
      walkSignatures(
        `${owner}#${property.name}`,
        checker.getTypeOfSymbolAtLocation(property, declared)
      )
    }
  }
  return [...found.values()]
}
