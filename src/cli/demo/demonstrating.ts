/** What `lazyboss demo` does: jobs come, workers do them, until it is interrupted. */
import { Duration, Effect, Fiber, Option, Random } from "effect"
import { LazybossClient } from "../../client/LazybossClient.ts"
import type { ProgressReporter } from "../../client/ProgressReporter.ts"
import { work } from "../../client/Worker.ts"
import type { Assignment } from "../../domain/jobs/Assignment.ts"
import type { NewJob } from "../../domain/jobs/Job.ts"
import type { JsonValue } from "../../domain/Json.ts"
import { remark, writeRaw } from "../output/output.ts"
import { explain } from "../server/asking.ts"
import * as DemoServer from "./DemoServer.ts"
import { type Hand, hands, type Kind, kindAt, kinds } from "./kinds.ts"

const pause = Duration.millis(600)
const projectEvery = Duration.seconds(40)
const jobsOfProject = 12

const thumbnail = kinds[0]

const toJob = ({ constraints = [], parameters, tags = [], type }: Kind): NewJob => ({
  type,
  parameters,
  constraints,
  tags
})

const doJob = Effect.fnUntraced(function* (job: Assignment, progress: ProgressReporter) {
  const kind = kinds.find(({ type }) => type === job.type)
  const steps = kind?.steps ?? ["sweeping", "mopping"]
  const [least, most] = kind?.seconds ?? [2, 4]
  const seconds = yield* Random.nextBetween(least, most)
  const failsAt = (yield* Random.nextBetween(0, 100)) < (kind?.failing ?? 0) ? steps.length - 1 : steps.length
  for (const [index, step] of steps.entries()) {
    yield* progress.message(step)
    yield* progress.log(`${step} …\n`)
    yield* Effect.sleep(Duration.seconds(seconds / steps.length))
    if (index === failsAt) return yield* Effect.fail<JsonValue>({ message: `${step}: it did not work out` })
    yield* progress.percent(((index + 1) / steps.length) * 100)
  }
  return { seconds: Math.round(seconds * 10) / 10 }
})

// Who ends the demonstration does not want to wait until the workers have finished what they have.
const beHand = (url: string, { name, ...wishes }: Hand) =>
  work({ ...wishes, attention: Duration.seconds(2), run: doJob }).pipe(
    Effect.provide(LazybossClient.layer({ url, identity: name })),
    Effect.forkDetach,
    Effect.flatMap(Fiber.join)
  )

const createJobs = (client: typeof LazybossClient.Service) =>
  Effect.gen(function* () {
    const kind = kindAt(yield* Random.nextBetween(0, 100))
    if (kind !== undefined) yield* client.jobs.create({ headers: {}, payload: toJob(kind) })
    yield* Effect.sleep(pause)
  }).pipe(Effect.forever)

const createProjects = (client: typeof LazybossClient.Service) =>
  Effect.gen(function* () {
    const jobs = thumbnail === undefined ? [] : Array.from({ length: jobsOfProject }, () => toJob(thumbnail))
    yield* client.projects.create({ headers: {}, payload: { name: "holiday photos", closed: true, jobs } })
    yield* Effect.sleep(projectEvery)
  }).pipe(Effect.forever)

const setUp = Effect.fnUntraced(function* (client: typeof LazybossClient.Service) {
  yield* client.policies.put({
    params: { type: "default" },
    payload: {
      maxAttempts: 3,
      backoff: { initial: Duration.seconds(5) },
      unclaimedAlert: Duration.seconds(20),
      quarantine: { failures: 5, within: Duration.minutes(1), for: Duration.seconds(45) }
    }
  })
  yield* client.schedules.put({
    params: { name: "clean-up" },
    payload: { cron: "*/30 * * * * *", job: { type: "cleanup" }, overlap: "skip" }
  })
})

const described = (url: string, port: number): string => {
  const option = port === 8080 ? "" : ` --url ${url}`
  return [
    `A server runs at ${url}, with ${hands.length} workers and a stream of jobs. In another terminal try`,
    "",
    ...["top", "job list", "job list --status failed", "worker list", "type list", "project list"].map(
      (command) => `  lazyboss ${command}${option}`
    ),
    `  lazyboss job create video.transcode --follow${option}`,
    "",
    "Ctrl-C ends it, and nothing is left of it.",
    ""
  ].join("\n")
}

/** Runs it all. */
export const demonstrate = Effect.fnUntraced(function* ({ port }: { readonly port: number }) {
  yield* remark("making a database in a temporary folder …")
  const url = yield* DemoServer.start(process.argv[1] ?? "", port)
  yield* Effect.gen(function* () {
    const client = yield* LazybossClient
    yield* setUp(client)
    yield* writeRaw(described(url, port))
    yield* Effect.all(
      [createJobs(client), createProjects(client), ...hands.map((hand) => beHand(url, hand))],
      { concurrency: "unbounded", discard: true }
    )
  }).pipe(
    Effect.provide(LazybossClient.layer({ url, identity: "demo" })),
    Effect.mapError((error) => explain(error, { url, token: Option.none() }))
  )
}, Effect.scoped)
