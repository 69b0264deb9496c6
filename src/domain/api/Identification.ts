/** Who is calling, as the endpoints see it. */
import { Context, Option } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import type { Caller } from "../access/Caller.ts"
import { ForeignPage, Forbidden, Unauthenticated } from "../Errors.ts"
import type { Role } from "../access/Token.ts"

/** Whoever made the request; perhaps without a name. */
export class CurrentCaller extends Context.Service<CurrentCaller, Caller>()(
  "lazyboss/domain/api/CurrentCaller"
) {}

/** The name of the worker that made the request. */
export class CurrentWorker extends Context.Service<CurrentWorker, string>()(
  "lazyboss/domain/api/CurrentWorker"
) {}

/** The roles that an endpoint, or each of a group, is for, beside supervisors. What says nothing is for these alone. */
export class NeededRoles extends Context.Service<NeededRoles, ReadonlyArray<Role>>()(
  "lazyboss/domain/api/NeededRoles"
) {}

interface Annotated {
  readonly annotations: Context.Context<never>
}

/** The roles of which a caller of this endpoint needs one. */
export const neededRoles = (endpoint: Annotated, group: Annotated): ReadonlyArray<Role> =>
  Context.getOption(endpoint.annotations, NeededRoles).pipe(
    Option.orElse(() => Context.getOption(group.annotations, NeededRoles)),
    Option.getOrElse(() => ["supervisor"] as const)
  )

/** Finds out who is calling, and lets only those through who have a needed role. */
export class Identification extends HttpApiMiddleware.Service<Identification, { provides: CurrentCaller }>()(
  "lazyboss/domain/api/Identification",
  { error: [Unauthenticated, Forbidden, ForeignPage] }
) {}

/** Lets only those through who say who they are: for claiming and reporting. */
export class WorkerIdentification extends HttpApiMiddleware.Service<
  WorkerIdentification,
  { provides: CurrentWorker; requires: CurrentCaller }
>()("lazyboss/domain/api/WorkerIdentification", { error: Unauthenticated }) {}
