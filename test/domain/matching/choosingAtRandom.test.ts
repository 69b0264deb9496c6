import { assert, describe, it } from "@effect/vitest"
import { DateTime, Schema } from "effect"
import * as Arbitrary from "effect/Arbitrary"
import { acceptedJobs, acceptsJob, anyJob } from "../../../src/domain/matching/Acceptance.ts"
import type { Candidate } from "../../../src/domain/matching/Candidates.ts"
import { choose, type Chosen } from "../../../src/domain/matching/Choosing.ts"
import type { Constraint } from "../../../src/domain/matching/Constraint.ts"
import type { Seeker } from "../../../src/domain/matching/Ranking.ts"
import { shareOut } from "../../../src/domain/matching/Ranking.ts"
import { newSeeker } from "../../stores/StoreKit.ts"
import {
  appoint,
  type Applicant,
  type Appointment,
  type Opening,
  scoreIfGiven
} from "../../support/referenceMatcher.ts"
import { aGroup, after } from "../support/records.ts"
import { chosenAt, endless, minute, type TestQueue } from "../support/choosing.ts"

const accepts = [{ tag: "x", op: "exists" }] as const
const accepted = acceptedJobs(accepts)

const constraints: ReadonlyArray<Constraint> = [
  { skill: "n", op: "gte", value: 2 },
  { skill: "n", op: "gte", value: 1, weight: 3 },
  { skill: "s", op: "exists", weight: 0.5 },
  { skill: "s", op: "absent", relaxAfter: minute },
  { skill: "n", op: "eq", value: 1, weight: 2, relaxAfter: 12 * minute }
]

/** After so long may something change for a job: a constraint is relaxed, or patience ends. */
const changes = [minute, 10 * minute, 12 * minute, 30 * minute]

const Some = <A extends string | number>(...values: ReadonlyArray<A>) => Schema.Literals(values)
const workers = ["v", "w", "x", "y", "z"] as const
const RandomWorker = Schema.Struct({
  skills: Some(0, 1, 2, 3, 4, 5),
  types: Some(0, 0, 1),
  max: Some(1, 1, 2, 3),
  running: Some(0, 0, 1, 5),
  record: Some(0.2, 0.69, 0.7, 0.704, 0.71),
  isPicky: Schema.Boolean,
  isKeptFrom: Some(0, 0, 0, 1)
})
const RandomJob = Schema.Struct({
  // The end of a head start, and when constraints relax, to the millisecond.
  waited: Some(0, minute - 1, minute, 9 * minute, 10 * minute - 1, 10 * minute, 12 * minute, 25 * minute),
  isTagged: Schema.Boolean,
  failedBy: Some(0, 0, 1, 2, 3)
})
const RandomGroup = Schema.Struct({
  type: Some("a", "b"),
  priority: Some(0, 0, 1, -1),
  fairnessKey: Schema.NullOr(Some("k", "l")),
  constraints: Schema.Array(Some(0, 1, 2, 3, 4)).check(Schema.isMaxLength(2)),
  better: Schema.NullOr(
    Schema.Struct({ score: Some(0.3, 0.8, 0.88, 1), patience: Schema.Literals(changes) })
  ),
  jobs: Schema.Array(RandomJob).check(Schema.isMaxLength(5))
})
const RandomTurns = Schema.Struct({ none: Some(0, 1), k: Some(0, 2), l: Some(0, 3) })

const skillsOf = (index: number) => ({
  ...(index % 3 === 0 ? {} : { n: index % 3 }),
  ...(index < 3 ? {} : { s: true })
})

const failures = [[], ["better"], ["v"], ["x", "w"]] as const

interface Job extends Candidate {
  readonly tags: ReadonlyArray<string>
}

const seekerOf = (worker: typeof RandomWorker.Type, index: number): Seeker =>
  newSeeker({
    worker: workers[index] ?? "other",
    suitability: {
      types: worker.types === 1 ? ["a"] : [],
      skills: skillsOf(worker.skills),
      accepts: worker.isPicky ? accepts : []
    },
    accepted: worker.isPicky ? accepted : anyJob,
    max: worker.max,
    running: worker.running,
    records: new Map([["a", worker.record]]),
    keptFrom: new Set(worker.isKeptFrom === 1 ? ["b"] : [])
  })

const applicantOf = ({ keptFrom, records, running, suitability, worker }: Seeker): Applicant => ({
  name: worker,
  ...suitability,
  keptFrom: [...keptFrom],
  running,
  records: Object.fromEntries(records)
})

/** One thing to choose from, as the program and as the reference take it. */
const sceneOf = ({ groups, turns, waiting }: typeof Scene.Type) => {
  const seekers = waiting.map(seekerOf)
  const known = groups.map(({ better, jobs, ...group }, index) => ({
    group: aGroup({
      ...group,
      id: index,
      constraints: group.constraints.flatMap((place) => constraints[place] ?? [])
    }),
    turn: turns[group.fairnessKey ?? "none"],
    better: better && { ...better, worker: "better" },
    jobs: jobs
      .map(({ failedBy, isTagged, waited }, place): Job => ({
        id: `${index}-${place}`,
        runAt: after(chosenAt - waited),
        failedBy: failures[failedBy],
        tags: isTagged ? ["x"] : []
      }))
      .toSorted((left, right) => DateTime.Order(left.runAt, right.runAt) || (left.id < right.id ? -1 : 1))
  }))
  const queues = (of: typeof known) =>
    [...new Set(seekers.map((seeker) => seeker.accepted))].flatMap((those) =>
      of.map((one) => ({
        ...one,
        accepted: those,
        jobs: one.jobs.filter(({ tags }) => acceptsJob(those, { tags, project: null })),
        isWhole: true
      }))
    )
  const openings = known.flatMap(({ better, group, jobs }) =>
    jobs.map(({ failedBy, id, runAt, tags }): Opening => ({
      ...group,
      id,
      group: group.id,
      tags,
      failedBy,
      better,
      waited: chosenAt - DateTime.toEpochMillis(runAt)
    }))
  )
  return { seekers, queues: queues(known), openings, turns: { null: turns.none, ...turns } }
}
const Scene = Schema.Struct({
  waiting: Schema.Array(RandomWorker).check(Schema.isMaxLength(workers.length)),
  groups: Schema.Array(RandomGroup).check(Schema.isMaxLength(4)),
  turns: RandomTurns
})
const scene = Arbitrary.map(Arbitrary.schema(Scene), sceneOf)
type TestScene = ReturnType<typeof sceneOf>

const chosenFrom = ({ queues, seekers }: Pick<TestScene, "queues" | "seekers">, count = 1_000) =>
  choose<Job, TestQueue & { readonly jobs: ReadonlyArray<Job> }>({
    queues,
    seekers,
    room: endless(),
    now: chosenAt,
    count,
    spares: 0
  })

const told = ({ choices }: Chosen<unknown, Candidate>) =>
  choices.map(({ job, score, seeker }) => `${seeker.worker} ${job.id} ${score}`)
const toldOf = (appointments: ReadonlyArray<Appointment>) =>
  appointments.map(({ applicant, opening, score }) => `${applicant.name} ${opening.id} ${score}`)

const turnsOf = ({ queues }: TestScene) => new Map(queues.map(({ group, turn }) => [group.fairnessKey, turn]))

const runs = { arbitrary: { runs: 1_000, seed: "choosing", size: 60 } }

describe("choose, at random", () => {
  it.prop(
    "gives what the documents say, round by round",
    [scene],
    ([random]) => {
      const turns = turnsOf(random)
      const expected: Array<string> = []
      const gone = new Set<string>()
      for (let round = 0; round < 3; round++) {
        const applicants = random.seekers
          .filter(({ max }) => max > round)
          .map((seeker) => {
            const got = expected.filter((line) => line.startsWith(`${seeker.worker} `)).length
            return applicantOf({ ...seeker, running: seeker.running + got })
          })
        const appointments = appoint(
          random.openings.filter(({ id }) => !gone.has(id)),
          applicants,
          turns
        )
        for (const { opening } of appointments) gone.add(opening.id)
        expected.push(...toldOf(appointments))
      }
      assert.deepStrictEqual(told(chosenFrom(random)), expected)
    },
    runs
  )

  it.prop(
    "gives nobody more than it wants, nothing twice, and leaves nobody idle beside a job that it might have",
    [scene],
    ([random]) => {
      const { choices, drained, dry } = chosenFrom(random)
      assert.lengthOf(new Set(choices.map(({ job }) => job.id)), choices.length)
      const left = random.openings.filter(({ id }) => !choices.some(({ job }) => job.id === id))
      for (const seeker of random.seekers) {
        const got = choices.filter((choice) => choice.seeker === seeker).length
        assert.isAtMost(got, seeker.max)
        if (got === seeker.max) continue
        const applicant = applicantOf({ ...seeker, running: seeker.running + got })
        for (const opening of left) assert.isNull(scoreIfGiven(applicant, opening), opening.id)
      }
      assert.deepStrictEqual(dry, [])
      for (const group of drained) assert.isFalse(left.some((opening) => opening.group === group))
    },
    runs
  )

  it.prop(
    "gives nobody one more as long as somebody who got less might have it",
    [scene],
    ([random]) => {
      const { choices } = chosenFrom(random)
      choices.forEach(({ job, seeker }, index) => {
        const before = (one: Seeker) =>
          choices.slice(0, index).filter((choice) => choice.seeker === one).length
        const opening = random.openings.find(({ id }) => id === job.id)
        for (const other of random.seekers) {
          const got = before(other)
          if (got >= before(seeker) || got >= other.max || opening === undefined) continue
          const applicant = applicantOf({ ...other, running: other.running + got })
          assert.isNull(scoreIfGiven(applicant, opening), `${other.worker} ${job.id}`)
        }
      })
    },
    runs
  )

  it.prop(
    "gives the first ones alone if no more are wanted",
    { random: scene, count: Some(1, 2, 4) },
    ({ count, random }) => {
      assert.deepStrictEqual(told(chosenFrom(random, count)), told(chosenFrom(random)).slice(0, count))
    },
    runs
  )

  it.prop(
    "says when one of those who want more may have what is left, so that nobody has to look before",
    [scene],
    ([random]) => {
      const { choices, later } = chosenFrom(random)
      const wanting = random.seekers.flatMap((seeker) => {
        const got = choices.filter((choice) => choice.seeker === seeker).length
        return got < seeker.max ? [applicantOf({ ...seeker, running: seeker.running + got })] : []
      })
      const left = random.openings.filter(({ id }) => !choices.some(({ job }) => job.id === id))
      for (const [group, openings] of Map.groupBy(left, (opening) => opening.group)) {
        // Those behind one that was failed may come to be given first: they are heard of by and by.
        if (openings.some(({ failedBy }) => failedBy.length > 0)) continue
        const first = later.reduce(
          (least, one) => (one.group === group ? Math.min(least, one.at) : least),
          Infinity
        )
        for (const time of changes) {
          for (const opening of openings) {
            const at = chosenAt - opening.waited + time
            if (time <= opening.waited || at >= first) continue
            for (const applicant of wanting)
              assert.isNull(scoreIfGiven(applicant, { ...opening, waited: time }))
          }
        }
      }
    },
    runs
  )
})

// Mostly alike: nothing that is known to make a difference is left to chance.
const AlikeScene = Schema.Struct({
  waiting: Schema.Array(
    Schema.Struct({
      ...RandomWorker.fields,
      types: Schema.Literal(0),
      isPicky: Schema.Literal(false),
      isKeptFrom: Schema.Literal(0)
    })
  ).check(Schema.isMaxLength(workers.length)),
  groups: Schema.Array(
    Schema.Struct({
      ...RandomGroup.fields,
      fairnessKey: Schema.Null,
      better: Schema.Null,
      constraints: Schema.Array(Some(1, 2)).check(Schema.isMaxLength(1)),
      jobs: Schema.Array(Schema.Struct({ ...RandomJob.fields, failedBy: Schema.Literal(0) })).check(
        Schema.isMaxLength(5)
      )
    })
  ).check(Schema.isMaxLength(3)),
  turns: RandomTurns
})

describe("shareOut, at random", () => {
  it.prop(
    "says what choose does, wherever it answers",
    { random: Arbitrary.map(Arbitrary.schema(AlikeScene), sceneOf), count: Some(1, 3, 20) },
    ({ count, random: { queues, seekers } }) => {
      const groups = queues.map(({ group }) => group)
      const assignees = shareOut(groups, seekers, count)
      if (assignees === null) return
      const { choices } = chosenFrom({ seekers, queues }, count)
      assert.deepStrictEqual(
        choices.map(({ runnersUp, score, seeker }) => ({ seeker, score, runnersUp })),
        assignees.slice(0, choices.length)
      )
    },
    runs
  )
})
