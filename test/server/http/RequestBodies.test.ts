import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { ByteSize, Effect, Latch, Layer } from "effect"
import { HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { Deadlines } from "../../../src/domain/Deadlines.ts"
import { NodeServerLive } from "../../../src/server/http/NodeServer.ts"
import { LargestBody, RequestBodies } from "../../../src/server/http/RequestBodies.ts"

const head = (headers: string, path = "/") =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`

/** What a server says of the body that `send` sends it: the JSON, or why it was not taken. */
const answerTo = Effect.fnUntraced(function* (
  send: (socket: Socket, isReading: Effect.Effect<void>) => Effect.Effect<unknown>
) {
  const isReading = yield* Latch.make()
  const app = Effect.gen(function* () {
    const bodies = yield* RequestBodies
    const request = yield* HttpServerRequest.HttpServerRequest
    // Opened when the body is being read, as far as it has come.
    yield* Effect.forkScoped(Effect.andThen(Effect.yieldNow, isReading.open))
    const value = yield* request.url === "/batch" ? bodies.readBatch(request) : bodies.readJson(request)
    return HttpServerResponse.text(JSON.stringify(value))
  }).pipe(Effect.catch((problem) => Effect.succeed(HttpServerResponse.text(problem._tag))))

  return yield* Effect.gen(function* () {
    const { address } = yield* HttpServer.HttpServer
    if (!("port" in address)) return assert.fail("the server does not listen on a port")
    const socket = connect(address.port, "127.0.0.1").setEncoding("utf8")
    let text = ""
    socket.on("data", (data) => (text += String(data)))
    const closed = once(socket, "close")
    yield* send(socket, isReading.await)
    yield* Effect.promise(() => closed)
    return text.slice(text.lastIndexOf("\r\n") + 2)
  }).pipe(
    Effect.provide(
      HttpServer.serve(app).pipe(
        Layer.provideMerge(NodeServerLive({ host: "127.0.0.1", port: 0 })),
        Layer.provide(RequestBodies.layer),
        Layer.provide(Layer.succeed(LargestBody, ByteSize.bytes(10))),
        Layer.provide(Deadlines.layer)
      )
    )
  )
})

const write = (socket: Socket, text: string) =>
  Effect.callback<void>((resume) => void socket.write(text, () => resume(Effect.void)))

describe("RequestBodies", () => {
  it.effect("read a body that comes in pieces", () =>
    Effect.gen(function* () {
      const answer = yield* answerTo((socket, isReading) =>
        write(socket, `${head("Content-Length: 6")}[1,`).pipe(
          Effect.andThen(isReading),
          Effect.andThen(write(socket, "23]"))
        )
      )
      assert.strictEqual(answer, "[1,23]")
    })
  )

  it.effect("do not wait for a body longer than a minute, and answer then", () =>
    Effect.gen(function* () {
      const answer = yield* answerTo((socket, isReading) =>
        write(socket, `${head("Content-Length: 6")}[1,`).pipe(
          Effect.andThen(isReading),
          Effect.andThen(TestClock.adjust("59999 millis")),
          Effect.andThen(Effect.yieldNow),
          Effect.andThen(Effect.sync(() => assert.strictEqual(socket.bytesRead, 0))),
          Effect.andThen(TestClock.adjust("1 millis"))
        )
      )
      assert.strictEqual(answer, "RequestTimeout")
    })
  )

  it.effect("take no more than the limit, whether the length was told or not", () =>
    Effect.gen(function* () {
      const told = yield* answerTo((socket) => write(socket, `${head("Content-Length: 11")}[1,2,3,4,5]`))
      const chunked = yield* answerTo((socket) =>
        write(socket, `${head("Transfer-Encoding: chunked")}5\r\n[1,2,\r\n6\r\n3,4,5]\r\n0\r\n\r\n`)
      )
      const just = yield* answerTo((socket) =>
        write(socket, `${head("Transfer-Encoding: chunked")}5\r\n[1,2,\r\n5\r\n3, 4]\r\n0\r\n\r\n`)
      )
      assert.deepStrictEqual([told, chunked, just], ["PayloadTooLarge", "PayloadTooLarge", "[1,2,3,4]"])
    })
  )

  it.effect("take more of an array where batches are taken, and of nothing else", () =>
    Effect.gen(function* () {
      const answerToBatch = (body: string) =>
        answerTo((socket) => write(socket, head(`Content-Length: ${body.length}`, "/batch") + body))
      const answers = yield* Effect.forEach(["[1,2,3,4,5]", '"12345678"', '"123456789"'], answerToBatch)
      assert.deepStrictEqual(answers, ["[1,2,3,4,5]", '"12345678"', "PayloadTooLarge"])
    })
  )

  it.effect("ask for a body that its sender holds back until it is wanted", () =>
    Effect.gen(function* () {
      const answer = yield* answerTo((socket) =>
        Effect.gen(function* () {
          yield* write(socket, head("Content-Length: 3\r\nExpect: 100-continue"))
          const [first] = yield* Effect.promise(() => once(socket, "data"))
          assert.strictEqual(first, "HTTP/1.1 100 Continue\r\n\r\n")
          yield* write(socket, "[1]")
        })
      )
      assert.strictEqual(answer, "[1]")
    })
  )
})
