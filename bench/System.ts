/** What every system under measurement has to do. */

/** A system that takes jobs and gives them out. Payloads are the same for all. */
export interface System {
  readonly name: string
  readonly start: () => Promise<void>
  /** Creates so many jobs in one call. */
  readonly create: (count: number) => Promise<void>
  /** Claims up to so many jobs in one call and finishes them in another; tells how many there were. */
  readonly work: (count: number) => Promise<number>
  /** How many jobs the system says are done. */
  readonly countDone: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** About 200 bytes, as JSON. */
export const payload = {
  url: "https://example.org/pictures/holiday/2026/beach-at-dawn.png",
  sizes: [64, 256, 1024],
  format: "webp",
  quality: 82,
  background: "#ffffff",
  callback: "https://example.org/thumbnails/ready",
  note: "made for comparison"
}
