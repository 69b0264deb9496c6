/** A server on the store in memory, in a process of its own, which tells how large its heap is and what it has cost. */
import { Effect, Layer, References } from "effect"
import { HttpServer } from "effect/http"
import { Peers } from "../../src/domain/events/Peers.ts"
import { ApplicationLive } from "../../src/server/Application.ts"
import { NodeServerLive } from "../../src/server/http/NodeServer.ts"
import * as MemoryStore from "../../src/server/memory/MemoryStore.ts"

const tellTheParent = HttpServer.addressFormattedWith((url) =>
  Effect.sync(() => {
    process.send?.({ url })
    process.on("message", (question) => {
      if (question === "cost") {
        const { system, user } = process.cpuUsage()
        process.send?.({ cost: system + user })
        return
      }
      // The collector is called twice, for what is freed late.
      globalThis.gc?.()
      globalThis.gc?.()
      process.send?.({ heap: process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers })
    })
  })
)

const server = Layer.effectDiscard(tellTheParent).pipe(
  Layer.provide(ApplicationLive),
  Layer.provide(NodeServerLive({ host: "127.0.0.1", port: 0 })),
  Layer.provide([MemoryStore.layer, Peers.none, Layer.succeed(References.MinimumLogLevel, "Warn")])
)

await Effect.runPromise(Layer.launch(server))
