import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NetworkProcess, Outcome } from '../../src/testing/private-network.ts'

/** A shell that takes its commands from us, one after the other. */
export class MeshShell {
  readonly #process: NetworkProcess
  readonly #output: string
  readonly #errors: string

  /** `folder` is one that the shell's user may write to. */
  constructor(process: NetworkProcess, folder: string) {
    this.#process = process
    const own = mkdtempSync(join(folder, 'shell-'))
    this.#output = join(own, 'output')
    this.#errors = join(own, 'errors')
  }

  /** Runs a line of shell to its end. */
  async run(line: string): Promise<Outcome> {
    const { child, stdout, stderr } = this.#process
    child.stdin?.write(`(\n${line}\n) </dev/null >${this.#output} 2>${this.#errors}; echo end $?\n`)
    const end = await stdout.line(/^end \d+$/).catch((error: unknown) => {
      throw new Error(`the shell ended: ${stderr.text}`, { cause: error })
    })
    stdout.clear()
    return {
      code: Number(end.slice('end '.length)),
      stdout: readFileSync(this.#output, 'utf8'),
      stderr: readFileSync(this.#errors, 'utf8'),
    }
  }
}
