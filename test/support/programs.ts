/** Programs as `lazyboss work` runs them, and what becomes of their jobs. */
import { assert } from "@effect/vitest"
import { get, log, type WireJob } from "./jobs.ts"
import type { Server } from "./TestServer.ts"
import { eventually } from "./waiting.ts"

/** A job of some seconds may take many on a busy machine. */
const patience = 60_000

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The program that wrote its process id as the first line of its log. */
export const pidIn = async (server: Server, id: string): Promise<number> =>
  eventually(async () => {
    const [pid] = /^\d+(?=\n)/.exec(await log(server, id)) ?? []
    return pid === undefined ? assert.fail("it has not begun") : Number(pid)
  }, patience)

/** A job that has ended. */
export const untilEnd = async (server: Server, id: string): Promise<WireJob> =>
  eventually(async () => {
    const job = await get(server, id)
    assert.include(["done", "failed", "cancelled"], job.status, JSON.stringify(job))
    return job
  }, patience)

export const shell = (script: string): ReadonlyArray<string> => ["sh", "-c", script]

/** Says its process id, and goes on until something happens. */
export const patient = 'echo $$; while [ ! -e "$DONE" ]; do sleep 0.1; done; echo finished'
