/** The messages between the server's thread and the database's thread. */
import * as Schema from "effect/Schema"

export const ThreadData = Schema.Struct({ clusterDirectory: Schema.String })

/** What the server's thread tells the database's thread. */
export type ToDatabase =
  | { readonly _tag: "Bytes"; readonly session: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly _tag: "SessionClosed"; readonly session: number }
  | { readonly _tag: "Shutdown" }

/** What the database's thread tells the server's thread. `Handled` answers one `Bytes`, after its last `Answer`. */
export type FromDatabase =
  | { readonly _tag: "Started" }
  | { readonly _tag: "Log"; readonly line: string }
  | { readonly _tag: "Answer"; readonly session: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly _tag: "Handled"; readonly session: number }
  | { readonly _tag: "SessionEnded"; readonly session: number }
  | { readonly _tag: "Failed"; readonly reason: string }
