/** What a shell is told so that it can complete commands. */
import { assert, describe, it } from "@effect/vitest"
import { commandsOn } from "../support/commands.ts"
import { launch } from "../support/processes.ts"

/** Nobody is asked. */
const lazyboss = commandsOn({ url: "http://127.0.0.1:1" })

describe("completions", () => {
  const complete = async (...words: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
    const script = await lazyboss.says("--completions", "bash")
    const ask = `
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      COMP_LINE="\${COMP_WORDS[*]}"
      COMP_POINT=\${#COMP_LINE}
      $(complete -p lazyboss | sed -E 's/.*-F ([^ ]+).*/\\1/') lazyboss "\${COMP_WORDS[COMP_CWORD]}"
      printf '%s\\n' "\${COMPREPLY[@]}"`
    const shell = launch("bash", ["--norc", "-s"], { input: `${script}\n${ask}\n` })
    assert.strictEqual((await shell.ended()).status, 0, shell.stderr())
    return shell.stdout().trim().split(/\s+/)
  }

  it("work in bash", async () => {
    assert.includeMembers([...(await complete("lazyboss", ""))], ["serve", "work", "job", "policy", "demo"])
    assert.deepStrictEqual(await complete("lazyboss", "sched"), ["schedule"])
    assert.deepStrictEqual(await complete("lazyboss", "job", "fol"), ["follow"])
    assert.deepStrictEqual(await complete("lazyboss", "job", "list", "--status", "canc"), ["cancelled"])
    assert.deepStrictEqual(await complete("lazyboss", "work", "x", "--concur"), ["--concurrency"])
  })

  it.each(["zsh", "fish"])("are there for %s", async (shell) => {
    const script = await lazyboss.says("--completions", shell)
    for (const word of ["serve", "schedule", "resume", "--concurrency".slice(2), "cancelled"]) {
      assert.include(script, word)
    }
  })
})
