import { draw } from "./Options.ts"
import { simulate } from "./Simulation.ts"
for (const seed of process.argv.slice(2)) {
  const t = performance.now()
  const o = simulate(draw(seed), process.env["TRACE"] ? { write: (l) => console.log(l) } : {})
  console.log(seed, o.hash, o.violation, (o.simulatedMillis/3600_000).toFixed(2) + " h", (performance.now()-t).toFixed(0)+" ms")
}
