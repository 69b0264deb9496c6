/** As PostgreSQL's `max_wal_size`, in segments of 16 MiB: what there is to replay after a crash, about. */
const longSegments = 4

/** Watches how far the write-ahead log has grown since the last checkpoint. */
export class WriteAheadLog {
  readonly #segments = new Set<string>()

  synced(path: string): void {
    if (path.includes("/pg_wal/")) this.#segments.add(path)
  }

  isLong(): boolean {
    return this.#segments.size > longSegments
  }

  shorten(): void {
    this.#segments.clear()
  }
}
