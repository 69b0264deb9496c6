/** The whole screen, as a state has it. */
import { Box, Text } from "ink"
import { isTooSmall, smallest } from "../state/layout.ts"
import type { State } from "../state/State.ts"
import { Foot } from "./Foot.tsx"
import { Head } from "./Head.tsx"
import { LookProvider } from "./LookContext.tsx"
import { Help, Palette } from "./Overlays.tsx"
import { Body } from "./Body.tsx"

const TooSmall = ({ size }: Pick<State, "size">) => (
  <Text>{`This terminal has ${size.columns} columns and ${size.rows} rows; lazyboss top needs ${smallest.columns} and ${smallest.rows}.`}</Text>
)

export const Screen = ({ state }: { readonly state: State }) => {
  const { look, prompt, size } = state
  return (
    <LookProvider value={look}>
      <Box flexDirection="column" width={size.columns} height={size.rows}>
        {isTooSmall(state) ? (
          <TooSmall size={size} />
        ) : (
          <>
            <Head state={state} />
            {prompt?.kind === "help" ? (
              <Help state={state} offset={prompt.offset} />
            ) : prompt?.kind === "palette" ? (
              <Palette state={state} prompt={prompt} />
            ) : (
              <Body state={state} />
            )}
            <Foot state={state} />
          </>
        )}
      </Box>
    </LookProvider>
  )
}
