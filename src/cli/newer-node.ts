import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dieWithParent } from '../sandbox/programs.ts'
import { forwardSignals } from '../sandbox/signals.ts'

const neededMajor = 24

export function hasNeededNode(version: string): boolean {
  return Number.parseInt(version, 10) >= neededMajor
}

/** Starts this program again with the Node that npm installed beside it, and ends as that one ends. */
export async function runWithNewerNode(): Promise<void> {
  const node = findNode()
  if (node === undefined) {
    process.stderr.write(
      `error[CLI_NODE_TOO_OLD]: Node.js ${neededMajor} or newer is needed, this is ${process.version}\n` +
        `hint: Install Node.js ${neededMajor} or newer, or reinstall meshdns without --omit=optional.\n`,
    )
    process.exitCode = 3
    return
  }
  const argv = [...dieWithParent(process.env['PATH'] ?? '', 'TERM'), node, ...process.argv.slice(1)]
  const [program = node, ...words] = argv
  const child = spawn(program, words, { stdio: 'inherit' })
  forwardSignals(process, (signal) => child.kill(signal))
  await new Promise<void>((resolve) => {
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? 128 + constants.signals[signal ?? 'SIGTERM']
      resolve()
    })
  })
}

function findNode(): string | undefined {
  const require = createRequire(import.meta.url)
  const platform = `node-${process.platform}-${process.arch}`
  try {
    return require.resolve(`${platform}/bin/node`)
  } catch {
    return undefined
  }
}
