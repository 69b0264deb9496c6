import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { RequestTimeout, Unauthenticated, Unavailable } from "../../../src/domain/Errors.ts"
import { respond } from "../../../src/server/http/Problems.ts"

const detail = "a test"

describe("a problem", () => {
  it.effect("comes with the headers that go with its status", () =>
    Effect.gen(function* () {
      const late = yield* respond(new RequestTimeout({ detail }))
      assert.deepStrictEqual([late.status, late.headers["connection"]], [408, "close"])
      const unknown = yield* respond(new Unauthenticated({ detail }))
      assert.deepStrictEqual([unknown.status, "www-authenticate" in unknown.headers], [401, true])
      const away = yield* respond(new Unavailable({ detail }))
      assert.deepStrictEqual([away.status, away.headers["retry-after"]], [503, "1"])
    })
  )
})
