/** What went wrong, in a line for people. */
import { HttpClientError } from "effect/http"

/** Why a call to the server did not succeed. */
export const describeProblem = (error: { readonly _tag: string; readonly message: string }): string => {
  if (HttpClientError.isHttpClientError(error)) {
    const { reason } = error
    if (reason._tag === "TransportError") return "no server answers"
    if ("response" in reason) return `the server answers ${reason.response.status}`
  }
  if (error._tag === "Unauthenticated") return "the server wants a token: start again with --token"
  return error.message.split("\n")[0] ?? error._tag
}
