/** Waiting for what must come: always with a deadline, never for luck. */
import { setTimeout as sleep } from "node:timers/promises"

/** On a machine that has ten times more to do than it can, an answer may take as many seconds. */
const patience = 20_000
const pause = 5

/** What is promised, or a failure that says what was waited for. */
export const within = async <A>(promise: Promise<A>, what: string, millis = patience): Promise<A> => {
  const controller = new AbortController()
  const tooLate = sleep(millis, undefined, { signal: controller.signal, ref: false }).then(() => {
    throw new Error(`waited ${millis} ms for ${what}`)
  })
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    controller.abort()
    tooLate.catch(() => undefined)
  }
}

/** Looks again and again until `check` no longer throws. */
export const eventually = async <A>(check: () => A | Promise<A>, millis = patience): Promise<A> => {
  const deadline = performance.now() + millis
  while (true) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await sleep(pause)
    }
  }
}

/** Lets real time pass, for what must not happen meanwhile. */
export const pass = (millis: number): Promise<void> => sleep(millis)

/** How many milliseconds it took. */
export const timed = async <A>(run: () => Promise<A>): Promise<readonly [A, number]> => {
  const start = performance.now()
  const result = await run()
  return [result, performance.now() - start]
}
