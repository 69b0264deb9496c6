/** What `lazyboss policy` does. */
import { Effect, Schema } from "effect"
import { TypePolicy } from "../../domain/api/Policies.ts"
import type { JsonValue } from "../../domain/Json.ts"
import { Policy } from "../../domain/policies/Policy.ts"
import { PolicyOverrides } from "../../domain/policies/PolicyOverrides.ts"
import { asContract } from "../input.ts"
import { writeJson, writeRaw, writeTable } from "../output/output.ts"
import { asking, type Connection } from "../server/asking.ts"
import { mistyped } from "../CommandError.ts"
import { assigned, flatten, type PathAndValue } from "./assignments.ts"

interface OfType extends Connection {
  readonly type: string
}

type TypePolicy = typeof TypePolicy.Type

const encode = Schema.encodeSync(TypePolicy)
const encodeOwn = Schema.encodeSync(PolicyOverrides)
const encodePolicy = Schema.encodeSync(Policy)

const describeValue = (value: JsonValue): string => {
  if (value === null) return "off"
  return typeof value === "string" ? value : JSON.stringify(value)
}

const describeOwn = ({ own }: TypePolicy): string =>
  flatten(encodeOwn(own))
    .map(([path, value]) => `${path}=${describeValue(value)}`)
    .join(" ")

const write = (policy: TypePolicy, json: boolean) => {
  if (json) return writeJson(encode(policy))
  const own = new Set(flatten(encodeOwn(policy.own)).map(([path]) => path))
  return writeTable<PathAndValue>(
    [
      { title: "FIELD", cell: ([path]) => path },
      { title: "VALUE", cell: ([, value]) => describeValue(value), mayShrink: true },
      { title: "", cell: ([path]) => (own.has(path) ? policy.type : { text: "inherited", tone: "quiet" }) }
    ],
    flatten(encodePolicy(policy)),
    "the policy says nothing"
  )
}

export const list = Effect.fnUntraced(function* ({
  json,
  ...server
}: Connection & { readonly json: boolean }) {
  const all = yield* asking(server, ({ policies }) => policies.list())
  if (json) return yield* writeJson(all.map((policy) => encode(policy)))
  yield* writeTable<TypePolicy>(
    [
      { title: "TYPE", cell: ({ type }) => type },
      { title: "SAYS ITSELF", cell: describeOwn, mayShrink: true }
    ],
    all,
    "no type says anything itself"
  )
})

export const get = ({ json, type, ...server }: OfType & { readonly json: boolean }) =>
  Effect.flatMap(
    asking(server, ({ policies }) => policies.get({ params: { type } })),
    (policy) => write(policy, json)
  )

export const set = Effect.fnUntraced(function* ({
  fields,
  json,
  replace,
  type,
  ...server
}: OfType & { readonly fields: ReadonlyArray<string>; readonly replace: boolean; readonly json: boolean }) {
  const params = { type }
  const { own } = yield* asking(server, ({ policies }) => policies.get({ params }))
  let wanted: { readonly [name: string]: JsonValue } = replace ? {} : encodeOwn(own)
  for (const field of fields) {
    const next = assigned(wanted, field)
    if (next === null) return yield* mistyped(`${field} must be like maxAttempts=3 or backoff.initial=1s`)
    wanted = next
  }
  const payload = yield* asContract(PolicyOverrides, wanted)
  const policy = yield* asking(server, ({ policies }) => policies.put({ params, payload }))
  yield* json ? write(policy, true) : writeRaw(`${type}: ${describeOwn(policy)}\n`)
})

export const reset = ({ type, ...server }: OfType) =>
  Effect.andThen(
    asking(server, ({ policies }) => policies.remove({ params: { type } })),
    writeRaw(`${type} inherits everything\n`)
  )
