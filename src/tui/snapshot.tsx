/** `lazyboss top --once`: how things stand, printed once, for scripts and pipes. */
import { Clock, Duration, Effect, type Redacted, Schema } from "effect"
import { Box, renderToString, Text } from "ink"
import { LazybossClient } from "../client/LazybossClient.ts"
import { StatsSnapshot } from "../domain/stats/StatsSnapshot.ts"
import type { Worker } from "../domain/workers/Worker.ts"
import { Lines } from "./components/LineOfText.tsx"
import { LookProvider } from "./components/LookContext.tsx"
import { TableView } from "./components/TableView.tsx"
import { findRole, MayNotLook } from "./feed/access.ts"
import { calling } from "./feed/calling.ts"
import { formatTime, millisOf } from "./look/format.ts"
import { type Look, lookOfEnvironment } from "./look/Look.ts"
import { figureLines } from "./state/figures.ts"
import { newPane } from "./state/Place.ts"
import type { Row, Table } from "./tables/Table.ts"
import { typeRows, typesTable } from "./tables/types.ts"
import { workerRows, workersTable } from "./tables/workers.ts"

/** Rates are known from the second question on. */
const betweenQuestions = Duration.millis(1_100)
/** The width where there is no terminal that has one. */
const usualColumns = 100

interface Standing {
  readonly stats: StatsSnapshot
  readonly workers: ReadonlyArray<Worker>
  readonly now: number
}

const Whole = ({
  columns,
  rows,
  table
}: {
  readonly table: Table
  readonly rows: ReadonlyArray<Row>
  readonly columns: number
}) => (
  <TableView
    table={table}
    rows={rows}
    pane={newPane("alerts")}
    columns={columns}
    height={Math.max(1, rows.length)}
    isFocused={false}
    isPrinted
    nothing={table.nothing}
  />
)

const Page = ({
  columns,
  look,
  standing: { now, stats, workers }
}: {
  readonly standing: Standing
  readonly columns: number
  readonly look: Look
}) => {
  const figures = figureLines({ stats, samples: [], workers }, now, columns, 20, look)
  return (
    <LookProvider value={look}>
      <Box flexDirection="column">
        <Text>{`lazyboss ${stats.version} at ${formatTime(millisOf(stats.at), now)}`}</Text>
        <Text> </Text>
        <Lines lines={figures} columns={columns} height={figures.length} />
        <Text> </Text>
        <Whole table={typesTable} rows={typeRows(stats.types, now)} columns={columns} />
        <Text> </Text>
        <Whole table={workersTable} rows={workerRows(workers, now, look)} columns={columns} />
      </Box>
    </LookProvider>
  )
}

const encode = Schema.encodeSync(Schema.toCodecJson(StatsSnapshot))

/** The snapshot as text; as JSON it is what `GET /stats` answers. */
export const snapshot = ({
  isJson,
  token,
  url
}: {
  readonly url: string
  readonly token: Redacted.Redacted | undefined
  readonly isJson: boolean
}) =>
  Effect.gen(function* () {
    const client = yield* LazybossClient
    if ((yield* findRole) !== "supervisor") {
      return yield* new MayNotLook({ message: "a snapshot is for a supervisor, and the token is a client's" })
    }
    yield* Effect.sleep(betweenQuestions)
    const stats = yield* client.stats.stats()
    if (isJson) return JSON.stringify(encode(stats))
    const { items: workers } = yield* client.workers.list({ query: {} })
    const columns = process.stdout.columns ?? usualColumns
    const look = lookOfEnvironment(process.env, process.platform)
    const now = yield* Clock.currentTimeMillis
    return renderToString(<Page standing={{ stats, workers, now }} columns={columns} look={look} />, {
      columns
    })
  }).pipe(Effect.provide(calling({ url, token })))
