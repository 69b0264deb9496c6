/** What the terminal can show, for all components. */
import { createContext, type ReactNode, useContext } from "react"
import { Text } from "ink"
import { drawingOf, type Look, lookOf, type Tone } from "../look/Look.ts"

const LookContext = createContext<Look>(lookOf(true, true))

export const LookProvider = LookContext.Provider
export const useLook = (): Look => useContext(LookContext)

/** A piece of text with a meaning. */
export const Tinted = ({
  children,
  inverse = false,
  tone = "plain"
}: {
  readonly tone?: Tone | undefined
  readonly inverse?: boolean
  readonly children: ReactNode
}) => (
  <Text {...drawingOf(useLook(), tone)} inverse={inverse}>
    {children}
  </Text>
)
