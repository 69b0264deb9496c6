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

/** The methods of an address that has no parameters; undefined of one that has some. */
export const methodsOfItsOwn = (url: string): ReadonlySet<string> | undefined => {
  const [path = url] = url.split("?", 1)
  return withoutParameters.get(path)
}
