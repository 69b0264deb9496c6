/** The client and the worker at a server that wants tokens. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { connect } from "../../src/client/index.ts"
import type { Role } from "../../src/domain/access/Token.ts"
import { theStore } from "../support/stores.ts"
import { quickPolicy, start, type TestServer } from "../support/TestServer.ts"
import { createTokens } from "../support/tokens.ts"
import { within } from "../support/waiting.ts"

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  within(
    promise.then(
      () => assert.fail("it was let in"),
      (error: unknown) => error
    ),
    "the refusal"
  )

describe("a server with tokens", () => {
  let server: TestServer
  let secrets: Record<Role, string>
  beforeAll(async () => {
    server = await start(theStore, quickPolicy)
    secrets = await createTokens(server)
  })
  afterAll(() => server.stop())

  it.each([undefined, "worker", "worker/7"])("lets a client and a worker in who is %s", async (identity) => {
    const { url } = server
    const client = connect({ url, token: secrets.client })
    const { createdBy, id, type } = await client.create({ type: `of-${identity ?? "nobody"}` })
    assert.strictEqual(createdBy, "client")
    const worker = connect({ url, token: secrets.worker, identity }).work({
      types: [type],
      run: () => Promise.resolve(1)
    })
    assert.strictEqual((await client.waitFor(id)).assignee, identity ?? "worker")
    await worker.stop()
  })

  it("refuses those with the wrong token, or with none, at once", async () => {
    const { url } = server
    for (const options of [{ token: "lzb_wrong" }, { identity: "worker" }, {}]) {
      const lazyboss = connect({ url, ...options })
      assert.include(String(await rejection(lazyboss.create({ type: "a" }))), "Unauthenticated")
      const { ended } = lazyboss.work({ types: ["a"], run: () => Promise.resolve(1) })
      assert.include(String(await rejection(ended)), "Unauthenticated")
    }
  })

  it("refuses a client that would work, and a worker that would create", async () => {
    const { url } = server
    assert.include(
      String(await rejection(connect({ url, token: secrets.worker }).create({ type: "a" }))),
      "Forbidden"
    )
    const { ended } = connect({ url, token: secrets.client }).work({
      types: ["a"],
      run: () => Promise.resolve(1)
    })
    assert.include(String(await rejection(ended)), "Forbidden")
  })
})
