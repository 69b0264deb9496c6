/** The advisory locks of the database: their numbers mean nothing, but all servers must know a lock by the same one. */
import type { Database } from "./Database.ts"

export const locks = {
  migrations: 7_266_229_016,
  groups: 7_266_229_017,
  counts: 7_266_229_018,
  unclaimed: 7_266_229_019,
  relaxed: 7_266_229_020
}

/** There is one of these for each name. What comes first says of what; the second number is a hash of the name. */
export const locksByName = {
  log: 726,
  policy: 727,
  schedule: 728,
  claim: 726_622
}

/** Lets nobody else have the lock of this name until the end of the transaction. */
export const lockName = (database: Database, of: keyof typeof locksByName, name: string) =>
  database.run("select pg_advisory_xact_lock($1, hashtext($2))", [locksByName[of], name])
