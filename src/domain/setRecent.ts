/** Bounded maps that drop their least recently used entries. They rely on a Map keeping the order of insertion. */

/** Sets the key as the most recent one. If the map has more than `most` entries then, the least recent ones are dropped. */
export const setRecent = <Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void => {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= most) break
    map.delete(oldest)
  }
}
