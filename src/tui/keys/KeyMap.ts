/** What can be done where, by whom, and by which key. */
import type { PlaceKind } from "../state/Place.ts"
import type { Access } from "../state/State.ts"
import { type Binding, bindings } from "./bindings.ts"

const all: ReadonlyArray<Binding> = bindings

/** Whether somebody with this access may do it at all. What may not be done is not shown either. */
const isAllowed = (binding: Binding, access: Access): boolean =>
  (binding.needs === "client" || access.role === "supervisor") &&
  (binding.changes === undefined || !access.isReadOnly)

/** What can be done at a place. */
export const bindingsAt = (kind: PlaceKind, access: Access): ReadonlyArray<Binding> =>
  all.filter(
    (binding) => (binding.places === undefined || binding.places.includes(kind)) && isAllowed(binding, access)
  )

/** What a key does at a place; null if nothing. */
export const bindingOf = (key: string, kind: PlaceKind, access: Access): Binding | null =>
  bindingsAt(kind, access).find(({ keys }) => keys.includes(key)) ?? null

const spelled: Readonly<Record<string, string>> = {
  enter: "Enter",
  escape: "Esc",
  pagedown: "PgDn",
  pageup: "PgUp",
  space: "Space",
  tab: "Tab",
  home: "Home",
  end: "End",
  "ctrl+c": "Ctrl-C",
  "ctrl+f": "Ctrl-F",
  "ctrl+b": "Ctrl-B",
  "ctrl+r": "Ctrl-R",
  "ctrl+x": "Ctrl-X",
  "ctrl+z": "Ctrl-Z"
}
const arrows: Readonly<Record<string, string>> = { up: "↑", down: "↓", left: "←", right: "→" }

/** A key as it is written for people. */
export const spellKey = (key: string, isUnicode: boolean): string =>
  spelled[key] ??
  (isUnicode ? arrows[key] : undefined) ??
  (key in arrows ? `${key[0]?.toUpperCase()}${key.slice(1)}` : key)

/** What the palette offers for what was typed: names that begin so first, then those that contain it. */
export const completionsOf = (text: string, kind: PlaceKind, access: Access): ReadonlyArray<Binding> => {
  const typed = text.trim().toLowerCase()
  const offered = bindingsAt(kind, access).filter(({ name }) => name !== "palette")
  const begin = offered.filter(({ name }) => name.startsWith(typed))
  const contain = offered.filter(
    ({ name, title }) => !name.startsWith(typed) && `${name} ${title.toLowerCase()}`.includes(typed)
  )
  return [...begin, ...contain]
}
