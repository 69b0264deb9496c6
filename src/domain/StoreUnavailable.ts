/** That the store is away for now, which whoever calls it can only wait out. */
import { Cause, Data } from "effect"

const storeTroubles = {
  away: "the database does not answer",
  full: "the database has no space left",
  readOnly: "the database takes no changes"
}

/** The store cannot be reached or refuses to work for now. A later try may succeed. The message is fit for any caller. */
export class StoreUnavailable extends Data.TaggedError("StoreUnavailable")<{
  readonly cause: unknown
  /** What is the matter with it; it does not answer unless this says otherwise. */
  readonly trouble?: keyof typeof storeTroubles
}> {
  override get message(): string {
    return storeTroubles[this.trouble ?? "away"]
  }
}

/** Whether something failed for no other reason than that the store cannot be reached or refuses to work. */
export const isStoreUnavailable = (cause: Cause.Cause<unknown>): boolean =>
  Cause.squash(cause) instanceof StoreUnavailable
