/** What every store must do. Each store runs this suite. */
import { layer as withLayer } from "@effect/vitest"
import type { Duration, Effect, Layer } from "effect"
import type { Store } from "../../src/domain/Store.ts"
import { claiming } from "./claiming.ts"
import { creating } from "./creating.ts"
import { deciding } from "./deciding.ts"
import { ending } from "./ending.ts"
import { fallingDue } from "./fallingDue.ts"
import { living } from "./living.ts"
import { logging } from "./logging.ts"
import { policies } from "./policies.ts"
import { reading } from "./reading.ts"
import { workers } from "./workers.ts"

export interface JobRepoSuiteOptions {
  /** Lets the store's time go on. It must stand still otherwise, so that tests can look at the millisecond before. */
  readonly advance: (duration: Duration.Input) => Effect.Effect<void>
  /** For a store with real input and output: no test clock. */
  readonly live?: boolean
  /** How long the store may take to start and to stop. */
  readonly startTimeout?: Duration.Input
}

/** Runs all tests, one after another, on one store, in which each sees to it that it knows its own jobs. */
export const jobRepoSuite = (
  name: string,
  layer: Layer.Layer<Store, unknown>,
  { advance, live = false, startTimeout = "60 seconds" }: JobRepoSuiteOptions
): void =>
  withLayer(layer, { excludeTestServices: live, timeout: startTimeout })(name, (it) => {
    for (const part of [
      creating,
      claiming,
      ending,
      living,
      logging,
      deciding,
      fallingDue,
      reading,
      policies,
      workers
    ]) {
      part({ advance, it })
    }
  })
