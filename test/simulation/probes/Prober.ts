/** What a probe of the quiet has: jobs that only its own workers can do, and the word that something is to come at once. */
import { Context, Duration, Effect, Fiber, Option, type Scope } from "effect"
import { anyone } from "../../../src/domain/access/Caller.ts"
import type { WorkerReport } from "../../../src/domain/attempts/Reporting.ts"
import { Boss } from "../../../src/domain/Boss.ts"
import type { Vacancy } from "../../../src/domain/dispatching/Vacancies.ts"
import type { JobId } from "../../../src/domain/Identifiers.ts"
import type { ClaimedJob } from "../../../src/domain/jobs/Claim.ts"
import type { NewJob } from "../../../src/domain/jobs/Job.ts"
import type { Constraint, Skills } from "../../../src/domain/matching/Constraint.ts"
import type { Policy } from "../../../src/domain/policies/Policy.ts"
import type { PolicyOverrides } from "../../../src/domain/policies/PolicyOverrides.ts"
import { SupervisorPolicy } from "../../../src/domain/policies/SupervisorPolicy.ts"
import { claim } from "../actors/claiming.ts"
import { makeReports } from "../actors/reports.ts"
import type { Network } from "../Network.ts"
import type { Options } from "../Options.ts"
import type { Servers, Services } from "../Servers.ts"
import type { World } from "../World.ts"

/** In milliseconds, as all times here. */
export const second = 1_000

/** How often it is looked whether something has come. */
export const lookEvery = 50

/** How long it takes at most until whoever waits at one server has what was done at another. */
export const longestWay = ({ networkDelay, newsDelay, storeDelay }: Options): number =>
  newsDelay + 4 * networkDelay + 40 * storeDelay + 800

/**
 * The rest before something is brought about: whoever waits for it has come by then, and it may happen at any time between
 * what servers do by themselves every five seconds.
 */
const shortestRest = 0.5 * second
const longestRest = 5.5 * second

/** Longer than any probe: nothing of it ends by itself. */
const long = Duration.minutes(2)

/** What no worker can. */
export const impossible: Constraint = { skill: "impossible", op: "exists" }

/** A worker that waits for one job. */
export interface ProbeWorker {
  /** Waits until it has its job. */
  readonly job: Effect.Effect<ClaimedJob>
  /** Waits until it has its job, and says how that ended: well, unless it says otherwise. */
  readonly finish: (report?: WorkerReport) => Effect.Effect<void>
}

/** Makes what the probe of this name has. Whatever it asks for it asks of any server, so that others have to hear of it. */
export const makeProber = (world: World, network: Network, servers: Servers, name: string) => {
  const dice = world.dice(`probe ${name}`)
  const within = longestWay(world.options)
  const type = `probe.${name}`
  const by = `probe-${name}`
  const caller = anyone(Option.some(by))
  const onlyOurs: Constraint = { skill: "probe", op: "eq", value: name }
  let workers = 0

  const ask = <A, E>(what: string, request: Effect.Effect<A, E, Services>): Effect.Effect<A> =>
    network.insist(dice, what, request).pipe(Effect.flatMap(Effect.fromResult), Effect.orDie)

  const expect = Effect.fnUntraced(function* (awaited: string, hasCome: () => boolean, dueIn = 0) {
    for (let waited = 0; !hasCome() && waited < dueIn + within; waited += lookEvery) {
      yield* Effect.sleep(lookEvery)
    }
    world.saw({ _tag: "Probed", awaited, hasCome: hasCome(), within })
  })

  const expectPolicy = (isInForce: (policy: Policy) => boolean) =>
    expect(`the policy of ${type} at all servers`, () =>
      servers.running().every(({ services }) => isInForce(Context.get(services, SupervisorPolicy).of(type)))
    )

  const waitForJob = (vacancy: Vacancy) =>
    ask("claim", claim(world, vacancy, long)).pipe(
      Effect.flatMap(([claimed]) =>
        claimed === undefined ? Effect.die(`${vacancy.worker} got no job`) : Effect.succeed(claimed)
      ),
      Effect.tap((claimed) => Effect.sync(() => world.saw({ _tag: "Assigned", vacancy, claimed: [claimed] })))
    )

  return {
    type,
    caller,
    onlyOurs,
    ask,

    /** All jobs of our type. */
    jobs: () =>
      [...world.facts.state.histories.values()].flatMap(({ job }) => (job.group.type === type ? job : [])),

    /** Lets some time go by, until a moment that servers know nothing of. */
    rest: Effect.suspend(() => Effect.sleep(shortestRest + dice.below(longestRest - shortestRest))),

    /** Says whether something comes in time, from now on or after `dueIn` milliseconds. */
    expect,

    /** Says whether a job is given in time to a worker that waits. */
    expectGiven: (job: JobId, dueIn?: number) =>
      expect(
        `a worker for ${job}`,
        () => world.facts.state.histories.get(job)?.job.status === "processing",
        dueIn
      ),

    /** Creates a job, for our workers unless it says otherwise. */
    submit: (wishes: Partial<NewJob> = {}) =>
      ask(
        "submit",
        Effect.flatMap(Boss, (boss) =>
          boss.submit(
            [{ type, constraints: [onlyOurs], lease: long, maxRun: long, ...wishes }],
            caller,
            Option.none()
          )
        )
      ).pipe(
        Effect.flatMap(({ jobs: [job] }) =>
          job === undefined ? Effect.die("no job was created") : Effect.succeed(job.id)
        )
      ),

    /** Lets a worker wait for a job, until the scope closes. */
    worker: Effect.fnUntraced(function* (
      skills: Skills = {}
    ): Effect.fn.Return<ProbeWorker, never, Scope.Scope> {
      const worker = `${by}-${++workers}`
      const suitability = { types: [], skills: { probe: name, ...skills }, accepts: [] }
      const waiting = yield* Effect.forkScoped(waitForJob({ worker, suitability, max: 1, lease: null }))
      const job = Fiber.join(waiting)
      return {
        job,
        finish: (report = { _tag: "Done", result: null }) =>
          Effect.flatMap(job, ({ attempt, job: { id } }) =>
            makeReports({ dice, network, world }, { job: id, attempt: attempt.id, worker }).finish(report)
          )
      }
    }),

    /** Sets the policy of our type, and says whether it is soon in force everywhere. */
    setPolicy: Effect.fnUntraced(function* (own: PolicyOverrides, isInForce: (policy: Policy) => boolean) {
      yield* ask(
        "change a policy",
        Effect.flatMap(SupervisorPolicy, (policies) => policies.change(type, by, () => own))
      )
      yield* expectPolicy(isInForce)
    }),

    /** Takes it back, likewise. */
    removePolicy: Effect.fnUntraced(function* (isInForce: (policy: Policy) => boolean) {
      yield* ask(
        "remove a policy",
        Effect.flatMap(SupervisorPolicy, (policies) => policies.remove(type, by))
      )
      yield* expectPolicy(isInForce)
    })
  }
}

export type Prober = ReturnType<typeof makeProber>

/** Brings something about, and says whether what follows comes in time. Leaves nothing behind that is not finished. */
export type Probe = (prober: Prober) => Effect.Effect<void, never, Scope.Scope>
