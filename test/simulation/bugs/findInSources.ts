/**
 * Finds the bugs that are planted in sources, each in a domain of its own: all of it is loaded once more under names that
 * say which bug it has. For plain Node, which says for each bug, in a line of JSON, what found it. With a number only the bug
 * of that place is looked for.
 */
import { registerHooks } from "node:module"
import { draw } from "../Options.ts"
import { findFrom } from "./find.ts"
import { plant } from "./SourceBug.ts"
import { sourceBugs } from "./sourceBugs.ts"

/** What is loaded anew for every bug: all of ours, but for what speaks HTTP, which takes no part. */
const canHaveBugs = /^(?!.*\/(node_modules|src\/server\/http)\/).*\.ts$/

const bugOf = (url: string | undefined): string | null =>
  url === undefined || !URL.canParse(url) ? null : new URL(url).searchParams.get("bug")

registerHooks({
  resolve: (specifier, context, next) => {
    const resolved = next(specifier, context)
    const bug = bugOf(context.parentURL)
    return bug === null || !canHaveBugs.test(resolved.url)
      ? resolved
      : { ...resolved, url: `${resolved.url}?bug=${bug}` }
  },
  load: (url, context, next) => {
    const loaded = next(url, context)
    const bug = sourceBugs[Number(bugOf(url) ?? -1)]
    if (bug === undefined || !new URL(url).pathname.endsWith(`/src/${bug.file}`)) return loaded
    return { ...loaded, source: plant(bug, String(loaded.source)) }
  }
})

const only = process.argv[2]
for (const [place, bug] of sourceBugs.entries()) {
  if (only !== undefined && Number(only) !== place) continue
  const module = new URL(`../Simulation.ts?bug=${place}`, import.meta.url).href
  const { simulate }: typeof import("../Simulation.ts") = await import(module)
  const found = findFrom(bug.firstSeed, (seed) => simulate(draw(seed)))
  console.log(JSON.stringify({ name: bug.name, found }))
}
