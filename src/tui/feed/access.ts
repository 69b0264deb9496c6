/** Finds out what the token may do: nobody tells, so the most is asked for first. */
import { Data, Effect } from "effect"
import { LazybossClient } from "../../client/LazybossClient.ts"
import type { Access } from "../state/State.ts"

/** The caller may not see what was asked for. */
export class MayNotLook extends Data.TaggedError("MayNotLook")<{ readonly message: string }> {}

/** The role of whoever calls the server. */
export const findRole = Effect.gen(function* () {
  const client = yield* LazybossClient
  const asSupervisor: Effect.Effect<
    Access["role"],
    Effect.Error<ReturnType<typeof client.stats.stats>>
  > = Effect.as(client.stats.stats(), "supervisor")
  return yield* asSupervisor.pipe(
    Effect.catchTag("Forbidden", () =>
      Effect.as(client.jobs.list({ query: { limit: 1 } }), "client" as const)
    ),
    Effect.catchTag("Forbidden", () =>
      Effect.fail(
        new MayNotLook({ message: "a worker's token may not look on: take a supervisor's or a client's" })
      )
    )
  )
})
