import { bindsOfAll, ctesOfAll, keysOfAll } from "./carried.ts"
import type { JsonAt, JsonEdit, Scalar } from "./nodes.ts"
import type { AnyType } from "./Type.ts"
import type { JsonChange } from "./words.ts"

/** Constructors of the expressions over documents. */

const freeze = Object.freeze

/** A path below a path is one path. */
export const jsonAt = (self: Scalar, path: ReadonlyArray<string | number>, type: AnyType): JsonAt =>
  self._tag === "JsonAt"
    ? jsonAt(self.self, [...self.path, ...path], type)
    : freeze({
        _tag: "JsonAt",
        self,
        path: freeze([...path]),
        type,
        key: `at${type.key}${JSON.stringify(path)}(${self.key})`,
        binds: self.binds,
        ctes: self.ctes
      })

export const jsonEdit = (
  self: Scalar,
  { edit, keys, path }: JsonChange,
  values: ReadonlyArray<Scalar>,
  type: AnyType
): JsonEdit => {
  const kids = [self, ...values]
  return freeze({
    _tag: "JsonEdit",
    self,
    edit,
    path: freeze([...path]),
    keys: freeze([...keys]),
    values: freeze(values),
    type,
    key: `${edit}${type.key}${JSON.stringify([path, keys])}(${keysOfAll(kids)})`,
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  })
}
