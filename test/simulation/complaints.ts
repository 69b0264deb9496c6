/** What nobody should have to read in a log: what died of a defect, and not because the store was away. */
import { Cause, Logger } from "effect"
import { StoreUnavailable } from "../../src/domain/StoreUnavailable.ts"
import type { World } from "./World.ts"

/** Takes note that something died, unless it was interrupted or had no store. */
export const complain = (world: World, what: string, cause: Cause.Cause<unknown>): void => {
  if (Cause.squash(cause) instanceof StoreUnavailable || Cause.hasInterruptsOnly(cause)) return
  world.saw({ _tag: "Complaint", text: `${what}: ${Cause.pretty(cause)}` })
}

/** A log in which each cause is a complaint. */
export const complaintsOfLog = (world: World) =>
  Logger.make(({ cause, message }) => {
    if (cause.reasons.length > 0) complain(world, String(message), cause)
  })
