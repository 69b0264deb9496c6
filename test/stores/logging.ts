/** How a store keeps the logs of jobs. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { ClaimedJob } from "../../src/domain/jobs/Claim.ts"
import { JobRepo } from "../../src/domain/jobs/JobRepo.ts"
import type { ProgressEvent } from "../../src/domain/attempts/SignOfLife.ts"
import {
  end,
  eventsOf,
  insertOne,
  logChunk,
  newJobId,
  present,
  progressWrite,
  startAgain,
  startOne,
  type Suite,
  transition
} from "./StoreKit.ts"

const marker = (bytes: number) => `[lazyboss dropped the oldest ${bytes} bytes of this log]\n`

const record = Effect.fnUntraced(function* (claimed: ClaimedJob, ...events: ReadonlyArray<ProgressEvent>) {
  const repo = yield* JobRepo
  const attempt = present(yield* repo.findAttempt(claimed.job.id, claimed.attempt.id))
  const written = yield* repo.recordProgress([progressWrite(claimed, attempt.mark, { events })])
  assert.notStrictEqual(written[0], null)
})

const readAll = Effect.fnUntraced(function* ({ job }: Pick<ClaimedJob, "job">) {
  const repo = yield* JobRepo
  const { bytes, size } = yield* repo.readLog(job.id, 0, null)
  assert.strictEqual(bytes.length, size)
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
})

export const logging = ({ it }: Suite): void => {
  it.effect("reads the log of all attempts, in the order in which they began", () =>
    Effect.gen(function* () {
      const one = yield* startOne()
      yield* record(one, logChunk(1, "a1 "), { id: 2, event: "message", data: "not log" }, logChunk(3, "a2 "))
      yield* record(one, logChunk(7, "a3 "))
      const two = yield* startAgain(present(yield* end(one, transition("released"))))
      yield* record(two, logChunk(1, "b1"))
      assert.strictEqual(yield* readAll(one), "a1 a2 a3 b1")
    })
  )

  it.effect("keeps any text, and counts in bytes", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const one = yield* startOne()
      const texts = ["\u0000", "é", "\ud83d\ude00", "\ufeff", "\r\n\\x00\\000'", ""]
      yield* record(one, ...texts.map((text, index) => logChunk(index + 1, text)))
      assert.strictEqual(yield* readAll(one), texts.join(""))
      const events = yield* eventsOf(one.attempt.id)
      assert.deepStrictEqual(
        events.map(({ data }) => data),
        texts
      )
      assert.strictEqual((yield* repo.readLog(one.job.id, 0, 0)).size, 1 + 2 + 4 + 3 + 11)
    })
  )

  it.effect("reads any part of a log, and nothing beyond its end", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const one = yield* startOne()
      yield* record(one, logChunk(1, "0123"), logChunk(2, "4567"))
      const part = (start: number, until: number | null) =>
        Effect.map(repo.readLog(one.job.id, start, until), ({ bytes, size, start: begin }) => {
          assert.strictEqual(size, 8)
          assert.strictEqual(begin, start < 0 ? Math.max(0, 8 + start) : start)
          return new TextDecoder().decode(bytes)
        })
      assert.strictEqual(yield* part(0, 8), "01234567")
      assert.strictEqual(yield* part(3, 5), "34")
      assert.strictEqual(yield* part(4, null), "4567")
      assert.strictEqual(yield* part(7, 100), "7")
      assert.strictEqual(yield* part(0, 0), "")
      assert.strictEqual(yield* part(8, null), "")
      assert.strictEqual(yield* part(9, null), "")
      assert.strictEqual(yield* part(100, 200), "")
      assert.strictEqual(yield* part(-1, null), "7")
      assert.strictEqual(yield* part(-5, null), "34567")
      assert.strictEqual(yield* part(-8, null), "01234567")
      assert.strictEqual(yield* part(-100, null), "01234567")
    })
  )

  it.effect("reads nothing of a job without a log", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      assert.strictEqual(yield* readAll({ job: yield* insertOne() }), "")
      const none = yield* repo.readLog(newJobId(), -5, null)
      assert.deepStrictEqual([none.size, none.start, none.bytes.length], [0, 0, 0])
      yield* repo.trimLog(newJobId(), 0)
    })
  )

  it.effect("drops whole chunks from the beginning until the rest fits, and says so", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const one = yield* startOne()
      const note = { id: 3, event: "note", data: "kept" }
      yield* record(one, logChunk(1, "éé"), logChunk(2, "1234"), note, logChunk(4, "5678"), logChunk(5, "9"))
      const events = eventsOf(one.attempt.id)
      yield* repo.trimLog(one.job.id, 13)
      assert.strictEqual(yield* readAll(one), "éé123456789")

      yield* repo.trimLog(one.job.id, 12)
      assert.strictEqual(yield* readAll(one), `${marker(4)}123456789`)
      assert.deepStrictEqual(yield* events, [
        { id: 1, event: "log_dropped", data: "4" },
        logChunk(2, "1234"),
        note,
        logChunk(4, "5678"),
        logChunk(5, "9")
      ])
      // What is left fits: the marker does not count.
      yield* repo.trimLog(one.job.id, 9)
      assert.strictEqual(yield* readAll(one), `${marker(4)}123456789`)

      yield* repo.trimLog(one.job.id, 4)
      assert.strictEqual(yield* readAll(one), `${marker(12)}9`)
      assert.deepStrictEqual(yield* events, [
        note,
        { id: 4, event: "log_dropped", data: "12" },
        logChunk(5, "9")
      ])
      assert.deepStrictEqual(yield* eventsOf(one.attempt.id, 4), [logChunk(5, "9")])

      yield* record(one, logChunk(6, "0"))
      // The newest chunk stays however long it is, or a worker that writes much at a time would leave no log at all.
      yield* repo.trimLog(one.job.id, 0)
      assert.strictEqual(yield* readAll(one), `${marker(13)}0`)
      yield* repo.trimLog(one.job.id, 0)
      assert.strictEqual(yield* readAll(one), `${marker(13)}0`)
    })
  )

  it.effect("trims across attempts, with one marker for all that was dropped", () =>
    Effect.gen(function* () {
      const repo = yield* JobRepo
      const one = yield* startOne()
      const note = { id: 2, event: "note", data: "kept" }
      yield* record(one, logChunk(1, "aaa"), note, logChunk(3, "bbb"))
      const two = yield* startAgain(present(yield* end(one, transition("released"))))
      yield* record(two, logChunk(1, "ccc"), logChunk(3, "ddd"))
      yield* repo.trimLog(one.job.id, 9)
      assert.strictEqual(yield* readAll(one), `${marker(3)}bbbcccddd`)
      yield* repo.trimLog(one.job.id, 5)
      assert.strictEqual(yield* readAll(one), `${marker(9)}ddd`)
      assert.deepStrictEqual(yield* eventsOf(one.attempt.id), [note])
      assert.deepStrictEqual(yield* eventsOf(two.attempt.id), [
        { id: 1, event: "log_dropped", data: "9" },
        logChunk(3, "ddd")
      ])
    })
  )
}
