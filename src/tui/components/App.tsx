/** The dashboard in a terminal: shows the state of the store, and hands keys to it. */
import { type Key, type SuspendTerminal, useApp, useInput } from "ink"
import { useEffect, useSyncExternalStore } from "react"
import type { Store } from "../state/Store.ts"
import { Screen } from "./Screen.tsx"

const named = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageDown", "pagedown"],
  ["pageUp", "pageup"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "escape"],
  ["tab", "tab"],
  ["backspace", "backspace"],
  ["delete", "backspace"]
] as const satisfies ReadonlyArray<readonly [keyof Key, string]>

const characters: Readonly<Record<string, string>> = {
  " ": "space",
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\b": "backspace",
  "\u007f": "backspace",
  "\u001b": "escape"
}

const nameOfCharacter = (character: string): string => {
  const code = character.charCodeAt(0)
  // What Ctrl makes of a letter is its place in the alphabet.
  return characters[character] ?? (code < 27 ? `ctrl+${String.fromCharCode(code + 96)}` : character)
}

/** The keys as the key map calls them. What is typed quickly, or pasted, comes together. */
export const keysOf = (input: string, key: Key): ReadonlyArray<string> => {
  const name = named.find(([property]) => key[property])?.[1]
  if (name !== undefined) return [name]
  if (key.ctrl) return [`ctrl+${input}`]
  return key.meta ? [] : [...input].map(nameOfCharacter)
}

interface AppProps {
  readonly store: Store
  /** Is given what hands the terminal to others for a while. */
  readonly onTerminal?: (suspendTerminal: SuspendTerminal) => void
}

export const App = ({ onTerminal, store }: AppProps) => {
  const { suspendTerminal } = useApp()
  useEffect(() => onTerminal?.(suspendTerminal), [onTerminal, suspendTerminal])
  const state = useSyncExternalStore(store.subscribe, store.shown)
  useInput((input, key) => keysOf(input, key).forEach(store.press))
  return <Screen state={state} />
}
