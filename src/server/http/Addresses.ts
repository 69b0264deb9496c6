/** Every address that there is, and which methods it takes. */
import { Api } from "../../domain/api/Api.ts"
import { makeAllowedMethods } from "./Problems.ts"

export const openapiPath = "/openapi.json"
export const docsPath = "/docs"

// A path parameter may be a name, percent-encoded. Addresses differ by case, as they do everywhere.
export const routerConfig = { maxParamLength: 512, caseSensitive: true }

const endpoints = [
  ...Object.values(Api.groups).flatMap((group) => Object.values(group.endpoints)),
  { path: openapiPath, method: "GET" },
  { path: docsPath, method: "GET" }
]

/** The methods that an address takes; none if there is no such address. */
export const allowedMethods = makeAllowedMethods(endpoints, routerConfig)

const withoutParameters = new Map(
  endpoints.flatMap(({ path }) => (path.includes(":") ? [] : [[path, allowedMethods(path)] as const]))
)

const looksLike = (pattern: string, path: string): boolean => {
  const segments = path.split("/")
  const expected = pattern.split("/")
  return (
    segments.length === expected.length &&
    expected.every((one, index) => one.startsWith(":") || one === segments[index])
  )
}

/**
 * The addresses without parameters that look like one of the endpoint at `pattern`, as `/jobs/actions` looks like that of a
 * job, with the methods that they take.
 */
export const lookalikesOf = (pattern: string): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map([...withoutParameters].filter(([path]) => path !== pattern && looksLike(pattern, path)))
