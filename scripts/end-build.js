/**
 * Puts what was built in the place of what was there before, at once: `npx lazyboss` builds anew when it is first used, and
 * programs that are starting at that moment must find all their files.
 */
import { existsSync, renameSync, rmSync } from "node:fs"

const [built, before, next] = ["dist", "dist.before", "dist.next"].map(
  (folder) => new URL(`../${folder}`, import.meta.url)
)

rmSync(before, { recursive: true, force: true })
if (existsSync(built)) renameSync(built, before)
renameSync(next, built)
rmSync(before, { recursive: true, force: true })
