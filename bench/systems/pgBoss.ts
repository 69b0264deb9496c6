/** pg-boss, as a library in the process of its caller, which is how it is used. */
import { PgBoss } from "pg-boss"
import { payload, type System } from "../System.ts"

const queue = "bench"

export const pgBoss = (databaseUrl: string): System => {
  const boss = new PgBoss({ connectionString: databaseUrl, supervise: false, schedule: false })
  boss.on("error", (error) => console.error(error))
  let done = 0
  return {
    name: "pg-boss",
    start: async () => {
      await boss.start()
      await boss.createQueue(queue)
    },
    create: async (count) => {
      if (count === 1) await boss.send(queue, payload)
      else
        await boss.insert(
          queue,
          Array.from({ length: count }, () => ({ data: payload }))
        )
    },
    work: async (count) => {
      const jobs = await boss.fetch(queue, { batchSize: count })
      if (jobs.length > 0) {
        await boss.complete(
          queue,
          jobs.map(({ id }) => id),
          { ok: true }
        )
      }
      done += jobs.length
      return jobs.length
    },
    countDone: async () => done,
    stop: async () => {
      await boss.stop({ graceful: false })
    }
  }
}
