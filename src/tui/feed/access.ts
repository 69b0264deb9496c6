/** Finds out what the token may do: nobody tells, so the most is asked for first. */
import { Data, Effect } from "effect"
import { LazybossClient } from "../../client/LazybossClient.ts"
import type { Access } from "../state/State.ts"
import { describeProblem } from "./problems.ts"

/** The dashboard cannot begin. */
export class CannotLook extends Data.TaggedError("CannotLook")<{ readonly message: string }> {}

const refuse = (message: string) => Effect.fail(new CannotLook({ message }))

/** The role of whoever calls the server at this address. */
export const findRole = (url: string, hasToken: boolean) =>
  Effect.gen(function* () {
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
        refuse("a worker's token may not look on: take a supervisor's or a client's")
      ),
      Effect.catchTag("Unauthenticated", ({ message }) =>
        refuse(hasToken ? message : "the server wants a token: give it with --token or LAZYBOSS_TOKEN")
      ),
      Effect.mapError((error) =>
        error._tag === "CannotLook"
          ? error
          : new CannotLook({ message: `${describeProblem(error)} at ${url}: say where it is with --url` })
      )
    )
  })
