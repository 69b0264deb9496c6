/** The short form of `npm run torture`: a few kills of the server as it was built, on each store that outlives it. */
import { assert, it } from "@effect/vitest"
import { onTestFinished } from "vitest"
import { forkPostgres } from "../support/postgresServer.ts"
import { newDataDir } from "../support/serving.ts"
import { freePort, serverProcess } from "./ServerProcess.ts"
import { torture } from "./torture.ts"

const newPostgres = async (): Promise<string> => {
  const { stop, url } = await forkPostgres()
  onTestFinished(stop)
  return `${url}/postgres`
}

const stores = {
  "the embedded database": { kills: 2, choose: async () => ["--data-dir", await newDataDir()] },
  PostgreSQL: { kills: 3, choose: async () => ["--database-url", await newPostgres()] }
} as const

it.each(Object.entries(stores))(
  "on %s no acknowledged job is lost and none is done twice, however often the server is killed",
  async (_, { choose, kills }) => {
    const server = serverProcess(await freePort(), await choose())
    const { acknowledged, doubled, lost, restarts } = await torture(server, {
      kills,
      longestLife: 1_500,
      clients: 2,
      workers: 4
    })
    assert.deepStrictEqual({ lost, doubled }, { lost: [], doubled: [] })
    assert.isAbove(acknowledged, 0)
    assert.lengthOf(restarts, kills + 1)
  }
)
