import { assert, describe, it } from "@effect/vitest"
import {
  encodedSync,
  encodeQuery,
  FrontendMessages
} from "../../../../src/server/postgres/embedded/frontendMessages.ts"

const terminate = Uint8Array.of("X".charCodeAt(0), 0, 0, 0, 4)
const parse = Uint8Array.of("P".charCodeAt(0), 0, 0, 0, 8, 0, 0, 0, 0)
const startup = Uint8Array.of(0, 0, 0, 9, 0, 3, 0, 0, 0)

const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => Buffer.concat(parts)

/** What comes out when the bytes come in chunks of one size. */
const inChunks = (bytes: Uint8Array, size: number) => {
  const messages = new FrontendMessages()
  const runs = []
  for (let start = 0; start < bytes.length; start += size) {
    messages.push(bytes.subarray(start, start + size))
    const run = messages.takeMessages()
    if (run !== undefined) runs.push(run)
  }
  return runs
}

describe("FrontendMessages", () => {
  it("gives whole messages only, in order, however they were split", () => {
    const bytes = concat(encodeQuery("SELECT 1"), parse, encodedSync, encodeQuery("x".repeat(300)))
    for (let size = 1; size <= bytes.length; size++) {
      const runs = inChunks(bytes, size)
      assert.deepStrictEqual(
        Buffer.concat(runs.map((run) => run.bytes)),
        Buffer.from(bytes),
        `chunks of ${size}`
      )
      for (const run of runs)
        assert.include("PSQ", String.fromCharCode(run.bytes[0] ?? 0), `chunks of ${size}`)
    }
  })

  it("tells whether an exchange ends", () => {
    assert.deepStrictEqual(
      [parse, encodedSync, encodeQuery("SELECT 1")].map(
        (message) => inChunks(message, message.length)[0]?.endsExchange
      ),
      [false, true, true]
    )
  })

  it("keeps the goodbye from the database", () => {
    const [run] = inChunks(concat(encodedSync, terminate), 100)
    assert.deepStrictEqual(Buffer.from(run?.bytes ?? []), Buffer.from(encodedSync))
    assert.isTrue(run?.terminates)
  })

  it("takes a startup packet apart from what follows it", () => {
    const messages = new FrontendMessages()
    messages.push(startup.subarray(0, 7))
    assert.isUndefined(messages.takeStartup())
    messages.push(concat(startup.subarray(7), encodedSync))
    const packet = messages.takeStartup()
    assert.strictEqual(packet?._tag, "StartupPacket")
    assert.deepStrictEqual(Buffer.from(messages.takeMessages()?.bytes ?? []), Buffer.from(encodedSync))
  })

  it("refuses sizes that cannot be", () => {
    const messages = new FrontendMessages()
    messages.push(Uint8Array.of("Q".charCodeAt(0), 0, 0, 0, 3))
    assert.throws(() => messages.takeMessages())
  })
})
