/** Who is calling, as the endpoints see it. */
import { Context } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import type { Caller } from "../Caller.ts"
import { Unauthenticated } from "../Errors.ts"

/** Whoever made the request; perhaps without a name. */
export class CurrentCaller extends Context.Service<CurrentCaller, Caller>()(
  "lazyboss/domain/api/CurrentCaller"
) {}

/** The name of the worker that made the request. */
export class CurrentWorker extends Context.Service<CurrentWorker, string>()(
  "lazyboss/domain/api/CurrentWorker"
) {}

/** Finds out who is calling. */
export class Identification extends HttpApiMiddleware.Service<Identification, { provides: CurrentCaller }>()(
  "lazyboss/domain/api/Identification",
  { error: Unauthenticated }
) {}

/** Lets only those through who say who they are: for claiming and reporting. */
export class WorkerIdentification extends HttpApiMiddleware.Service<
  WorkerIdentification,
  { provides: CurrentWorker; requires: CurrentCaller }
>()("lazyboss/domain/api/WorkerIdentification", { error: Unauthenticated }) {}
