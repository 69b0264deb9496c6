import { once } from "node:events"
import { connect } from "node:net"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Latch, Layer } from "effect"
import { HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { ifUndelivered } from "../../../src/server/http/Delivery.ts"
import { NodeServerLive } from "../../../src/server/http/NodeServer.ts"

/** How often an answer was found to be undelivered: one that was read, or whose caller left before or after it was made. */
const answerOf = Effect.fnUntraced(function* (before: "answered in time" | "left before" | "left meanwhile") {
  const isTakenUp = yield* Latch.make()
  const isSettled = yield* Latch.make()
  let undelivered = 0
  const app = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const response = NodeHttpServerRequest.toServerResponse(request)
    response.once("close", () => setImmediate(() => isSettled.openUnsafe()))
    yield* isTakenUp.open
    if (before === "left before") yield* Effect.promise(() => once(response, "close"))
    yield* ifUndelivered(
      request,
      Effect.sync(() => {
        undelivered += 1
      })
    )
    if (before === "left meanwhile") yield* Effect.promise(() => once(response, "close"))
    return HttpServerResponse.text("delivered")
  })
  yield* Effect.gen(function* () {
    const { address } = yield* HttpServer.HttpServer
    if (!("port" in address)) return assert.fail("the server does not listen on a port")
    const socket = connect(address.port, "127.0.0.1").resume()
    socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    yield* isTakenUp.await
    if (before !== "answered in time") socket.destroy()
    yield* isSettled.await
  }).pipe(
    Effect.provide(
      HttpServer.serve(Effect.uninterruptible(app)).pipe(
        Layer.provideMerge(NodeServerLive({ host: "127.0.0.1", port: 0 }))
      )
    )
  )
  return undelivered
})

describe("ifUndelivered", () => {
  it.live("leaves alone what was delivered", () =>
    Effect.map(answerOf("answered in time"), (count) => assert.strictEqual(count, 0))
  )

  it.live("acts when the caller had gone before", () =>
    Effect.map(answerOf("left before"), (count) => assert.strictEqual(count, 1))
  )

  it.live("acts when the caller goes meanwhile", () =>
    Effect.map(answerOf("left meanwhile"), (count) => assert.strictEqual(count, 1))
  )
})
