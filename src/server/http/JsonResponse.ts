/** Answers in JSON. */
import { HttpServerResponse } from "effect/http"

/** A response of a value that is in the form in which it is sent. The type says which form the contract wants. */
export const jsonResponse = <A>(value: A, status: number, headers: Record<string, string> = {}) =>
  HttpServerResponse.jsonUnsafe(value, { status, headers })
