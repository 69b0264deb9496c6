/** Tokens, as a supervisor makes them. */
import { assert } from "@effect/vitest"
import type { Role } from "../../src/domain/access/Token.ts"
import { asRecord, call, expectStatus, jsonOf } from "./http.ts"
import type { Server } from "./TestServer.ts"

/** Creates a token and returns its secret. The first of a server needs nobody's. */
export const createToken = async (
  server: Server,
  name: string,
  role: Role,
  supervisor?: string
): Promise<string> => {
  const answer = await call(server, "POST", "/tokens", {
    json: { name, role },
    ...(supervisor !== undefined && { as: supervisor })
  })
  const { token } = asRecord(jsonOf(expectStatus(answer, 201)))
  return typeof token === "string" ? token : assert.fail("there is no secret")
}

/** A token of each role, named like it. */
export const createTokens = async (server: Server): Promise<Record<Role, string>> => {
  const supervisor = await createToken(server, "supervisor", "supervisor")
  return {
    supervisor,
    client: await createToken(server, "client", "client", supervisor),
    worker: await createToken(server, "worker", "worker", supervisor)
  }
}

/** The spellings of an identity and its secret, as the options of a call. */
export const spellings = {
  Basic: (name: string, secret: string) => ({
    headers: { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}` }
  }),
  Plain: (name: string, secret: string) => ({
    headers: { authorization: `Plain id=${encodeURIComponent(name)}&token=${secret}` }
  })
}
