/** The jobs and workers of the demonstration, as data. */
import type { JsonValue } from "../../domain/Json.ts"
import type { Constraint, Skills } from "../../domain/matching/Constraint.ts"

/** Jobs of one type. */
export interface Kind {
  readonly type: string
  /** How many come of 100 jobs. */
  readonly share: number
  readonly parameters: JsonValue
  readonly constraints?: ReadonlyArray<Constraint>
  readonly tags?: ReadonlyArray<string>
  /** The least and the most seconds that one takes. */
  readonly seconds: readonly [least: number, most: number]
  /** How many of 100 attempts fail. */
  readonly failing: number
  readonly steps: ReadonlyArray<string>
}

export const kinds: ReadonlyArray<Kind> = [
  {
    type: "thumbnail",
    share: 68,
    parameters: { url: "https://example.org/beach.png", width: 64 },
    tags: ["images"],
    seconds: [1, 3],
    failing: 1,
    steps: ["loading the picture", "resizing", "writing beach-64.webp"]
  },
  {
    type: "video.transcode",
    share: 5,
    parameters: { url: "https://example.org/surf.mov", format: "webm" },
    constraints: [{ skill: "gpu", op: "contains", value: "cuda" }],
    tags: ["videos"],
    seconds: [15, 40],
    failing: 10,
    steps: ["probing", "first pass", "second pass", "packing", "uploading"]
  },
  {
    type: "report",
    share: 12,
    parameters: { of: "yesterday" },
    constraints: [{ skill: "memoryGb", op: "gte", value: 8 }],
    seconds: [4, 10],
    failing: 5,
    steps: ["reading the books", "adding up", "drawing charts"]
  },
  {
    type: "invoice",
    share: 12,
    parameters: { customer: 4711 },
    seconds: [1, 2],
    failing: 60,
    steps: ["looking up the customer", "writing the invoice"]
  },
  {
    type: "hologram",
    share: 3,
    parameters: { scene: "harbour" },
    constraints: [{ skill: "laser", op: "exists" }],
    seconds: [1, 1],
    failing: 0,
    steps: []
  }
]

/** The kind that a number from 0 to 100 falls on, by their shares. */
export const kindAt = (place: number): Kind | undefined => {
  let end = 0
  return kinds.find(({ share }) => (end += share) > place)
}

/** A worker. */
export interface Hand {
  readonly name: string
  readonly types: ReadonlyArray<string>
  readonly skills: Skills
  readonly concurrency: number
}

/** Nobody has a laser: holograms wait for ever. */
export const hands: ReadonlyArray<Hand> = [
  { name: "resize-1", types: ["thumbnail"], skills: { memoryGb: 2 }, concurrency: 2 },
  { name: "resize-2", types: ["thumbnail"], skills: { memoryGb: 2 }, concurrency: 2 },
  {
    name: "studio",
    types: ["video.*", "hologram"],
    skills: { memoryGb: 32, gpu: ["cuda"] },
    concurrency: 4
  },
  { name: "office", types: ["report", "invoice", "cleanup"], skills: { memoryGb: 16 }, concurrency: 4 }
]
