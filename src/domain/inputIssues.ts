/** What a Schema found wrong with input, in words for whoever sent it. */
import { type Schema, SchemaAST, SchemaIssue } from "effect"
import type { InputIssue } from "./Errors.ts"
import { nameForm } from "./Identifiers.ts"

/** What is said of an unknown field. */
export const unknownField = "is not a field that is known here"

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) => {
    switch (issue._tag) {
      case "UnexpectedKey":
        // Where any field may stand that has a name, as among skills.
        return SchemaAST.isObjects(issue.ast) && issue.ast.indexSignatures.length > 0
          ? nameForm
          : unknownField
      // What it would be called otherwise is a name of this project's own.
      case "InvalidType":
        return SchemaAST.isObjects(issue.ast) ? "must be an object" : SchemaIssue.defaultLeafHook(issue)
      case "MissingKey":
        return "is required"
      default:
        return SchemaIssue.defaultLeafHook(issue)
    }
  }
})

const toPath = (path: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined): string =>
  (path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment)).join(".")

/** All that is wrong, each with the path that leads to it. */
export const inputIssuesOf = (error: Schema.SchemaError): ReadonlyArray<InputIssue> =>
  formatIssues(error.issue).issues.map(({ message, path }) => ({ path: toPath(path), message }))

/** All that is wrong, in a line. */
export const describeIssues = (issues: ReadonlyArray<InputIssue>): string =>
  issues.map(({ message, path }) => (path === "" ? message : `${path}: ${message}`)).join("; ")
