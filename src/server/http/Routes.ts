/** The routes of the server: the contract and the documentation, and which methods each path takes. */
import { Api } from "../../domain/api/Api.ts"
import { makeAllowedMethods } from "./Problems.ts"

export const openapiPath = "/openapi.json"
export const docsPath = "/docs"

// A path parameter may be a name, percent-encoded. Paths are case-sensitive.
export const routerConfig = { maxParamLength: 512, caseSensitive: true }

const endpoints = [
  ...Object.values(Api.groups).flatMap((group) => Object.values(group.endpoints)),
  { path: openapiPath, method: "GET" },
  { path: docsPath, method: "GET" }
]

/** The methods that a path takes; none if there is no such route. */
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
 * Routes without parameters whose paths also match the route `pattern`, such as `/jobs/actions` for `/jobs/:id`, each with the
 * methods that it takes.
 */
export const lookalikesOf = (pattern: string): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map([...withoutParameters].filter(([path]) => path !== pattern && looksLike(pattern, path)))
