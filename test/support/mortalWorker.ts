/** A worker whose jobs may kill it: `node mortalWorker.ts NAME TYPE`. */
import { runWorker } from "../../src/client/index.ts"

const [identity = "mortal", type = "mortal"] = process.argv.slice(2)

await runWorker({
  url: process.env["LAZYBOSS_URL"] ?? "",
  identity,
  types: [type],
  run: async ({ parameters }) => {
    if (JSON.stringify(parameters).includes('"poison":true')) process.kill(process.pid, "SIGKILL")
    return null
  }
})
