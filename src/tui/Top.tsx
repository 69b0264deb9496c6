/** `lazyboss top`: the dashboard from its first frame to the last, which leaves the terminal as it was. */
import { Clock, Deferred, Duration, Effect, FiberSet, type Redacted } from "effect"
import { render, type SuspendTerminal } from "ink"
import { type LazybossClient, plainClient } from "../client/LazybossClient.ts"
import { App } from "./components/App.tsx"
import { findRole } from "./feed/access.ts"
import { calling } from "./feed/calling.ts"
import { carryOut, countFitting } from "./feed/carryOut.ts"
import { feed } from "./feed/Feed.ts"
import * as Pages from "./feed/pages.ts"
import type { Order } from "./keys/Step.ts"
import { lookOfEnvironment } from "./look/Look.ts"
import { initialState } from "./state/State.ts"
import * as Store from "./state/Store.ts"
import { stopUntilContinued } from "./suspending.ts"

export interface TopOptions {
  /** Where the server is. */
  readonly url: string
  readonly token: Redacted.Redacted | undefined
  /** Whether nothing may be changed, whatever the token allows. */
  readonly isReadOnly: boolean
}

/** The clock of what is shown. */
const tick = Duration.seconds(1)

/** How many frames may be drawn in a second of what keys do. What is told has its own, slower pace. */
const mostFrames = 60

/** By OSC 52 the terminal itself puts a text on the clipboard, also where it is another machine's. */
const clipboardSequence = (text: string): string =>
  `\u001b]52;c;${Buffer.from(text).toString("base64")}\u0007`

const sizeOf = ({ columns, rows }: NodeJS.WriteStream) => ({ columns, rows })

const draw = (store: Store.Store, onTerminal: (suspendTerminal: SuspendTerminal) => void) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      // What is typed until the first frame is not to appear in it, nor to push it aside.
      process.stdin.setRawMode(true)
      process.stdout.write("\r")
      return render(<App store={store} onTerminal={onTerminal} />, {
        alternateScreen: true,
        incrementalRendering: true,
        exitOnCtrlC: false,
        interactive: true,
        maxFps: mostFrames
      })
    }),
    (instance) => Effect.sync(() => instance.unmount())
  )

const followSize = (store: Store.Store, stdout: NodeJS.WriteStream) => {
  const onResize = () => store.dispatch({ kind: "resized", ...sizeOf(stdout) })
  return Effect.acquireRelease(
    Effect.sync(() => stdout.on("resize", onResize)),
    () => Effect.sync(() => stdout.off("resize", onResize))
  )
}

const keepTime = (store: Store.Store) =>
  Effect.sleep(tick).pipe(
    Effect.andThen(Clock.currentTimeMillis),
    Effect.map((now) => store.dispatch({ kind: "ticked", now })),
    Effect.forever
  )

const run = ({ isReadOnly, token, url }: TopOptions) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { stdout } = process
      const role = yield* findRole
      const http = yield* plainClient({ url, token })
      const pages = yield* Pages.make(http, role === "supervisor")
      const ended = yield* Deferred.make<void>()
      let suspendTerminal: SuspendTerminal | null = null
      const perform = yield* FiberSet.makeRuntime<LazybossClient>()

      const onOrder = (order: Order) => {
        switch (order.kind) {
          case "quit":
            return void Deferred.doneUnsafe(ended, Effect.void)
          case "suspend":
            return void (suspendTerminal !== null && stopUntilContinued(suspendTerminal))
          case "copy":
            return void stdout.write(clipboardSequence(order.text))
          case "count":
            return void perform(countFitting(store, order.verb, order.filter))
          case "change":
            return void perform(
              Effect.andThen(
                carryOut(store, order.change),
                Effect.sync(() => pages.refresh())
              )
            )
        }
      }
      const store = Store.make(
        initialState({
          url,
          look: lookOfEnvironment(process.env, process.platform),
          access: { role, isReadOnly },
          now: yield* Clock.currentTimeMillis,
          size: sizeOf(stdout)
        }),
        pages.onChange,
        onOrder
      )
      pages.onChange(store.current(), null)

      const instance = yield* draw(store, (suspend) => {
        suspendTerminal = suspend
      })
      yield* followSize(store, stdout)
      yield* Effect.forkScoped(store.showFrames)
      yield* Effect.forkScoped(keepTime(store))
      yield* Effect.forkScoped(pages.read(store))
      if (role === "supervisor") yield* Effect.forkScoped(feed(http, store))
      // It ends by itself if it cannot be drawn.
      yield* Effect.raceFirst(
        Deferred.await(ended),
        Effect.promise(() => instance.waitUntilExit())
      )
    })
  )

/** Shows the dashboard until its user quits. */
export const top = (options: TopOptions) =>
  run(options).pipe(Effect.provide(calling({ url: options.url, token: options.token })))
