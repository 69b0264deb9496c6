/** Where the embedded database keeps its files. */
import { NodeFS } from "@electric-sql/pglite/nodefs"
import * as Predicate from "effect/Predicate"
import { fsyncSync } from "node:fs"

type Init = NodeFS["init"]

interface OpenFile {
  readonly path: string
  readonly nfd: number
}

interface NodeFileSystem {
  readonly stream_ops: { fsync?: (file: OpenFile) => number }
  readonly tryFSOperation: <A>(operation: () => A) => A
}

/**
 * PGlite's file system on the disk, with an `fsync` that reaches the disk: Emscripten's own does nothing, so that a
 * commit would be lost with the machine's power. It is the one thing that cannot be had without Emscripten's insides:
 * `stream_ops` of NODEFS is where its `fsync` looks.
 */
export class DurableFileSystem extends NodeFS {
  readonly #onSync: (path: string) => void

  constructor(directory: string, onSync: (path: string) => void = () => {}) {
    super(directory)
    this.#onSync = onSync
  }

  override async init(...[postgres, options]: Parameters<Init>): ReturnType<Init> {
    const { emscriptenOpts } = await super.init(postgres, options)
    return {
      emscriptenOpts: {
        ...emscriptenOpts,
        preRun: [
          ...(emscriptenOpts.preRun ?? []),
          (module) => {
            this.#makeDurable(module.NODEFS)
          }
        ]
      }
    }
  }

  #makeDurable(fileSystem: unknown): void {
    if (!isNodeFileSystem(fileSystem)) {
      throw new Error("this version of PGlite has another file system: commits would not reach the disk")
    }
    fileSystem.stream_ops.fsync = (file) => {
      // Turns Node's error into the error number that PostgreSQL understands.
      fileSystem.tryFSOperation(() => fsyncSync(file.nfd))
      this.#onSync(file.path)
      return 0
    }
  }
}

const isNodeFileSystem = (value: unknown): value is NodeFileSystem =>
  Predicate.hasProperty(value, "stream_ops") &&
  Predicate.isObject(value.stream_ops) &&
  Predicate.hasProperty(value, "tryFSOperation") &&
  typeof value.tryFSOperation === "function"
