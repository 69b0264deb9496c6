/** Keeps pages on the web from a server that is open to its own machine: the browser there reaches it for any of them. */
import { Context } from "effect"
import type { HttpServerRequest } from "effect/http"
import { isLoopback } from "../Settings.ts"

/** Whether a server without tokens is for users of its own machine only. */
export const OwnMachineOnly = Context.Reference<boolean>("lazyboss/server/http/OwnMachineOnly", {
  defaultValue: () => false
})

const isOwnName = (authority: string): boolean => {
  const name = authority.replace(/:\d*$/, "")
  return isLoopback(name) || name.toLowerCase().endsWith(".localhost")
}

/** Why a request seems to be made by a page from elsewhere; undefined if it does not. */
export const foreignness = ({ headers }: HttpServerRequest.HttpServerRequest): string | undefined => {
  const { host, origin } = headers
  // A page whose name has been made to lead here calls the server by that name.
  if (host !== undefined && !isOwnName(host)) return `this machine is not ${host}`
  // Any page may send a POST without a body to wherever it likes. The browser says whose it is.
  return origin === undefined || origin === `http://${host}`
    ? undefined
    : `pages of ${origin} may not do this`
}
