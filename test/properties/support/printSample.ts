import { createHash } from "node:crypto"
import { sampleTexts } from "./sampleTexts.ts"

/** Prints a digest of the sample's texts: run in a process of its own. */
console.log(
  createHash("sha256")
    .update(sampleTexts(Number(process.argv[2])).join("\n"))
    .digest("hex")
)
