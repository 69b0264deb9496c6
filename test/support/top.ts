/** The dashboard, as a user starts it. */
import { cli, type Serving } from "./serving.ts"

/** The command line for a server, after settings of the environment. */
export const commandOfTop = ({ url }: Pick<Serving, "url">, args = "", settings = ""): string =>
  `env ${settings} "${process.execPath}" "${cli}" top --url ${url} ${args}`
