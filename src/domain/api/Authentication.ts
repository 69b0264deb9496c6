/** Authentication and authorisation in the contract: who is calling, and which roles an endpoint admits. */
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

/** The roles that an endpoint, or every endpoint of a group, admits beside supervisors. Without this only supervisors are. */
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

/** Provides the caller of a request, and refuses those without one of the needed roles. */
export class Authentication extends HttpApiMiddleware.Service<Authentication, { provides: CurrentCaller }>()(
  "lazyboss/domain/api/Authentication",
  { error: [Unauthenticated, Forbidden, ForeignPage] }
) {}

/** Provides the name of the worker, and refuses callers without a name: for claiming and reporting. */
export class WorkerAuthentication extends HttpApiMiddleware.Service<
  WorkerAuthentication,
  { provides: CurrentWorker; requires: CurrentCaller }
>()("lazyboss/domain/api/WorkerAuthentication", { error: Unauthenticated }) {}
