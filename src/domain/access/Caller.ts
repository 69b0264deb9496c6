/** Whoever makes a request, and what is theirs to decide. */
import { Option } from "effect"
import type { Role, StoredToken } from "./Token.ts"

export interface Caller {
  /** A token's name, or `name/instance`; in an open server whatever was given. None if nothing was. */
  readonly name: Option.Option<string>
  readonly role: Role
  /** By which it was recognised; null in an open server. */
  readonly token: StoredToken | null
}

/** Whoever calls an open server: anyone may do everything. */
export const anyone = (name: Option.Option<string>): Caller => ({ name, role: "supervisor", token: null })

/** What the caller is called; null if it did not say. */
export const nameOf = ({ name }: Caller): string | null => Option.getOrNull(name)

/** The token that an identity is an instance of: many processes may share one. */
export const tokenNameOf = (identity: string): string => identity.replace(/\/.*$/s, "")

/** To whom the jobs belong that the caller creates; null for nobody. */
export const ownerOf = ({ name }: Caller): string | null => Option.getOrNull(Option.map(name, tokenNameOf))

/** Whether the caller may look at the attempt: a worker at its own alone. */
export const mayLookAt = (caller: Caller, attempt: { readonly worker: string }): boolean =>
  caller.role !== "worker" || attempt.worker === nameOf(caller)

/** Whether the caller may cancel, retry or change the job. */
export const mayDecideOn = (caller: Caller, job: { readonly createdBy: string | null }): boolean =>
  caller.role === "supervisor" || (job.createdBy !== null && job.createdBy === ownerOf(caller))
