/** Every setting of the server. The command line and the environment fill them in. */
import { type ByteSize, type Option, type Redacted, Result } from "effect"
import { NetAddress } from "effect/net"
import type { LogSettings } from "./logs/Logs.ts"

/** Which store to use. */
export interface StoreSettings {
  /** The PostgreSQL to use; without one, the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: Option.Option<Redacted.Redacted>
  /** Where the embedded PostgreSQL keeps its files. */
  readonly dataDir: string
}

export interface Settings extends StoreSettings, LogSettings {
  /** The address to listen on. */
  readonly host: string
  /** The port to listen on; 0 takes a free one. */
  readonly port: number
  /** The largest body of a request that carries no batch. */
  readonly maxBody: ByteSize.ByteSize
  /** Whether anyone who reaches the server may use it, from wherever. */
  readonly isOpenToAll: boolean
}

/** Whether only this machine can reach a server that listens on `host`. */
export const isLoopback = (host: string): boolean =>
  host.toLowerCase() === "localhost" ||
  Result.match(NetAddress.ipFromString(host.replace(/^\[(.*)\]$/, "$1")), {
    onFailure: () => false,
    onSuccess: NetAddress.isLoopback
  })
