/** What a worker asks for when it wants jobs. */
import { type Duration, Effect } from "effect"
import { Boss } from "../../../src/domain/Boss.ts"
import type { Vacancy } from "../../../src/domain/dispatching/Vacancies.ts"
import type { World } from "../World.ts"

/** Waits for jobs. It is seen at the server who waits and what the answer is, whether that arrives or not. */
export const claim = (world: World, vacancy: Vacancy, wait: Duration.Duration) =>
  Effect.flatMap(Boss, (boss) => world.waiting(vacancy, boss.claim(vacancy, wait))).pipe(
    Effect.tap((claimed) => Effect.sync(() => world.saw({ _tag: "Answered", claimed })))
  )
