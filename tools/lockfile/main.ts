/** Completes package-lock.json after a change of dependencies. A test tells when it must be run. */
import { writeFileSync } from "node:fs"
import { completed, path, readLockfile } from "./lockfile.ts"

writeFileSync(path, `${JSON.stringify(completed(readLockfile()), undefined, 2)}\n`)
