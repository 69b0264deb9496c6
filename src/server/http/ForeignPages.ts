/** Keeps pages on the web from a server that is open to its own machine, which the browser there could call for any of them. */
import { Context } from "effect"
import type { HttpServerRequest } from "effect/http"
import { isLoopback } from "../Settings.ts"

/** Whether a server without tokens is for users of its own machine only. */
export const OwnMachineOnly = Context.Reference<boolean>("lazyboss/server/http/OwnMachineOnly", {
  defaultValue: () => false
})

const isOwnName = (host: string): boolean => {
  const name = host.replace(/:\d*$/, "")
  return isLoopback(name) || name.toLowerCase().endsWith(".localhost")
}

/**
 * Whether a browser makes the request for a page that is not the server's own. Browsers name the page (`Origin`, RFC 6454) with
 * all that changes something. A page whose name has been made to lead here calls the server by that name, as its own.
 */
export const isFromForeignPage = ({
  headers: { host = "", origin }
}: HttpServerRequest.HttpServerRequest): boolean =>
  origin !== undefined && (origin !== `http://${host}` || !isOwnName(host))
