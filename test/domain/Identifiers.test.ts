import { assert, describe, it } from "@effect/vitest"
import { matchesType } from "../../src/domain/Identifiers.ts"

describe("matchesType", () => {
  it.each([
    ["video", "video", true],
    ["video", "video.encode", false],
    ["video.encode", "video", false],
    ["video", "Video", false],
    ["video.*", "video.encode", true],
    ["video.*", "video.", true],
    ["video.*", "video", false],
    ["video.*", "videoXencode", false],
    ["vid*", "video", true],
    ["video*", "video", true],
    ["*", "anything", true]
  ])("%s asks for %s: %s", (pattern, type, expected) => {
    assert.strictEqual(matchesType(pattern, type), expected)
  })
})
