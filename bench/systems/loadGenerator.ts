/**
 * HTTP requests as cheap as they can be made, for the workers and clients of a job server are on other machines: on this
 * one they should take as little as possible of the time that is measured.
 */
import { Pool } from "undici"

export interface LoadGenerator {
  /** The answer's JSON; undefined if it has no body. Fails unless the status is one of success. */
  readonly call: (method: "GET" | "POST" | "PUT", path: string, body?: unknown) => Promise<unknown>
  readonly stop: () => Promise<void>
}

const headers = { "content-type": "application/json", authorization: "Bearer bench" }

/** At most so many requests at a time as there are connections. */
export const loadGenerator = (url: string, connections: number): LoadGenerator => {
  const pool = new Pool(url, { connections })
  return {
    call: (method, path, body) =>
      new Promise((resolve, reject) => {
        let status = 0
        let text = ""
        pool.dispatch(
          { method, path, headers, body: body === undefined ? null : JSON.stringify(body) },
          {
            onRequestStart: () => undefined,
            onResponseStart: (_, statusCode) => {
              status = statusCode
            },
            // All that is asked for here is ASCII, so that no character is cut.
            onResponseData: (_, chunk) => {
              text += chunk.toString("latin1")
            },
            onResponseEnd: () => {
              if (status >= 300) return reject(new Error(`${method} ${path}: ${status} ${text}`))
              try {
                resolve(text === "" ? undefined : JSON.parse(text))
              } catch (error) {
                reject(error)
              }
            },
            onResponseError: (_, error) => reject(error)
          }
        )
      }),
    stop: () => pool.destroy()
  }
}
