/** What every store must do. Each store runs this suite. */
import { layer as withLayer } from "@effect/vitest"
import type { Layer } from "effect"
import type { Store } from "../../src/domain/Store.ts"
import { actingInBulk } from "./actingInBulk.ts"
import { amending } from "./amending.ts"
import { claiming } from "./claiming.ts"
import { counting, countingProjects, havingCounted } from "./counting.ts"
import { creating } from "./creating.ts"
import { deciding } from "./deciding.ts"
import { ending } from "./ending.ts"
import { explaining } from "./explaining.ts"
import { fallingDue } from "./fallingDue.ts"
import { goingUnclaimed } from "./goingUnclaimed.ts"
import { limiting } from "./limiting.ts"
import { living } from "./living.ts"
import { logging } from "./logging.ts"
import { policies } from "./policies.ts"
import { projects } from "./projects.ts"
import { reading } from "./reading.ts"
import { relaxing } from "./relaxing.ts"
import { retaining } from "./retaining.ts"
import { scheduling } from "./scheduling.ts"
import type { SuiteOptions } from "./StoreKit.ts"
import { sharing } from "./sharing.ts"
import { tokens } from "./tokens.ts"
import { workers } from "./workers.ts"

/** Runs all tests, one after another, on one store, in which each sees to it that it knows its own jobs. */
export const jobRepoSuite = (
  name: string,
  layer: Layer.Layer<Store, unknown>,
  { advance, live = false, startTimeout = "60 seconds" }: SuiteOptions
): void =>
  withLayer(layer, { excludeTestServices: live, timeout: startTimeout })(name, (it) => {
    for (const part of [
      creating,
      claiming,
      sharing,
      limiting,
      ending,
      living,
      logging,
      deciding,
      amending,
      fallingDue,
      goingUnclaimed,
      relaxing,
      explaining,
      actingInBulk,
      projects,
      retaining,
      reading,
      counting,
      countingProjects,
      policies,
      tokens,
      workers,
      scheduling,
      havingCounted
    ]) {
      part({ advance, it })
    }
  })
